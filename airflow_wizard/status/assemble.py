"""What was seen of a stack without containers, put together into one snapshot. Pure: values in, a value out.

No rule here looks at what somebody intended; a row says what its process and Airflow's own health body show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard.status.rules import (
    STARTING_SECONDS,
    Answer,
    Heard,
    UsageNow,
    again,
    beat,
    ended_badly,
    how_it_ended,
    overall,
    page,
)
from airflow_wizard.status.snapshot import AirflowHealth, Health, Snapshot, StackState, Unit, UnitState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.supervised import ComponentState, SupervisorState

__all__ = ["SUPERVISOR", "Answer", "Seen", "UsageNow", "assemble", "ended_badly", "how_it_ended"]

SUPERVISOR = "supervisor"

_ROLES = {"api-server": "api", "webserver": "api"}
_HEALTH_NAMES = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}


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
        events: what was seen to happen, newest last: (unix seconds, unit, text).
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
    events: tuple[tuple[float, str, str], ...] = ()

    @property
    def heard(self) -> Heard:
        """What was heard at its address."""
        return Heard(self.answer, self.words, self.health, self.beats)


def assemble(seen: Seen) -> Snapshot:
    """The snapshot of one look."""
    units = (*(_unit(seen, name) for name in _names(seen)), _supervisor(seen))
    state, error = _stack(seen, units)
    return Snapshot(
        stack=seen.stack,
        target=seen.target,
        state=state,
        units=units,
        airflow=seen.heard.word,
        url=seen.url,
        taken=seen.now,
        events=seen.events,
        error=error,
    )


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
        last_exit=component.exit_code if alive else None,
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
    if component.state == "stopped":
        return UnitState.EXITED, f"was stopped; start it: airflow-wizard start {seen.stack} --unit {component.name}"
    return UnitState.EXITED, ""


def _health(seen: Seen, component: ComponentState, state: UnitState) -> tuple[Health, str, float | None]:
    if state is UnitState.STARTING:
        return Health.STARTING, "", None
    if state is not UnitState.RUNNING:
        return (Health.UNHEALTHY if seen.supervisor.running else Health.NONE), "", None
    young = component.since > 0 and seen.now - component.since < STARTING_SECONDS
    age = None
    if component.name in _ROLES:
        health, told = page(seen.heard, young=young)
    elif component.name in _HEALTH_NAMES:
        name = _HEALTH_NAMES[component.name]
        health, told, age = beat(seen.heard, name, now=seen.now, since=component.since, young=young)
    else:
        return Health.NONE, "", None
    health, told = again(health, told, restarts=component.restarts, last=component.exit_code)
    return health, told, age


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
    return overall(units[:-1], seen.heard), "" if seen.heard.ours else seen.words
