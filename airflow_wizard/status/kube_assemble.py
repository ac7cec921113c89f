"""What was seen of a release in a cluster, put together into one snapshot. Pure: values in, a value out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_pods import Part
from airflow_wizard.status import kube_things as things
from airflow_wizard.status.kube_memo import Memo
from airflow_wizard.status.kube_names import component_of, precedence, role_of, unit_names
from airflow_wizard.status.kube_pod_state import Around, state_of, with_airflow
from airflow_wizard.status.kube_words import short, verdict
from airflow_wizard.status.rules import overall
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitPart, UnitState
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.kube_pods import Pod, PodContainer
    from airflow_wizard.status.kube_seen import SeenRelease

_DOWN = (UnitState.EXITED, UnitState.RESTARTING)


def assemble_release(seen: SeenRelease, memo: Memo | None = None) -> Snapshot:
    """The snapshot of one look; ``memo`` is what the look before left for this one."""
    memo = memo or Memo()
    if seen.unseen:
        units = tuple(Unit(name, role_of(name), UnitState.UNKNOWN, component=name) for name in seen.place.expected)
        return _snapshot(seen, StackState.UNKNOWN, units, seen.unseen)
    names = memo.names(seen.pods, lambda: unit_names(seen.pods, seen.release))
    around = Around(seen.now, seen.heard, {n.name: n for n in seen.nodes or ()}, seen.warnings)
    live = is_live(seen)
    units = _units(seen, names, around, memo, live=live)
    if not live:
        state = StackState.UNKNOWN if seen.partial else StackState.STOPPED
        return _snapshot(seen, state, units, seen.missing, names)
    past = _past(seen, names)
    should = [unit for unit in units if unit.id not in past and not _is_over(unit)]
    state = overall(should, seen.heard)
    if seen.partial and state is StackState.RUNNING:
        state = StackState.UNKNOWN
    return _snapshot(seen, state, units, seen.missing or ("" if seen.heard.ours else seen.heard.words), names)


def is_live(seen: SeenRelease) -> bool:
    """Whether anything runs or is meant to."""
    wanted = any(w.wanted for w in seen.workloads or ())
    return wanted or any(not pod.over and pod.deleted is None for pod in seen.pods)


def front(pods: Iterable[Pod], release: str) -> Pod | None:
    """The pod that answers people."""
    found = [pod for pod in pods if not pod.task and role_of(component_of(pod, release)) == "api"]
    return max((pod for pod in found if pod.ready), key=precedence, default=None)


def _snapshot(
    seen: SeenRelease, state: StackState, units: tuple[Unit, ...], error: str, names: dict[str, str] | None = None
) -> Snapshot:
    place = seen.place
    return Snapshot(
        stack=place.stack,
        target=place.target,
        state=state,
        units=units,
        airflow=seen.heard.word,
        url=place.url,
        taken=seen.now,
        events=things.told(seen, names or {}),
        error=error,
        reachable=not seen.unseen,
        retry_at=seen.retry_at,
        claims=things.claims(seen),
        jobs=things.jobs(seen),
        services=things.services(seen),
    )


def _is_over(unit: Unit) -> bool:
    """What came to its end by itself, or ran a task, says nothing about the stack."""
    if unit.role == "task":
        return unit.state is not UnitState.PENDING
    return unit.state is UnitState.TERMINATING or (unit.role == "init" and unit.state is UnitState.DONE)


def _past(seen: SeenRelease, names: dict[str, str]) -> set[str]:
    """Units of pods that others have taken the place of."""
    best: dict[str, Pod] = {}
    staying = [pod for pod in seen.pods if not pod.task]
    for pod in staying:
        key = component_of(pod, seen.release)
        if key not in best or precedence(pod) > precedence(best[key]):
            best[key] = pod
    newest = {pod.uid for pod in best.values()}
    return {names[pod.uid] for pod in staying if pod.over and pod.uid not in newest}


def _units(seen: SeenRelease, names: dict[str, str], around: Around, memo: Memo, *, live: bool) -> tuple[Unit, ...]:
    """A row for every pod, and one for each component that has none."""
    found = []
    for pod in seen.pods:
        name, usage = names[pod.uid], seen.usage.get(pod.name)
        ports = seen.addresses.get(pod.component, ())
        beside = (name, usage, ports, around.nodes.get(pod.node), around.warnings.get(pod.uid))
        found.append(memo.unit(pod, beside, seen.now, partial(_unit, seen, pod, name, around)))
    found += things.missing(seen, live=live)
    return memo.arranged(found, {name: number for number, name in enumerate(seen.place.expected)})


def _unit(seen: SeenRelease, pod: Pod, name: str, around: Around) -> Unit:
    component = component_of(pod, seen.release)
    role = role_of(component, task=bool(pod.task))
    told = state_of(pod, around)
    told, age = with_airflow(pod, role, told, around)
    state = told.state
    if role == "init" and state is UnitState.RUNNING:
        state = UnitState.STARTING
    main = pod.main
    usage = seen.usage.get(pod.name)
    runs = [c for c in pod.containers if c.part is not Part.INIT]
    memory = _limit(c.memory_limit for c in runs)
    code = None if main is None else main.exit_code if state is UnitState.EXITED else main.last_code
    return Unit(
        id=name,
        role=role,
        state=state,
        health=Health.STARTING if state is UnitState.STARTING and told.fine else told.health,
        restarts=sum(c.restarts for c in pod.containers),
        since=_since(pod, main, state),
        heartbeat_age=age,
        cpu=usage.cpu if usage else None,
        memory=usage.memory if usage else None,
        exit_code=_code(main, code) if state in _DOWN else None,
        reason=one_line(seen.mask(told.why), limit=300) if told.why else "",
        memory_limit=None if memory is None else int(memory),
        cpu_limit=_limit(c.cpu_limit for c in runs),
        health_output=_probe(seen, pod, state),
        last_exit=main.last_code if main is not None and state is UnitState.RUNNING else None,
        image=main.image if main is not None else "",
        container=pod.name,
        ports=seen.addresses.get(component, ()),
        node=pod.node,
        component=component,
        parts=tuple(_part(c, once=pod.once) for c in pod.containers) if len(pod.containers) > 1 else (),
    )


def _code(main: PodContainer | None, code: int | None) -> int | None:
    return main.exit_code if main is not None and main.exit_code is not None else code


def _since(pod: Pod, main: PodContainer | None, state: UnitState) -> float | None:
    if main is None or state in (UnitState.PENDING, UnitState.STARTING):
        return main.since if main is not None and main.state == "running" else pod.created
    if state is UnitState.TERMINATING:
        return None
    return (main.last_ended if main.state == "waiting" else main.since) or (None if pod.over else pod.created)


def _limit(limits: Iterable[float | None]) -> float | None:
    """Of the whole pod; none where one container has none."""
    each = list(limits)
    return None if not each or None in each else sum(limit or 0.0 for limit in each)


def _probe(seen: SeenRelease, pod: Pod, state: UnitState) -> str:
    """What its probes said last; only while it runs and is not well by them."""
    event = seen.warnings.get(pod.uid)
    if event is None or event.reason != "Unhealthy" or state is not UnitState.RUNNING or pod.ready:
        return ""
    return plain(seen.mask(event.message), limit=2_000)


def _part(container: PodContainer, *, once: bool) -> UnitPart:
    told = verdict(container, once=once)
    return UnitPart(
        container.name,
        str(container.part),
        short(container, told),
        container.restarts,
        one_line(told.why, limit=200) if told.why else "",
        told.fine,
    )
