"""What the wizard is opened with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Start:
    """What the wizard is opened with.

    Attributes:
        screen: ``welcome``, a step of the flow, ``dashboard``, ``troubleshoot`` or ``profiles``.
        profile: profile to begin with, by name or path.
        stack: stack to look at.
        sets: answers on top of the profile, as ``name=value``.
        facts: file of recorded facts to use instead of measuring.
        folder: folder of the stack.
    """

    screen: str = "welcome"
    profile: str | None = None
    stack: str | None = None
    sets: tuple[str, ...] = ()
    facts: str | None = None
    folder: str | None = None
