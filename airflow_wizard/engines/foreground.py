"""Running a command that takes over the terminal: a shell in a container."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_in_foreground(argv: Sequence[str], *, cwd: str) -> tuple[int, float]:
    """Run a command with this terminal as its own, to its end.

    Returns:
        Exit code (127 when it cannot be started), and seconds it took.
    """
    began = time.monotonic()
    # Ctrl-C is meant for what runs in the terminal now.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = subprocess.run(argv, cwd=cwd, check=False).returncode
    except OSError:
        code = 127
    finally:
        signal.signal(signal.SIGINT, before)
    return code, time.monotonic() - began
