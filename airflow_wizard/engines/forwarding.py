"""A port of this machine that leads into a cluster, kept by a small program that outlives the wizard."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.supervised import lock_is_held

if TYPE_CHECKING:
    from collections.abc import Sequence

STATE_FOLDER = ".airflow-wizard"
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A forward that is kept: process id of its keeper, the command, how often that was started again."""

    pid: int
    argv: tuple[str, ...]
    restarts: int


def read(folder: str) -> Forwarding | None:
    """The forward of the stack in a folder; None when none is kept."""
    place = Path(folder) / STATE_FOLDER
    if not lock_is_held(place / "forward.lock"):
        return None
    try:
        state = json.loads((place / "forward.json").read_text(encoding="utf-8"))
        return Forwarding(int(state["pid"]), tuple(map(str, state["argv"])), int(state["restarts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Forwarding(0, (), 0)


def start(folder: str, address: str, port: int, argv: Sequence[str]) -> None:
    """Start to keep one; returns when its keeper is there. Raises OSError when it cannot be started."""
    place = Path(folder) / STATE_FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (place / "forward.log").unlink(missing_ok=True)
    # It leaves at once for another process, which is nobody's child.
    subprocess.run(
        [sys.executable, "-m", "airflow_wizard.engines.forward_keeper", str(place), address, str(port), *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
        check=False,
    )


def stop(folder: str) -> bool:
    """End the one that is kept, and wait until it is gone; False when it does not go."""
    place = Path(folder) / STATE_FOLDER
    end = time.monotonic() + _END_SECONDS
    while lock_is_held(place / "forward.lock"):
        kept = read(folder)
        if kept is not None and kept.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(kept.pid, signal.SIGTERM)
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def listens(address: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    here = "127.0.0.1" if address in ("0.0.0.0", "::") else address  # noqa: S104 - compared, not listened on
    try:
        with socket.create_connection((here, port), timeout=1.0):
            return True
    except OSError:
        return False


def last_lines(folder: str, most: int = 6) -> tuple[str, ...]:
    """What kubectl said last about it."""
    try:
        text = (Path(folder) / STATE_FOLDER / "forward.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(text.splitlines()[-most:])
