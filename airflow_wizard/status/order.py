"""In which order units are listed, and which of them are meant by a few words. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_wizard.status.rows import Mood, mood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_wizard.status.snapshot import Unit

ROLES = (
    "database", "broker", "init", "api", "scheduler", "dag-processor", "worker", "triggerer", "task", "supervisor",
    "other",
)  # fmt: skip
_RANKS = {role: number for number, role in enumerate(ROLES)}
_MOODS = {m: n for n, m in enumerate((Mood.FAIL, Mood.WARN, Mood.UNKNOWN, Mood.WORKING, Mood.OK, Mood.IDLE))}
_DIGITS = re.compile(r"(\d+)")


class Order(StrEnum):
    """By what units are listed."""

    ROLE = "role"
    STATE = "state"
    CPU = "cpu"
    MEMORY = "memory"
    RESTARTS = "restarts"
    NAME = "name"

    @property
    def next(self) -> Order:
        """The one after it; after the last the first."""
        listed = list(Order)
        return listed[(listed.index(self) + 1) % len(listed)]


def role_of(unit: Unit) -> str:
    """Its role, ``other`` for one that is not known."""
    return unit.role if unit.role in _RANKS else "other"


class Arranged:
    """Units in an order; where they are equal, as they came, so that rows stay where they are.

    What does not depend on words is worked out once: thousands are filtered anew at each letter that is typed.
    """

    def __init__(self, units: Iterable[Unit], order: Order) -> None:
        self._units = sorted(units, key=_KEYS[order])

    def matching(self, words: str = "") -> list[Unit]:
        """Those of which every word is told somewhere; upper and lower case are the same."""
        wanted = words.lower().split()
        if not wanted:
            return list(self._units)
        first, *others = wanted
        found = [(unit, text) for unit, text in zip(self._units, self._texts, strict=True) if first in text]
        return [unit for unit, text in found if all(word in text for word in others)]

    @cached_property
    def _texts(self) -> list[str]:
        return [
            f"{unit.id} {unit.role} {unit.state} {unit.health} {unit.reason} {unit.image} {unit.node}".lower()
            for unit in self._units
        ]


def arranged(units: Iterable[Unit], order: Order, words: str = "") -> list[Unit]:
    """The units that match, in order; see `Arranged`."""
    return Arranged(units, order).matching(words)


def _natural(unit: Unit) -> list[tuple[int, str]]:
    """``worker-2`` comes before ``worker-10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(unit.id)]


_KEYS: dict[Order, Callable[[Unit], Any]] = {
    Order.ROLE: lambda unit: _RANKS[role_of(unit)],
    Order.STATE: lambda unit: _MOODS[mood(unit)],
    Order.CPU: lambda unit: -(unit.cpu or 0.0),
    Order.MEMORY: lambda unit: -(unit.memory or 0),
    Order.RESTARTS: lambda unit: -unit.restarts,
    Order.NAME: _natural,
}
