"""A unit as the words of one row. Pure; both faces show these words, each in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from airflow_wizard.status.rules import LOST, ended_badly
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE: Final = "–"
# Of its limit.
WARN_SHARE, FAIL_SHARE = 0.80, 0.95


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
_ON_THE_WAY = (UnitState.PENDING, UnitState.STARTING, UnitState.TERMINATING)
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
    cpu_mood: Mood = Mood.OK
    memory_mood: Mood = Mood.OK

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of `COLUMNS`."""
        return tuple(str(getattr(self, column.key)) for column in COLUMNS)


def rows(snapshot: Snapshot, *, now: float) -> Iterator[Row]:
    """A row for every unit."""
    seen = snapshot.seen
    return (row(unit, now=now, seen=seen) for unit in snapshot.units)


def row(unit: Unit, *, now: float, seen: float | None = None) -> Row:
    """The words of one unit.

    Args:
        unit: which.
        now: unix seconds.
        seen: when a stale one was last seen, in unix seconds.
    """
    done = unit.state is UnitState.DONE
    words = str(unit.state) if unit.exit_code is None or done else f"{unit.state} {unit.exit_code}"
    reason = one_line(unit.reason, limit=200)
    if unit.stale:
        ago = "" if seen is None else f" {short_seconds(now - seen)} ago"
        words, reason = "stale", f"was {unit.was}{ago}"
    return Row(
        mood=mood(unit),
        component=one_line(unit.id, limit=40),
        state=words,
        health=NONE if unit.health is Health.NONE or unit.stale else str(unit.health),
        heartbeat=NONE if unit.heartbeat_age is None else f"{short_seconds(unit.heartbeat_age)} ago",
        restarts=str(unit.restarts),
        cpu=NONE if unit.cpu is None else f"{unit.cpu * 100:.1f}%",
        memory=memory(unit),
        since=NONE if unit.since is None or unit.stale else short_seconds(now - unit.since),
        reason=reason,
        cpu_mood=pressure(unit.cpu, unit.cpu_limit),
        memory_mood=pressure(unit.memory, unit.memory_limit),
    )


def memory(unit: Unit) -> str:
    """What it takes, and of how much: ``301 / 512 MB``; one figure where there is no limit."""
    if unit.memory is None:
        return NONE
    taken = human_bytes(unit.memory)
    if unit.memory_limit is None:
        return taken
    limit = human_bytes(unit.memory_limit)
    number, size = taken.split(" ")
    return f"{number if limit.endswith(size) else taken} / {limit}"


def pressure(taken: float | None, limit: float | None) -> Mood:
    """How close it is to its limit."""
    if taken is None or not limit:
        return Mood.OK
    share = taken / limit
    if share >= FAIL_SHARE:
        return Mood.FAIL
    return Mood.WARN if share >= WARN_SHARE else Mood.OK


def mood(unit: Unit) -> Mood:
    """How a unit stands."""
    if unit.stale:
        return Mood.UNKNOWN
    if unit.state in (UnitState.RESTARTING, UnitState.PAUSED):
        return Mood.WARN
    if unit.health is Health.UNHEALTHY:
        return Mood.FAIL
    if unit.state in (UnitState.EXITED, UnitState.DONE):
        if unit.state is UnitState.DONE:
            return Mood.OK
        return Mood.FAIL if unit.reason or ended_badly(unit.exit_code) else Mood.IDLE
    if unit.state in _ON_THE_WAY or unit.health is Health.STARTING:
        return Mood.WORKING
    if unit.state is UnitState.UNKNOWN or unit.health is Health.UNKNOWN:
        return Mood.UNKNOWN
    return Mood.WARN if unit.reason.startswith(LOST) else Mood.OK


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
