"""Host facts: what was measured about this machine, its engine and its clusters, each with provenance.

Pure values. Collectors fill them, checks and option defaults read them, ``--record`` writes them and
``--facts`` brings them back, so that a macOS laptop or a 1-CPU server can be judged from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

FACTS_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Fact:
    """One measured value.

    Attributes:
        value: what was seen; None when it could not be seen.
        source: the command, file or call it came from.
        seconds: how long it took.
        error: why there is no value; empty when there is one.
    """

    value: Json
    source: str
    seconds: float = 0.0
    error: str = ""

    @property
    def known(self) -> bool:
        """True when the probe gave a value."""
        return not self.error


@dataclass(frozen=True, slots=True)
class HostFacts:
    """All facts by subject. A subject that was never asked for is simply absent."""

    facts: Mapping[str, Fact] = field(default_factory=dict)

    def get(self, subject: str) -> Fact | None:
        """The fact, or None when nobody asked for it."""
        return self.facts.get(subject)

    def value(self, subject: str, key: str | None = None) -> Json:
        """The value of a subject, or of one key in it; None when unknown."""
        fact = self.facts.get(subject)
        if fact is None or not fact.known:
            return None
        if key is None:
            return fact.value
        return fact.value.get(key) if isinstance(fact.value, dict) else None

    def number(self, subject: str, key: str) -> float | None:
        """A numeric key of a subject; None when unknown or not a number."""
        value = self.value(subject, key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def text(self, subject: str, key: str) -> str:
        """A text key of a subject; empty when unknown."""
        value = self.value(subject, key)
        return value if isinstance(value, str) else ""

    def with_fact(self, subject: str, fact: Fact) -> HostFacts:
        """A copy that also holds ``fact``."""
        return HostFacts({**self.facts, subject: fact})

    def to_json(self) -> dict[str, Json]:
        """Plain values for ``--record`` and ``check --json``."""
        return {
            name: {"value": f.value, "source": f.source, "seconds": round(f.seconds, 4), "error": f.error}
            for name, f in self.facts.items()
        }
