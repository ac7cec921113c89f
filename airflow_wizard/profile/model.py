"""A profile (what a person asked for) and answers (what that means here, every option filled)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Answer
    from airflow_wizard.options.model import Target

PROFILE_SCHEMA = 1


class Origin(StrEnum):
    """Where an answer comes from."""

    PROFILE = "profile"
    SET = "--set"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of answers, as written. Holds no secret.

    Attributes:
        name: its name.
        target: where Airflow runs.
        given: the answers it states; everything else is a default of the machine it is used on.
        overrides: names in ``given`` that came from ``--set``.
        source: file it was read from, ``-`` for standard input, empty when made in memory.
        lines: 1-based line of each key in ``source``.
    """

    name: str
    target: Target
    given: Mapping[str, Answer] = field(default_factory=dict)
    overrides: frozenset[str] = frozenset()
    source: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """Every option that applies, with its value and where the value comes from."""

    target: Target
    values: Mapping[str, Answer]
    origins: Mapping[str, Origin]

    def text(self, name: str) -> str:
        """A value as text; empty when the option does not apply or has none."""
        value = self.values.get(name)
        return "" if value is None or isinstance(value, tuple) else str(value)

    def integer(self, name: str) -> int:
        """A whole number.

        Raises:
            KeyError: the option does not apply here, which is a programming error.
        """
        value = self.values[name]
        if not isinstance(value, int):
            raise KeyError(name)
        return value

    def flag(self, name: str) -> bool:
        """A yes / no answer; False when the option does not apply."""
        return self.values.get(name) is True

    def items(self, name: str) -> tuple[str, ...]:
        """A list; empty when the option does not apply."""
        value = self.values.get(name)
        return value if isinstance(value, tuple) else ()
