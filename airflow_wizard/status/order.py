"""In which order units are listed, and which of them are meant by a few words. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_wizard.status.rows import Mood, mood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_wizard.status.snapshot import Unit

ROLES = (
    "database", "broker", "init", "api", "scheduler", "dag-processor", "worker", "triggerer", "supervisor", "other",
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


def arranged(units: Iterable[Unit], order: Order, words: str = "") -> list[Unit]:
    """The units that match, in order; where they are equal, as they came, so that rows stay where they are."""
    wanted = words.lower().split()
    found = [unit for unit in units if _matches(unit, wanted)] if wanted else list(units)
    found.sort(key=_KEYS[order])
    return found


def _matches(unit: Unit, words: list[str]) -> bool:
    text = f"{unit.id} {unit.role} {unit.state} {unit.health} {unit.reason} {unit.image}".lower()
    return all(word in text for word in words)


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
