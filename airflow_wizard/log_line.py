"""One line of a log, the same for whoever reads, keeps, prints or draws it."""

from __future__ import annotations

from typing import NamedTuple

# Kinds of lines that no unit wrote: a run began or ended here; lines are missing here.
BOUNDARY, GAP = "boundary", "gap"


class LogLine(NamedTuple):
    """A line of a unit's log; a tuple because a hundred thousand of them are made and held at a time.

    Attributes:
        time: unix seconds; None when the line carries none and nothing before it did.
        unit: who wrote it.
        text: as it was written, without its end.
        kind: empty for what the unit wrote, else `BOUNDARY` or `GAP`.
    """

    time: float | None
    unit: str
    text: str
    kind: str = ""
