"""Running a command to its end: output line by line, cancellable, no orphan left behind."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.errors import InterruptedByUserError, StepFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TAIL = 40
_POLL = 0.05
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended: exit code (negative for a signal), its last lines, seconds it took."""

    code: int
    tail: tuple[str, ...]
    seconds: float


def run_command(
    argv: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    typed: str = "",
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], None] | None = None,
    cancel: threading.Event | None = None,
) -> Finished:
    """Run ``argv`` in a session of its own, without a shell and without a terminal.

    Args:
        argv: program and arguments.
        cwd: working folder.
        env: the whole environment.
        typed: text on standard input (a program that wants a password finds no terminal and reads it there).
        on_line: called with every line of standard output and standard error, as it came, from the calling thread;
            what it raises ends the command and is passed on.
        on_tick: called while it runs, at each line and about twenty times a second.
        cancel: when set, the command and everything it started is ended.

    Raises:
        StepFailedError: the program cannot be started.
        InterruptedByUserError: ``cancel`` was set.
    """
    began = time.monotonic()
    try:
        child = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE if typed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise StepFailedError(
            f"{argv[0]} cannot be started: {error.strerror or error}",
            why="nothing after it can work without it",
            next=f"see that {argv[0]} exists and may be executed",
        ) from error
    tail: deque[str] = deque(maxlen=_TAIL)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(child, lines), daemon=True).start()

    def told(line: str) -> None:
        tail.append(line)
        if on_line is not None:
            on_line(line)

    try:
        if typed and child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(typed)
                child.stdin.close()
        _follow(child, lines, told, on_tick or _nothing, cancel)
    except BaseException:
        _end_group(child)
        raise
    return Finished(child.returncode, tuple(tail), time.monotonic() - began)


def _nothing() -> None:
    """Nobody wants to look at the clock."""


def _read(child: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    """In a thread of its own, so that a silent command can be ended; None says that nothing more comes."""
    if child.stdout is not None:
        with child.stdout as stream:
            for line in stream:
                lines.put(line.rstrip("\n"))
    lines.put(None)


def _follow(
    child: subprocess.Popen[str],
    lines: queue.SimpleQueue[str | None],
    told: Callable[[str], None],
    on_tick: Callable[[], None],
    cancel: threading.Event | None,
) -> None:
    """Pass lines on until the command has ended and all is read; what it leaves running may hold the pipe."""
    ended: float | None = None
    whole = False
    while not (whole and ended is not None):
        if ended is None and child.poll() is not None:
            ended = time.monotonic()
        if ended is None and cancel is not None and cancel.is_set():
            raise InterruptedByUserError("interrupted", next="run the same command again; it continues where it was")
        if ended is not None and time.monotonic() - ended > _PATIENCE:
            return
        on_tick()
        if whole:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_POLL)
            continue
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=_POLL)
            if line is None:
                whole = True
            else:
                told(line)


def _end_group(child: subprocess.Popen[str]) -> None:
    """TERM, then KILL to whoever of the group is left; the leader is often not the last to go."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if child.poll() is not None and not _group_lives(child.pid):
                return
            time.sleep(_POLL)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    import psutil

    # Where process 1 reaps nobody, as in many containers, an orphan stays a zombie of the group for ever.
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False
