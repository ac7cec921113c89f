"""What was seen of a Compose project, put together into one snapshot. Pure: values in, a value out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.status.rules import (
    LOST,
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
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_bytes, human_seconds, one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.status.place import Place

_ROLES = {
    "postgres": "database",
    "redis": "broker",
    "airflow-apiserver": "api",
    "airflow-webserver": "api",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag-processor",
    "airflow-worker": "worker",
    "airflow-triggerer": "triggerer",
}
_BEATS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}
# Between the end of the service that runs once and the creation of the others.
_SOON = 60.0
_STARVED = "ran out of memory and was killed"
# How long it is said that a process was lost.
_RECENT = 600.0
_MOST_SAID = 2_000
_WORDS = {"healthy": Health.HEALTHY, "unhealthy": Health.UNHEALTHY, "starting": Health.STARTING}


@dataclass(frozen=True, slots=True)
class SeenProject:
    """One look at a Compose project.

    Attributes:
        place: what should run, and where.
        now: unix seconds of the look.
        containers: all of them, running or not, in no order.
        elsewhere: other folders that have containers of a project of this name.
        heard: what was heard at its address.
        usage: by container id.
        here: ids of containers whose processes are processes of this machine.
        last_ends: exit code of the last end that was seen, by container id.
        ooms: when its memory last ran out (unix seconds), by container id.
        starved: ids of those whose last end came of that.
        paused: when it was last paused (unix seconds), by container id.
        events: recent happenings: (unix seconds, unit, text), newest last.
        unseen: why the engine could not be asked; empty when it was.
        retry_at: unix seconds when an engine that does not answer is asked again.
        mask: takes secrets out of what a container said.
    """

    place: Place
    now: float
    containers: tuple[Container, ...] = ()
    elsewhere: tuple[str, ...] = ()
    heard: Heard = field(default_factory=Heard)
    usage: Mapping[str, UsageNow] = field(default_factory=dict)
    here: frozenset[str] = frozenset()
    last_ends: Mapping[str, int] = field(default_factory=dict)
    ooms: Mapping[str, float] = field(default_factory=dict)
    starved: frozenset[str] = frozenset()
    paused: Mapping[str, float] = field(default_factory=dict)
    events: tuple[tuple[float, str, str], ...] = ()
    unseen: str = ""
    retry_at: float | None = None
    mask: Callable[[str], str] = str


def assemble_project(seen: SeenProject) -> Snapshot:
    """The snapshot of one look."""
    place = seen.place
    if seen.unseen:
        units = tuple(Unit(name, _role(seen, name), UnitState.UNKNOWN) for name in place.expected)
        return _snapshot(seen, StackState.UNKNOWN, units, seen.unseen)
    live = is_live(seen.containers)
    units = tuple(_units(seen, live=live))
    if not live:
        others = seen.elsewhere
        taken = (
            f"project {place.project} is in use by {one_line(others[0])}; this stack has no containers"
            if others
            else ""
        )
        return _snapshot(seen, StackState.STOPPED, units, taken)
    should = [unit for unit in units if unit.role != "init" or unit.state is not UnitState.DONE]
    return _snapshot(seen, overall(should, seen.heard), units, "" if seen.heard.ours else seen.heard.words)


def _taken(seen: SeenProject) -> str:
    if not seen.elsewhere:
        return ""
    return f"project {seen.place.project} is in use by {one_line(seen.elsewhere[0])}; this stack has no containers"


def is_live(containers: tuple[Container, ...]) -> bool:
    """Whether anything runs, or is about to run again."""
    return any(c.state in ("running", "paused", "restarting") and not c.one_off for c in containers)


def front(containers: tuple[Container, ...]) -> Container | None:
    """The container that answers people."""
    return next((c for c in current(containers) if _ROLES.get(c.service) == "api"), None)


def current(containers: tuple[Container, ...]) -> tuple[Container, ...]:
    """Without those of ``docker compose run``, and without one that is just being replaced by another."""
    best: dict[tuple[str, int], Container] = {}
    for container in containers:
        key = (container.service, container.number)
        if container.one_off:
            continue
        if key not in best or _precedence(container) > _precedence(best[key]):
            best[key] = container
    return tuple(best.values())


def _precedence(container: Container) -> tuple[bool, float]:
    return container.running, container.started or 0.0


def _snapshot(seen: SeenProject, state: StackState, units: tuple[Unit, ...], error: str) -> Snapshot:
    place = seen.place
    return Snapshot(
        stack=place.stack,
        target=place.target,
        state=state,
        units=units,
        airflow=seen.heard.word,
        url=place.url,
        taken=seen.now,
        events=seen.events,
        error=error,
        reachable=not seen.unseen,
        retry_at=seen.retry_at,
    )


def _role(seen: SeenProject, service: str) -> str:
    return "init" if service == seen.place.once else _ROLES.get(service, "other")


def _units(seen: SeenProject, *, live: bool) -> Iterator[Unit]:
    """A row for every container in the order of the file, and one for each that should be there."""
    place, there = seen.place, current(seen.containers)
    names = unit_names(there)
    order = {service: number for number, service in enumerate(place.order or place.expected)}
    services = {*(c.service for c in there), *place.expected}
    for service in sorted(services, key=lambda s: (order.get(s, len(order)), s)):
        found = sorted((c for c in there if c.service == service), key=lambda c: c.number)
        for container in found:
            yield _unit(seen, container, names[container.id], live=live)
        wanted = place.replicas.get(service, 1) if service in place.expected else 0
        if not found:
            yield _missing(seen, service, live=live)
        elif len(found) < wanted:
            yield _missing(seen, service, live=live, more=f"{service} ({wanted - len(found)} more)")


def _missing(seen: SeenProject, service: str, *, live: bool, more: str = "") -> Unit:
    role, name = _role(seen, service), more or service
    if not live:
        return Unit(name, role, UnitState.EXITED, Health.NONE)
    once = next((c for c in seen.containers if c.service == seen.place.once and not c.one_off), None)
    if once is not None and (once.running or (not once.exit_code and seen.now - (once.finished or 0.0) < _SOON)):
        return Unit(name, role, UnitState.STARTING, Health.STARTING, reason="has no container yet")
    start = f"airflow-wizard start {seen.place.stack}"
    return Unit(name, role, UnitState.EXITED, Health.UNHEALTHY, reason=f"has no container; make it: {start}")


def _unit(seen: SeenProject, container: Container, name: str, *, live: bool) -> Unit:
    role = _role(seen, container.service)
    state, why = _state(container, role)
    if state is UnitState.EXITED and live and not why and container.state != "removing":
        why = f"does not run; start it: airflow-wizard start {seen.place.stack} --unit {name}"
    health, told, age = _health(seen, container, role, state, live=live)
    usage = seen.usage.get(container.id) if container.running else None
    return Unit(
        id=name,
        role=role,
        state=state,
        health=health,
        restarts=container.restarts,
        since=_since(seen, container),
        heartbeat_age=age,
        pid=container.pid if container.id in seen.here else None,
        processes=usage.processes if usage else 0,
        cpu=usage.cpu if usage else None,
        memory=usage.memory if usage else None,
        exit_code=container.exit_code,
        reason=one_line(seen.mask(why or told or _lost_a_process(seen, container)), limit=300),
        memory_limit=container.memory_limit,
        cpu_limit=container.cpu_limit,
        health_output=plain(seen.mask(container.health_said), limit=_MOST_SAID),
        last_exit=seen.last_ends.get(container.id) if container.running else None,
        image=one_line(container.image, limit=200),
        container=one_line(container.name, limit=200),
        ports=container.ports,
    )


def _since(seen: SeenProject, container: Container) -> float | None:
    if container.state == "paused":
        return seen.paused.get(container.id)
    return container.started if container.running else container.finished


def _lost_a_process(seen: SeenProject, container: Container) -> str:
    """The kernel may kill a process in it for memory and leave the first one alone, as with a Celery worker's task."""
    at = seen.ooms.get(container.id, 0.0)
    if not container.running or at <= (container.started or 0.0) or seen.now - at > _RECENT:
        return ""
    limit = f" (limit {human_bytes(container.memory_limit)})" if container.memory_limit else ""
    return f"{LOST} for memory{limit} {human_seconds(seen.now - at)} ago"


