"""How the interpreter and Textual share their time, so that a key waits for little else."""

from __future__ import annotations

import gc
import os
import sys

# Threads that read logs let go of the interpreter five times as often as usual.
_TURN = 0.001  # seconds
# All that lives is looked through for what is unreachable ten times less often than usual: with thousands of log lines
# or units that takes fifty milliseconds each time, and what hangs together in circles are a few closed screens.
_THRESHOLDS = (700, 10, 100)
# Times a second that something may be painted. What a key changes is painted in up to three pieces, each of which waits
# for its turn; where nothing changes nothing is painted, however often it might be.
_TURNS = 240


def set_pace() -> None:
    """For a process that draws; before Textual is imported."""
    sys.setswitchinterval(_TURN)
    gc.set_threshold(*_THRESHOLDS)
    os.environ.setdefault("TEXTUAL_FPS", str(_TURNS))
