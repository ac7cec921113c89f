"""A unit as the words of one row. Pure; both faces show these words, each in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from airflow_wizard.status.rules import ended_badly
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE: Final = "–"


class Mood(StrEnum):
    """How a row stands; its glyph travels with any colour."""

    OK = "ok"
    WORKING = "working"
    WARN = "warn"
    FAIL = "fail"
    IDLE = "idle"
    UNKNOWN = "unknown"

    @property
    def glyph(self) -> str:
        """The sign of it."""
        return _GLYPHS[self]


_GLYPHS = {
    Mood.OK: "●",
    Mood.WORKING: "◐",
    Mood.WARN: "▲",
    Mood.FAIL: "✖",
    Mood.IDLE: "○",
    Mood.UNKNOWN: "○",
}
_STACK_MOODS = {
    StackState.RUNNING: Mood.OK,
    StackState.STARTING: Mood.WORKING,
    StackState.DEGRADED: Mood.FAIL,
    StackState.STOPPED: Mood.IDLE,
    StackState.UNKNOWN: Mood.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name of its cell in `Row`, its heading, and whether it is aligned to the right."""

    key: str
    title: str
    right: bool = False


COLUMNS: Final = (
    Column("component", "component"),
    Column("state", "state"),
    Column("health", "health"),
    Column("heartbeat", "heartbeat", right=True),
    Column("restarts", "restarts", right=True),
    Column("cpu", "cpu", right=True),
    Column("memory", "memory", right=True),
    Column("since", "since", right=True),
    Column("reason", ""),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one unit, each safe to show; `COLUMNS` gives their order."""

    mood: Mood
    component: str
    state: str
    health: str
    heartbeat: str
    restarts: str
    cpu: str
    memory: str
    since: str
    reason: str

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of `COLUMNS`."""
        return tuple(str(getattr(self, column.key)) for column in COLUMNS)


def rows(snapshot: Snapshot, *, now: float) -> Iterator[Row]:
    """A row for every unit."""
    return (row(unit, now=now) for unit in snapshot.units)


def row(unit: Unit, *, now: float) -> Row:
    """The words of one unit; ``now`` is unix seconds."""
    done = unit.state is UnitState.DONE
    return Row(
        mood=mood(unit),
        component=one_line(unit.id, limit=40),
        state=str(unit.state) if unit.exit_code is None or done else f"{unit.state} {unit.exit_code}",
        health=NONE if unit.health is Health.NONE else str(unit.health),
        heartbeat=NONE if unit.heartbeat_age is None else f"{short_seconds(unit.heartbeat_age)} ago",
        restarts=str(unit.restarts),
        cpu=NONE if unit.cpu is None else f"{unit.cpu * 100:.1f}%",
        memory=NONE if unit.memory is None else human_bytes(unit.memory),
        since=NONE if unit.since is None else short_seconds(now - unit.since),
        reason=one_line(unit.reason, limit=200),
    )


def mood(unit: Unit) -> Mood:
    """How a unit stands."""
    if unit.state is UnitState.RESTARTING:
        return Mood.WARN
    if unit.health is Health.UNHEALTHY:
        return Mood.FAIL
    if unit.state in (UnitState.EXITED, UnitState.DONE):
        if unit.state is UnitState.DONE:
            return Mood.OK
        return Mood.FAIL if unit.reason or ended_badly(unit.exit_code) else Mood.IDLE
    if unit.state is UnitState.STARTING or unit.health is Health.STARTING:
        return Mood.WORKING
    if unit.state is UnitState.UNKNOWN or unit.health is Health.UNKNOWN:
        return Mood.UNKNOWN
    return Mood.OK


def stack_mood(state: StackState) -> Mood:
    """How a stack stands."""
    return _STACK_MOODS[state]


def short_seconds(seconds: float) -> str:
    """A duration in its largest unit, so that a column stays calm: ``42 s``, ``3 m``, ``2 h``, ``4 d``."""
    whole = max(0, int(seconds))
    for size, unit in ((86400 * 2, "d"), (3600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // (86400 if unit == 'd' else size)} {unit}"
    return f"{whole} s"
