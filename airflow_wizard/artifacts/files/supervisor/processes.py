"""Finding, recognising and ending the processes of a stack."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

# Every process of a stack carries this variable, workers and tasks included: that is how none is missed.
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
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    return int(stat.rpartition(b")")[2].split()[19])


def is_alive(pid: int, ticks: int) -> bool:
    """True when this very process still runs, and not another one that got its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return ticks == 0
    return ticks == 0 or start_ticks(pid) == ticks


def processes_of(stack_id: str) -> list[int]:
    """Every process that carries this stack's mark in its environment, but this one."""
    wanted = f"{MARK}={stack_id}".encode()
    found = []
    proc = Path("/proc")
    if not proc.is_dir():
        return found
    for entry in proc.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environ = (entry / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environ.split(b"\0"):
            found.append(int(entry.name))
    return found


def end_all(stack_id: str, grace: float) -> list[int]:
    """End every marked process: TERM, then KILL after ``grace`` seconds. Returns what was found."""
    first = processes_of(stack_id)
    left = first
    for sig, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sig)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            reap()
            left = processes_of(stack_id)
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
