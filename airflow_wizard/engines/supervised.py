"""The supervisor of a stack without containers and its processes, seen from outside."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

MARK = "AIRFLOW_WIZARD_STACK_ID"


@dataclass(frozen=True, slots=True)
class ComponentState:
    """One component as the supervisor last saw it; times in unix seconds.

    ``log_from`` is the size its log had when it was last started, None where that is not known.
    """

    name: str
    pid: int | None
    state: str
    since: float
    restarts: int
    exit_code: int | None
    log_from: int | None = None


@dataclass(frozen=True, slots=True)
class SupervisorState:
    """The supervisor as it was observed just now. ``running`` comes from its lock, never from the file.

    ``ended_well`` tells of one that does not run whether it stopped because it was told to.
    """

    running: bool
    pid: int | None
    stack_id: str
    fingerprint: str
    components: tuple[ComponentState, ...]
    sessions: tuple[int, ...] = ()
    ended_well: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """What a component's processes take: their number, CPU seconds so far, memory in bytes (PSS where readable)."""

    processes: int
    cpu_seconds: float
    memory: int | None


def read_supervisor(folder: str) -> SupervisorState:
    """The state of the stack's supervisor; never raises for a missing or damaged file."""
    running = lock_is_held(Path(folder) / "run" / "supervisor.lock")
    try:
        raw = json.loads((Path(folder) / "run" / "supervisor.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raw = {}
    if not isinstance(raw, dict):
        raw = {}
    pid = _pid(raw.get("pid"))
    if running and not (pid and _is_alive(pid)):
        # A new supervisor has the lock and still clears away what an earlier one left; the file is the earlier one's.
        raw = {**raw, "components": _waiting(raw.get("components"))}
        pid = None
    return SupervisorState(
        running=running,
        pid=pid if running else None,
        stack_id=str(raw.get("stack_id", "")),
        fingerprint=str(raw.get("fingerprint", "")),
        components=tuple(_components(raw.get("components"), running=running)),
        sessions=_sessions(raw.get("sessions")),
        ended_well=raw.get("stopping") is True or "components" not in raw,
    )


def _pid(value: object) -> int | None:
    """A number that can be a process; a damaged file may hold any."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _sessions(raw: object) -> tuple[int, ...]:
    return tuple(s for s in map(_pid, raw) if s is not None) if isinstance(raw, list) else ()


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def _waiting(components: object) -> dict[object, object]:
    known = components if isinstance(components, dict) else {}
    return {name: {"state": "waiting", "restarts": 0} for name in known}


def _components(raw: object, *, running: bool) -> Iterator[ComponentState]:
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        if not isinstance(entry, dict):
            continue
        code, since, restarts = entry.get("exit_code"), entry.get("since"), entry.get("restarts")
        yield ComponentState(
            name=str(name),
            pid=_pid(entry.get("pid")) if running else None,
            state=str(entry.get("state", "")) if running else "stopped",
            since=float(since) if isinstance(since, int | float) and abs(since) < 1e12 else 0.0,
            restarts=restarts if isinstance(restarts, int) else 0,
            exit_code=code if isinstance(code, int) else None,
            log_from=_size(entry.get("log_from")) if running else None,
        )


def lock_is_held(path: Path) -> bool:
    """True when a process holds the lock of this file; False when none does, or there is no file."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def stack_id_of(folder: str) -> str:
    """The id every process of the stack carries; empty when the stack has no supervisor.json."""
    try:
        raw = json.loads((Path(folder) / "supervisor.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    return str(raw.get("stack_id", "")) if isinstance(raw, dict) else ""


def processes_of(folder: str) -> list[psutil.Process]:
    """Every running process of the stack, the supervisor included.

    A process is the stack's when it carries its mark, or belongs to the session of a component and works in the
    stack's folder (setproctitle overwrites the environment that the system shows).
    """
    import psutil

    stack_id = stack_id_of(folder)
    state = read_supervisor(folder)
    here = os.path.realpath(folder)
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                continue
            marked = bool(stack_id) and process.environ().get(MARK) == stack_id
            if (
                marked
                or process.pid == state.pid
                or (os.getsid(process.pid) in state.sessions and os.path.realpath(process.cwd()) == here)
            ):
                found.append(process)
    return found


def usage_by_component(state: SupervisorState) -> dict[str, Usage]:
    """What each component and all its descendants take right now."""
    import psutil

    result: dict[str, Usage] = {}
    for component in state.components:
        if component.pid is None:
            continue
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(component.pid)
            family = [root, *root.children(recursive=True)]
            parts = [u for u in map(_usage, family) if u is not None]
            if parts:
                memories = [m for _, m in parts if m is not None]
                result[component.name] = Usage(
                    len(parts), sum(c for c, _ in parts), sum(memories) if memories else None
                )
    return result


def _usage(process: psutil.Process) -> tuple[float, int | None] | None:
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return None
    memory: int | None = None
    try:
        # One small file instead of psutil's walk over every mapping (proc(5): smaps_rollup, Linux 4.14).
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                memory = int(line.split()[1]) * 1024
                break
    except OSError:
        with contextlib.suppress(psutil.Error):
            memory = process.memory_info().rss
    return times.user + times.system, memory


def log_files(folder: str) -> dict[str, Path]:
    """Log file of each component and of the supervisor, by unit name."""
    logs = Path(folder) / "logs" / "components"
    found: dict[str, Path] = {}
    with contextlib.suppress(OSError):
        found.update({p.stem: p for p in sorted(logs.glob("*.log"))})
    return found


def log_file(folder: str, unit: str) -> Path:
    """Where a unit's log is, or will be."""
    return Path(folder) / "logs" / "components" / f"{unit}.log"


def log_tail(folder: str, unit: str, lines: int = 20) -> list[str]:
    """The last lines of a unit's log; empty when there is none. Reads at most 64 KiB."""
    path = Path(folder) / "logs" / "components" / f"{unit}.log"
    try:
        with path.open("rb") as handle:
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - 65536))
            return handle.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []


def log_sizes(folder: str) -> dict[str, int]:
    """Bytes in each component's log: one of the signs that something still moves."""
    sizes = {}
    for unit, path in log_files(folder).items():
        with contextlib.suppress(OSError):
            sizes[unit] = path.stat().st_size
    return sizes


def log_between(folder: str, unit: str, start: int, end: int) -> list[str]:
    """Lines written between two sizes of a unit's log; at most the last 64 KiB of them."""
    path = Path(folder) / "logs" / "components" / f"{unit}.log"
    try:
        with path.open("rb") as handle:
            handle.seek(max(start, end - 65536))
            return handle.read(end - handle.tell()).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
