"""Host facts: what was measured about this machine, its engine and its clusters, each with provenance.

Pure values. Collectors fill them, checks and option defaults read them, ``--record`` writes them and
``--facts`` brings them back, so that a macOS laptop or a 1-CPU server can be judged from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FACTS_SCHEMA = 1
_AGAIN = "airflow-wizard check --record FILE"


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

    @classmethod
    def from_json(cls, values: Mapping[str, Json], *, file: str = "") -> HostFacts:
        """What `to_json` gave, back again.

        Args:
            values: by subject.
            file: where they come from, for the error.

        Raises:
            InvalidError: an entry is not a fact; it names the key.
        """
        return cls({subject: _fact(entry, subject, file) for subject, entry in values.items()})


def _fact(entry: Json, subject: str, file: str) -> Fact:
    if not isinstance(entry, dict) or "value" not in entry:
        raise InvalidError(
            f"fact {subject!r} is not an object with a value", file=file or None, key=subject, next=_AGAIN
        )
    source, seconds, error = entry.get("source", ""), entry.get("seconds", 0.0), entry.get("error", "")
    for name, good in (
        ("source", isinstance(source, str)),
        ("seconds", isinstance(seconds, int | float) and not isinstance(seconds, bool)),
        ("error", isinstance(error, str)),
    ):
        if not good:
            raise InvalidError(
                f"{name} of fact {subject!r} has the wrong type",
                file=file or None,
                key=f"{subject}.{name}",
                next=_AGAIN,
            )
    return Fact(entry["value"], str(source), float(str(seconds)), str(error))
