"""What families of processes take: one pass over the process table, however many families are asked for."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Family:
    """A process and everything it started.

    Attributes:
        processes: how many there are.
        cpu_seconds: CPU time of all of them so far.
        memory: bytes, PSS where the system tells it, else resident size; None when not asked for or not readable.
        started: when the first one started, unix seconds; None when unknown.
    """

    processes: int
    cpu_seconds: float
    memory: int | None = None
    started: float | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    parent: int
    cpu: float
    started: float


def families(roots: Iterable[int], *, memory: bool = True, alone: frozenset[int] = frozenset()) -> dict[int, Family]:
    """The family of each process in ``roots`` that is alive; a dead or unfamiliar one is left out.

    Args:
        roots: process ids.
        memory: read memory as well; that costs about a millisecond for a process of 300 MB.
        alone: of these only the process itself is counted, without what it started.
    """
    table = _table()
    children: dict[int, list[int]] = {}
    for pid, row in table.items():
        children.setdefault(row.parent, []).append(pid)
    found = {}
    for root in roots:
        if root not in table:
            continue
        members = [root] if root in alone else _descendants(root, children)
        sizes = [size for size in map(memory_of, members) if size is not None] if memory else []
        found[root] = Family(
            len(members), sum(table[pid].cpu for pid in members), sum(sizes) if sizes else None, table[root].started
        )
    return found


def memory_of(pid: int) -> int | None:
    """Bytes of one process: PSS, which counts a shared page once over all that share it; else resident size."""
    with contextlib.suppress(OSError):
        return pss_of(pid)
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return None


def pss_of(pid: int) -> int:
    """Bytes of one process, PSS.

    Raises:
        PermissionError: this user may not read it.
        OSError: the process is gone, or this system does not tell.
    """
    # One small file instead of a walk over every mapping (proc(5): smaps_rollup, Linux 4.14).
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _descendants(root: int, children: Mapping[int, list[int]]) -> list[int]:
    members = [root]
    for pid in members:
        members += children.get(pid, ())
    return members


def _table() -> dict[int, _Row]:
    return _from_proc() if sys.platform.startswith("linux") else _from_psutil()


def _from_proc() -> dict[int, _Row]:
    import psutil

    ticks = os.sysconf("SC_CLK_TCK")
    booted = psutil.boot_time()
    rows = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - a Path for each of some hundred entries is the cost here
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as handle:  # noqa: PTH123 - as above
                # proc(5): the command in parentheses may hold spaces and parentheses; fields count from behind it.
                fields = handle.read().rpartition(b")")[2].split()
            if fields[0] != b"Z":
                cpu = (int(fields[11]) + int(fields[12])) / ticks
                rows[int(name)] = _Row(int(fields[1]), cpu, booted + int(fields[19]) / ticks)
        except (OSError, ValueError, IndexError):
            continue
    return rows


def _from_psutil() -> dict[int, _Row]:
    import psutil

    rows = {}
    for process in psutil.process_iter(["ppid", "cpu_times", "create_time", "status"]):
        seen = process.info
        if seen["status"] == psutil.STATUS_ZOMBIE or seen["ppid"] is None:
            continue
        times = seen["cpu_times"]
        cpu = times.user + times.system if times else 0.0
        rows[process.pid] = _Row(int(seen["ppid"]), cpu, float(seen["create_time"] or 0.0))
    return rows