def _state(container: Container, role: str) -> tuple[UnitState, str]:
    """Its state, and why that is not fine. States: moby, container/state.go."""
    state, why = UnitState.UNKNOWN, f"the engine calls it {container.state or 'nothing'}"
    match container.state:
        case "running" if role == "init":
            state, why = UnitState.STARTING, "creates database and login"
        case "running":
            state, why = UnitState.RUNNING, ""
        case "paused":
            state, why = UnitState.PAUSED, f"is paused; let it go on: docker unpause {container.name}"
        case "restarting":
            times = f", {container.restarts} times so far" if container.restarts > 1 else ""
            state, why = UnitState.RESTARTING, f"{_ended(container)}; is started again{times}"
        case "created" if not container.error:
            state, why = UnitState.STARTING, "is made and not started yet"
        case "removing":
            state, why = UnitState.EXITED, "is being removed"
        case "exited" if role == "init" and container.exit_code == 0:
            state, why = UnitState.DONE, ""
        case "created" | "exited" | "dead":
            bad = container.oom or container.error or ended_badly(container.exit_code)
            state, why = UnitState.EXITED, _ended(container) if bad else ""
    return state, why


def _ended(container: Container) -> str:
    if container.oom:
        return _STARVED
    if container.error:
        return f"could not be started: {container.error}"
    return how_it_ended(container.exit_code)


def _health(
    seen: SeenProject, container: Container, role: str, state: UnitState, *, live: bool
) -> tuple[Health, str, float | None]:
    if state is UnitState.STARTING:
        return (Health.STARTING if live else Health.NONE), "", None
    if state is UnitState.DONE:
        return Health.NONE, "", None
    if state is not UnitState.RUNNING:
        return (Health.UNHEALTHY if live else Health.NONE), "", None
    since, age = container.started, None
    young = container.health == "starting" or (since is not None and seen.now - since < STARTING_SECONDS)
    own = _WORDS.get(container.health, Health.NONE)
    health, told = own, ""
    if own is Health.UNHEALTHY and not (role == "api" and seen.heard.answer is Answer.FOREIGN):
        told = f"its check fails: {container.health_said or 'it says nothing'}"
    elif role == "api":
        health, told = page(seen.heard, young=young)
    elif role in _BEATS and seen.heard.ours:
        health, told, age = beat(seen.heard, _BEATS[role], now=seen.now, since=since, young=young)
    last = seen.last_ends.get(container.id)
    if health is Health.NONE and young:
        # Without a check of its own, a start says no more than that of one that is checked.
        again_health, again_told = again(Health.STARTING, "", restarts=container.restarts, last=last)
        return (again_health, again_told, age) if again_told else (health, told, age)
    health, told = again(
        health, told, restarts=container.restarts, last=last, words=_STARVED if container.id in seen.starved else ""
    )
    return health, told, age
