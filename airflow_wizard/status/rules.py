"""What is true of every kind of stack: who answers at its address, whose heartbeat it is, how it stands. Pure.

No rule here looks at what somebody intended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_wizard.status.snapshot import AirflowHealth, Health, StackState, Unit, UnitState
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

# From a start to the first heartbeat; about 12 s on two busy cores.
STARTING_SECONDS = 30.0
# So many starts by whatever keeps it running, and the next start is no longer taken for one.
LOOP = 3
# Ends that somebody asked for: none, Ctrl-C, SIGTERM; and 137, which `docker stop` does to one that is deaf to it.
_ASKED = (0, -2, -15, 130, 137, 143)
# Of a unit that runs, and lost a part of itself.
LOST = "a process in it was killed"
_INSIDE_SCHEDULER = "parses the DAGs as well: with SQLite, Airflow 2 has no DAG processor of its own"


class Answer(StrEnum):
    """Who answers at the stack's address."""

    OURS = "ours"
    SILENT = "silent"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard at the stack's address.

    Attributes:
        answer: who answered.
        words: what the answer, or the lack of one, looked like; safe to show.
        health: Airflow's own word; only ever set when the answer is ours.
        beats: names in the health body that must have a heartbeat.
    """

    answer: Answer = Answer.SILENT
    words: str = ""
    health: AirflowHealth | None = None
    beats: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it was the stack's own Airflow."""
        return self.answer is Answer.OURS

    @property
    def word(self) -> AirflowHealth | None:
        """Airflow's word, without a part that by design never reports here (Airflow 2 parses in the scheduler)."""
        if not self.ours or self.health is None or not self.beats or "dag_processor" in self.beats:
            return self.health if self.ours else None
        return replace(self.health, dag_processor=None)


@dataclass(frozen=True, slots=True)
class UsageNow:
    """What a unit takes: processes, share of one core (None before the second sample), bytes, start (unix)."""

    processes: int
    cpu: float | None = None
    memory: int | None = None
    started: float | None = None


def page(heard: Heard, *, young: bool) -> tuple[Health, str]:
    """Health of the unit that answers people, and why it is not fine."""
    if heard.ours:
        return Health.HEALTHY, ""
    if heard.answer is Answer.FOREIGN:
        return Health.UNHEALTHY, f"another program answers at its address: {heard.words}"
    if young:
        return Health.STARTING, "does not answer yet"
    if heard.answer is Answer.UNREADABLE:
        return Health.UNKNOWN, heard.words
    return Health.UNHEALTHY, f"does not answer: {heard.words}" if heard.words else "does not answer"


def beat(heard: Heard, name: str, *, now: float, since: float | None, young: bool) -> tuple[Health, str, float | None]:
    """Health of a unit that sends heartbeats, why it is not fine, and the age of the last one in seconds.

    Args:
        heard: Airflow's word.
        name: of the unit in the health body.
        now: unix seconds.
        since: unix seconds of its start; None when unknown.
        young: it may still be on its way to the first heartbeat.
    """
    if not heard.ours or heard.health is None:
        return (Health.STARTING, "", None) if young else (Health.UNKNOWN, "the health page does not answer", None)
    entry = getattr(heard.health, name)
    age = entry.heartbeat_age if entry is not None else None
    # A heartbeat from before this process started was its predecessor's.
    own = age is not None and (not since or age <= now - since)
    if entry is not None and entry.status == "healthy" and own:
        inside = name == "scheduler" and bool(heard.beats) and "dag_processor" not in heard.beats
        return Health.HEALTHY, _INSIDE_SCHEDULER if inside else "", age
    if young:
        return Health.STARTING, "waits for its first heartbeat", None
    if age is None:
        return Health.UNHEALTHY, "has not sent a heartbeat yet", None
    return Health.UNHEALTHY, f"last heartbeat {human_seconds(age)} ago", age


def again(health: Health, told: str, *, restarts: int, last: int | None, words: str = "") -> tuple[Health, str]:
    """A start after a bad end says so; between two crashes of many it is not taken for a start.

    Args:
        health: as it seems.
        told: why it is not fine.
        restarts: how often it was started again.
        last: exit code of the run before.
        words: how that ended, where more is known than its exit code.
    """
    if health is not Health.STARTING or not restarts or last is None or not (ended_badly(last) or last == 137):
        return health, told
    return (
        Health.UNHEALTHY if restarts >= LOOP else health
    ), f"started again, the last run {words or how_it_ended(last)}"


def ended_badly(code: int | None) -> bool:
    """True for an end that nobody asked for: an error, or a signal other than those that ask for an end."""
    return code is not None and code not in _ASKED


def how_it_ended(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "ended"
    if code in (-9, 137):
        return "was killed by signal 9 (for memory, or by somebody)"
    return f"ended with exit {code}" if code >= 0 else f"was ended by signal {-code}"


def overall(units: Iterable[Unit], heard: Heard) -> StackState:
    """How a stack stands, of which something runs; ``units`` are those that should."""
    units = tuple(units)
    database = heard.health.metadatabase if heard.health is not None else None
    if any(_broken(unit) for unit in units) or (database is not None and database.status != "healthy"):
        return StackState.DEGRADED
    if any(unit.health is Health.STARTING for unit in units):
        return StackState.STARTING
    if any(unit.health is Health.UNKNOWN for unit in units):
        return StackState.UNKNOWN
    return StackState.RUNNING


def _broken(unit: Unit) -> bool:
    return unit.health is Health.UNHEALTHY or unit.state in (
        UnitState.RESTARTING,
        UnitState.PAUSED,
        UnitState.EXITED,
        UnitState.TERMINATING,
        UnitState.UNKNOWN,
    )
