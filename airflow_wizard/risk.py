"""How much a step or a fix can hurt. One scale for launch, teardown and fixes."""

from __future__ import annotations

from enum import StrEnum


class Risk(StrEnum):
    """Risk class of a step; ``--yes`` covers the first two only."""

    SAFE = "safe"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"
    PRIVILEGED = "privileged"

    @property
    def needs_own_consent(self) -> bool:
        """True for the classes that ``--yes`` never covers."""
        return self in (Risk.DESTRUCTIVE, Risk.PRIVILEGED)
