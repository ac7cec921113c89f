"""Running a command to its end: output line by line, cancellable, no orphan left behind."""

from __future__ import annotations

import contextlib
import os
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
    cancel: threading.Event | None = None,
) -> Finished:
    """Run ``argv`` in a session of its own, without a shell and without a terminal.

    Args:
        argv: program and arguments.
        cwd: working folder.
        env: the whole environment.
        typed: text on standard input (a program that wants a password finds no terminal and reads it there).
        on_line: called with every line of standard output and standard error, as it came.
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
    reader = threading.Thread(target=_read, args=(child, tail, on_line), daemon=True)
    reader.start()
    if typed and child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(typed)
            child.stdin.close()
    try:
        while child.poll() is None:
            if cancel is not None and cancel.is_set():
                raise InterruptedByUserError("interrupted")  # noqa: TRY301 - the clean-up below is for it too
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_POLL)
    except BaseException:
        _end_group(child)
        raise
    reader.join(_PATIENCE)
    return Finished(child.returncode, tuple(tail), time.monotonic() - began)


def _read(child: subprocess.Popen[str], tail: deque[str], on_line: Callable[[str], None] | None) -> None:
    if child.stdout is None:
        return
    for raw in child.stdout:
        line = raw.rstrip("\n")
        tail.append(line)
        if on_line is not None:
            on_line(line)


def _end_group(child: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE)
            return
