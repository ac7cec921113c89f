"""What was seen of a stack without containers, put together into one snapshot. Pure: values in, a value out.

No rule here looks at what somebody intended; a row says what its process and Airflow's own health body show.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_wizard.status.snapshot import AirflowHealth, Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.supervised import ComponentState, SupervisorState

SUPERVISOR = "supervisor"
# From a process's start to its first heartbeat; about 12 s on two busy cores.
STARTING_SECONDS = 30.0
_LOOP = 3

_ROLES = {"api-server": "api", "webserver": "api"}
_HEALTH_NAMES = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}
_INSIDE_SCHEDULER = "parses the DAGs as well: with SQLite, Airflow 2 has no DAG processor of its own"


class Answer(StrEnum):
    """Who answers at the stack's address."""

    OURS = "ours"
    SILENT = "silent"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class UsageNow:
    """What a unit takes: processes, share of one core (None before the second sample), bytes, start (unix)."""

    processes: int
    cpu: float | None = None
    memory: int | None = None
    started: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a stack.

    Attributes:
        stack: its name.
        target: its target.
        url: where a browser goes.
        now: unix seconds of the look.
        supervisor: its state file and lock.
        answer: who answers at ``url``.
        words: what the answer, or the lack of one, looked like; safe to show.
        health: Airflow's own word; only ever set when the answer is ours.
        usage: by unit; a process that is not there any more has no entry.
        expected: components by the stack's own files, in order.
        beats: names in the health body that must have a heartbeat.
        leftovers: processes of the stack that run although no supervisor does.
    """

    stack: str
    target: str
    url: str
    now: float
    supervisor: SupervisorState
    answer: Answer = Answer.SILENT
    words: str = ""
    health: AirflowHealth | None = None
    usage: Mapping[str, UsageNow] = field(default_factory=dict)
    expected: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    leftovers: int = 0


def assemble(seen: Seen) -> Snapshot:
    """The snapshot of one look."""
    units = (*(_unit(seen, name) for name in _names(seen)), _supervisor(seen))
    state, error = _stack(seen, units)
    ours = seen.answer is Answer.OURS
    return Snapshot(
        stack=seen.stack,
        target=seen.target,
        state=state,
        units=units,
        airflow=_word(seen) if ours else None,
        url=seen.url,
        taken=seen.now,
        error=error,
    )


def _word(seen: Seen) -> AirflowHealth | None:
    """Airflow's word, without a part that by design never reports here (Airflow 2 parses inside the scheduler)."""
    if seen.health is None or not seen.beats or "dag_processor" in seen.beats:
        return seen.health
    return replace(seen.health, dag_processor=None)


def _names(seen: Seen) -> list[str]:
    known = [c.name for c in seen.supervisor.components]
    return [*seen.expected, *(n for n in known if n not in seen.expected)]


def _unit(seen: Seen, name: str) -> Unit:
    component = next((c for c in seen.supervisor.components if c.name == name), None)
    role = _ROLES.get(name, name if name in _HEALTH_NAMES else "other")
    if component is None:
        if seen.supervisor.running:
            return Unit(name, role, UnitState.UNKNOWN, reason="the supervisor does not know it; restart the stack")
        return Unit(name, role, UnitState.EXITED, Health.NONE)
    usage = seen.usage.get(name)
    state, why = _process_state(seen, component, usage)
    health, told, age = _health(seen, component, state)
    alive = state is UnitState.RUNNING
    return Unit(
        id=name,
        role=role,
        state=state,
        health=health,
        restarts=component.restarts,
        since=(component.since or None) if seen.supervisor.running or seen.supervisor.ended_well else None,
        heartbeat_age=age if alive else None,
        pid=component.pid if alive else None,
        processes=usage.processes if usage and alive else 0,
        cpu=usage.cpu if usage and alive else None,
        memory=usage.memory if usage and alive else None,
        exit_code=None if alive else component.exit_code,
        reason=why or told,
    )


def _process_state(seen: Seen, component: ComponentState, usage: UsageNow | None) -> tuple[UnitState, str]:
    if not seen.supervisor.running:
        return UnitState.EXITED, ""
    if component.state in ("running", "stopping") and component.pid is not None:
        if usage is None:
            return UnitState.UNKNOWN, f"process {component.pid} is not there any more"
        return UnitState.RUNNING, "is being stopped" if component.state == "stopping" else ""
    if component.state == "backoff":
        return UnitState.RESTARTING, f"{how_it_ended(component.exit_code)}; will be started again"
    if component.state == "waiting":
        return UnitState.STARTING, ""
    return UnitState.EXITED, ""


def ended_badly(code: int | None) -> bool:
    """True for an end that nobody asked for: an error, or a signal other than those that ask for an end."""
    return code is not None and code not in (0, -2, -15, 130, 143)


