"""What a host check or a diagnosis says. Both produce this type; one renderer shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterable


class Level(StrEnum):
    """Severity. ``UNKNOWN`` means it could not be measured, and is never shown as ok."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def glyph(self) -> str:
        """The sign that travels with the colour, so that no state is told by colour alone."""
        return _GLYPHS[self]

    @property
    def rank(self) -> int:
        """0 is worst; for sorting."""
        return _RANKS[self]


_GLYPHS = {Level.OK: "●", Level.INFO: "●", Level.WARN: "▲", Level.FAIL: "✖", Level.UNKNOWN: "○"}
_RANKS = {Level.FAIL: 0, Level.WARN: 1, Level.UNKNOWN: 2, Level.INFO: 3, Level.OK: 4}

# A value an option can have; lists are tuples so that values stay hashable.
Answer: TypeAlias = "str | int | bool | tuple[str, ...] | None"


@dataclass(frozen=True, slots=True)
class Fix:
    """Something that makes a finding go away.

    Attributes:
        title: what it does, in the imperative.
        risk: risk class.
        commands: exact commands a person would type; may be empty when ``answers`` does it.
        answers: options of the profile to change, by name.
        id: stable id for ``fix ID``; empty when it can only be done by hand.
        undo: commands that take it back; empty where nothing has to be, or nothing can.
    """

    title: str
    risk: Risk = Risk.SAFE
    commands: tuple[tuple[str, ...], ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    id: str = ""
    undo: tuple[tuple[str, ...], ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the wizard can apply it; what wants root or takes data away is shown, and typed by the person."""
        return bool(self.id) and bool(self.commands or self.answers) and not self.risk.needs_own_consent

    def to_json(self) -> dict[str, object]:
        """Plain values for JSON output."""
        return {
            "id": self.id,
            "title": self.title,
            "risk": str(self.risk),
            "commands": [list(c) for c in self.commands],
            "answers": dict(self.answers),
            "undo": [list(c) for c in self.undo],
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about a host or a stack.

    Attributes:
        id: stable dotted id, for example ``port.taken``.
        level: severity.
        title: short subject, for example ``Port 8080``.
        found: what was measured.
        needed: what would be enough; empty when nothing is.
        why: why it matters, one or two sentences.
        evidence: the lines, commands or files it was seen in.
        fixes: best first.
        causes: ids of findings that this one is only a consequence of.
    """

    id: str
    level: Level
    title: str
    found: str
    needed: str = ""
    why: str = ""
    evidence: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    causes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, object]:
        """The finding as the command line's JSON contract has it."""
        return {
            "id": self.id,
            "level": str(self.level),
            "title": self.title,
            "found": self.found,
            "needed": self.needed,
            "why": self.why,
            "evidence": list(self.evidence),
            "fixes": [f.to_json() for f in self.fixes],
            "causes": list(self.causes),
        }


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted by severity, stable within one severity."""
    return sorted(findings, key=lambda f: f.level.rank)


def any_fail(findings: Iterable[Finding]) -> bool:
    """True when at least one finding must be solved."""
    return any(f.level is Level.FAIL for f in findings)
