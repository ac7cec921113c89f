"""How the interpreter shares its time, so that a key waits for little else."""

from __future__ import annotations

import gc
import sys

# Threads that read logs let go of the interpreter five times as often as usual.
_TURN = 0.001  # seconds
# All that lives is looked through for what is unreachable ten times less often than usual: a hundred thousand log lines
# take fifty milliseconds each time, and what hangs together in circles are a few closed screens.
_THRESHOLDS = (700, 10, 100)


def set_pace() -> None:
    """For a process that draws; once, before it begins."""
    sys.setswitchinterval(_TURN)
    # What was loaded stays for ever, and is not looked through again.
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