def how_it_ended(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "ended"
    if code >= 0:
        return f"ended with exit {code}"
    return "was killed by signal 9 (for memory, or by somebody)" if code == -9 else f"was ended by signal {-code}"


def _health(seen: Seen, component: ComponentState, state: UnitState) -> tuple[Health, str, float | None]:
    if state is UnitState.STARTING:
        return Health.STARTING, "", None
    if state is not UnitState.RUNNING:
        return (Health.UNHEALTHY if seen.supervisor.running else Health.NONE), "", None
    young = component.since > 0 and seen.now - component.since < STARTING_SECONDS
    if component.name in _ROLES:
        health, told, age = (*_api_health(seen, young=young), None)
    elif component.name in _HEALTH_NAMES:
        health, told, age = _beating(seen, component, young=young)
    else:
        return Health.NONE, "", None
    if health is Health.STARTING and component.restarts and ended_badly(component.exit_code):
        told = f"started again, the last run {how_it_ended(component.exit_code)}"
        # Between two crashes it looks like a start.
        health = Health.UNHEALTHY if component.restarts >= _LOOP else health
    return health, told, age


def _api_health(seen: Seen, *, young: bool) -> tuple[Health, str]:
    if seen.answer is Answer.OURS:
        return Health.HEALTHY, ""
    if seen.answer is Answer.FOREIGN:
        return Health.UNHEALTHY, f"another program answers at its address: {seen.words}"
    if young:
        return Health.STARTING, "does not answer yet"
    if seen.answer is Answer.UNREADABLE:
        return Health.UNKNOWN, seen.words
    return Health.UNHEALTHY, f"does not answer: {seen.words}" if seen.words else "does not answer"


def _beating(seen: Seen, component: ComponentState, *, young: bool) -> tuple[Health, str, float | None]:
    name = _HEALTH_NAMES[component.name]
    if seen.health is None or seen.answer is not Answer.OURS:
        return (Health.STARTING, "", None) if young else (Health.UNKNOWN, "the health page does not answer", None)
    entry = getattr(seen.health, name)
    age = entry.heartbeat_age if entry is not None else None
    # A heartbeat from before this process started was its predecessor's.
    own = age is not None and (not component.since or age <= seen.now - component.since)
    if entry is not None and entry.status == "healthy" and own:
        inside = name == "scheduler" and bool(seen.beats) and "dag_processor" not in seen.beats
        return Health.HEALTHY, _INSIDE_SCHEDULER if inside else "", age
    if young:
        return Health.STARTING, "waits for its first heartbeat", None
    if age is None:
        return Health.UNHEALTHY, "has not sent a heartbeat yet", None
    return Health.UNHEALTHY, f"last heartbeat {human_seconds(age)} ago", age


def _supervisor(seen: Seen) -> Unit:
    running = seen.supervisor.running
    usage = seen.usage.get(SUPERVISOR) if running else None
    return Unit(
        id=SUPERVISOR,
        role="supervisor",
        state=UnitState.RUNNING if running else UnitState.EXITED,
        health=Health.HEALTHY if running else Health.NONE,
        since=usage.started if usage else None,
        pid=seen.supervisor.pid,
        processes=usage.processes if usage else 0,
        cpu=usage.cpu if usage else None,
        memory=usage.memory if usage else None,
    )


def _stack(seen: Seen, units: tuple[Unit, ...]) -> tuple[StackState, str]:
    supervisor = seen.supervisor
    if not supervisor.running:
        if seen.leftovers:
            some = "1 process" if seen.leftovers == 1 else f"{seen.leftovers} processes"
            return StackState.DEGRADED, f"the supervisor is gone and {some} of the stack still run"
        if supervisor.components and not supervisor.ended_well:
            return (
                StackState.STOPPED,
                "the supervisor ended without being told to: killed, or the machine restarted",
            )
        return StackState.STOPPED, ""
    if not supervisor.components:
        return StackState.UNKNOWN, "a supervisor runs, but its state file is missing or damaged"
    components = units[:-1]
    error = "" if seen.answer is Answer.OURS else seen.words
    database = seen.health.metadatabase if seen.health is not None else None
    if any(_broken(unit) for unit in components) or (database is not None and database.status != "healthy"):
        return StackState.DEGRADED, error
    if any(unit.health is Health.STARTING for unit in components):
        return StackState.STARTING, error
    if any(unit.health is Health.UNKNOWN for unit in components):
        return StackState.UNKNOWN, error
    return StackState.RUNNING, error


def _broken(unit: Unit) -> bool:
    return unit.health is Health.UNHEALTHY or unit.state in (
        UnitState.RESTARTING,
        UnitState.EXITED,
        UnitState.UNKNOWN,
    )
