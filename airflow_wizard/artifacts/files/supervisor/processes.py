"""Finding, recognising and ending the processes of a stack."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .layout import HERE

if TYPE_CHECKING:
    from collections.abc import Collection

# Every process of a stack carries this variable and belongs to the session of its component. The session is needed
# as well: setproctitle, which Airflow and gunicorn use, overwrites the environment that /proc shows.
MARK = "AIRFLOW_WIZARD_STACK_ID"

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Linux's prctl; silently nothing elsewhere, where the clean-up by process group has to do."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def start_ticks(pid: int) -> int:
    """When a process started, in clock ticks since boot (proc(5), field 22); 0 where that cannot be read."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields else 0


def stat_fields(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat behind the name of the program; empty where that cannot be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []


def is_alive(pid: int, ticks: int) -> bool:
    """True when this very process still runs, and not another one that got its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return ticks == 0
    fields = stat_fields(pid)
    # Where process 1 reaps nobody, as in many containers, a killed supervisor stays a zombie for ever.
    if fields and fields[0] == b"Z":
        return False
    return ticks == 0 or start_ticks(pid) == ticks


def processes_of(stack_id: str, sessions: Collection[int]) -> list[int]:
    """Every process of the stack but this one: marked, or of one of the sessions and working in the stack's folder."""
    mark = f"{MARK}={stack_id}".encode()
    found: list[int] = []
    proc = Path("/proc")
    if not proc.is_dir():
        return found
    for entry in proc.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            if fields[0] == b"Z":
                continue
            marked = mark in (entry / "environ").read_bytes().split(b"\0")
            member = int(fields[3]) in sessions and (entry / "cwd").readlink() == HERE
        except (OSError, ValueError, IndexError):
            continue
        if marked or member:
            found.append(int(entry.name))
    return found


def end_all(stack_id: str, sessions: Collection[int], grace: float) -> list[int]:
    """End every process of the stack: TERM, then KILL after ``grace`` seconds. Returns what was found."""
    first = processes_of(stack_id, sessions)
    left = first
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            reap()
            left = processes_of(stack_id, sessions)
            if left:
                time.sleep(0.05)
        if not left:
            break
    return first


def reap() -> dict[int, int]:
    """Exit codes of children that ended, negative for a signal; also of orphans given to us."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = os.waitstatus_to_exitcode(status)
