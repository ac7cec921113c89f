"""Jobs, claims, services, events, and components without a pod, as parts of a snapshot. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from airflow_wizard.status.kube_names import component_of, role_of
from airflow_wizard.status.snapshot import Claim, Health, JobRun, ServicePort, Unit, UnitState
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.engines.kube_objects import ClaimRecord, KubeEvent, ServiceRecord, Workload
    from airflow_wizard.status.kube_seen import SeenRelease

# Of one unit; as many as a screen shows.
PER_UNIT = 20
# What a kubelet adds to "Back-off restarting failed container worker"; whose event it is, is told beside it.
_IN_POD = re.compile(r" in pod \S+_\S+\([0-9a-f-]{36}\)")
_MADE_BY = ("ReplicaSet", "StatefulSet", "Deployment", "Job")


def claims(seen: SeenRelease) -> tuple[Claim, ...]:
    """Claims by name, each with why it is not bound."""
    found = sorted(seen.claims or (), key=lambda c: c.name)
    return tuple(Claim(c.name, c.phase or "unknown", c.size, c.storage, _unbound(seen, c)) for c in found)


def _unbound(seen: SeenRelease, claim: ClaimRecord) -> str:
    if claim.phase == "Bound":
        return ""
    if claim.phase == "Lost":
        return f"its volume {claim.volume} is not there any more"
    event = seen.warned.get(("PersistentVolumeClaim", claim.name))
    if event is None:
        return ""
    if event.reason == "WaitForFirstConsumer":
        return "waits for the first pod that uses it"
    return one_line(seen.mask(event.message), limit=300)


def jobs(seen: SeenRelease) -> tuple[JobRun, ...]:
    """Jobs by name."""
    found = sorted(seen.jobs or (), key=lambda j: j.name)
    return tuple(
        JobRun(
            j.name, j.state, j.tries, j.since,
            one_line(seen.mask(f"{j.reason}: {j.message}" if j.message else j.reason), limit=300),
        )
        for j in found
    )  # fmt: skip


def services(seen: SeenRelease) -> tuple[ServicePort, ...]:
    """Services by name, each with where it is reached."""
    return tuple(_service(seen, s) for s in sorted(seen.services or (), key=lambda s: s.name))


def _service(seen: SeenRelease, service: ServiceRecord) -> ServicePort:
    port, node = service.ports[0] if service.ports else (0, 0)
    address = "" if service.address in ("", "None") else f"{service.address}:{port}"
    outside = ", ".join(f"{one}:{port}" for one in service.outside)
    if not outside and node:
        outside = f"port {node} of every node"
    pods = [p for p in seen.pods if component_of(p, seen.release) == service.component and not p.task]
    reason = ""
    if service.component and not any(p.ready and p.deleted is None for p in pods):
        reason = "no pod behind it is ready" if pods else "no pod is behind it"
    elif service.kind == "LoadBalancer" and not service.outside:
        reason = "the cluster has not given it an address yet"
    return ServicePort(service.name, service.kind or "ClusterIP", address, outside, reason)


def missing(seen: SeenRelease, *, live: bool) -> Iterator[Unit]:
    """A row for each component that has no pod, or fewer than it should."""
    there = Counter(component_of(p, seen.release) for p in seen.pods if not p.task and p.deleted is None and not p.over)
    every = {component_of(p, seen.release) for p in seen.pods if not p.task}
    known = {w.component: w for w in seen.workloads or () if w.component}
    for component in dict.fromkeys([*seen.place.expected, *known]):
        workload = known.get(component)
        wanted = workload.wanted if workload is not None else 1
        if not there[component] and (wanted or component not in every):
            yield _absent(seen, component, workload, live=live)
        elif 0 < there[component] < wanted:
            why = _why_none(seen, workload)
            health = Health.UNHEALTHY if why else Health.STARTING
            name, state = f"{component} ({wanted - there[component]} more)", UnitState.PENDING
            yield Unit(name, role_of(component), state, health, reason=why or "is not made yet", component=component)


def _absent(seen: SeenRelease, component: str, workload: Workload | None, *, live: bool) -> Unit:
    role, start = role_of(component), f"airflow-wizard start {seen.place.stack}"

    def unit(state: UnitState, health: Health, why: str = "") -> Unit:
        return Unit(component, role, state, health, reason=why, component=component)

    if seen.workloads is None or seen.partial:
        return unit(UnitState.UNKNOWN, Health.UNKNOWN)
    if not live:
        return unit(UnitState.EXITED, Health.NONE)
    if workload is None:
        if any(job.state == "running" for job in seen.jobs or ()):
            return unit(UnitState.PENDING, Health.STARTING, "is not made yet")
        return unit(UnitState.EXITED, Health.UNHEALTHY, f"is not in the cluster; make it: {start}")
    if not workload.wanted:
        words = f"is scaled to none; start it: {start} --unit {component}"
        return unit(UnitState.EXITED, Health.UNHEALTHY, words)
    why = _why_none(seen, workload)
    return unit(UnitState.PENDING, Health.UNHEALTHY if why else Health.STARTING, why or "is not made yet")


def _why_none(seen: SeenRelease, workload: Workload | None) -> str:
    """Why the cluster makes no pod of it: a quota, a policy, a missing account."""
    if workload is None:
        return ""
    if workload.message:
        return one_line(seen.mask(workload.message), limit=300)
    failed = (
        event
        for (kind, name), event in seen.warned.items()
        if kind in _MADE_BY and event.reason == "FailedCreate" and _is_by(name, workload)
    )
    newest = max(failed, key=lambda e: e.time, default=None)
    return "" if newest is None else one_line(seen.mask(newest.message), limit=300)


def _is_by(name: str, workload: Workload) -> bool:
    return name == workload.name or name.rpartition("-")[0] == workload.name


def told(seen: SeenRelease, names: dict[str, str]) -> tuple[tuple[float, str, str], ...]:
    """(unix seconds, unit, text), newest last; of each unit the newest few, so that one in a loop hides no other."""
    found: list[tuple[float, str, str]] = []
    count: Counter[str] = Counter()
    # From the newest on: of thousands only what is shown is put into words.
    for event in sorted(seen.events, key=lambda e: e.time, reverse=True):
        unit = names.get(event.about) or _about(seen, event)
        count[unit] += 1
        if count[unit] <= PER_UNIT:
            times = f" ({event.count} times)" if event.count > 1 else ""
            said = _IN_POD.sub("", event.message)
            found.append((event.time, unit, one_line(seen.mask(f"{event.reason}: {said}{times}"), limit=300)))
    return tuple(reversed(found))


def _about(seen: SeenRelease, event: KubeEvent) -> str:
    """What an event is about, where that is no pod that is there."""
    name = event.name.removeprefix(f"{seen.release}-") or event.name
    return name if event.kind == "Pod" else f"{event.kind} {name}"
