"""Starting, timing, counting and ending processes; whatever was started is ended, also on Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PROGRAM = str(Path(sys.executable).parent / "airflow-wizard")
UV = str(Path(sys.executable).parent / "uv")
_PATIENCE = 20.0


def milliseconds(argv: Sequence[str], env: Mapping[str, str]) -> float:
    """Wall time of a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(list(argv), env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def started(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> Iterator[psutil.Popen]:
    """A process in a session of its own; it and everything it started is gone when the block ends."""
    with log.open("wb") as out:
        child = psutil.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        end(child.pid)


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def end(pid: int) -> None:
    """Asks a whole family to end, as Ctrl-C in its terminal would, and ends what does not."""
    members = family(pid)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        _, members = psutil.wait_procs(members, timeout=_PATIENCE)
        if not members:
            return


def memory_mib(members: Sequence[psutil.Process]) -> float:
    """Sum of the proportional set sizes, in MiB: shared pages are counted once."""
    total = 0
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += member.memory_full_info().pss
    return total / 2**20


def await_true(
    ready: Callable[[], bool], *, seconds: float, alive: Callable[[], bool] = lambda: True, what: str
) -> None:
    """Asks until it is so.

    Raises:
        RuntimeError: it did not happen in time, or nothing is left that could make it happen.
    """
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until or not alive():
            raise RuntimeError(f"{what}: not within {seconds:.0f} s, or its process has ended")
        time.sleep(0.2)


def clean_env(home: Path) -> dict[str, str]:
    """This environment without what belongs to another Airflow, with the wizard's home in ``home``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW") and k != "VIRTUAL_ENV"}
    return kept | {"AIRFLOW_WIZARD_HOME": str(home)}
