"""How one pod is, and why it is not fine. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_pods import Part
from airflow_wizard.status.kube_words import OOM, Verdict, how_ended, verdict
from airflow_wizard.status.rules import STARTING_SECONDS, Answer, Heard, again, beat, page
from airflow_wizard.status.snapshot import Health, UnitState
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.kube_objects import KubeEvent, NodeRecord
    from airflow_wizard.engines.kube_pods import Pod, PodContainer

BEATS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag-processor": "dag_processor"}
# A claim is bound and a node made room on within seconds, where that goes by itself.
_PLACED_SOON = 15.0
# A volume is attached and a network made within seconds; a warning in between is not the end of it.
_MADE_SOON = 20.0
# Removing takes as long as the pod asked for; so much later something holds it.
_GONE_SOON = 15.0
_HOLDS_UP = {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedMapVolume", "NetworkNotReady"}


@dataclass(frozen=True, slots=True)
class Around:
    """What beside a pod tells how it is.

    Attributes:
        now: unix seconds.
        heard: at the stack's address.
        nodes: by name; empty where nodes may not be seen.
        warnings: the newest warning about each pod, by its uid.
    """

    now: float
    heard: Heard = field(default_factory=Heard)
    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    warnings: Mapping[str, KubeEvent] = field(default_factory=dict)


def state_of(pod: Pod, around: Around) -> Verdict:
    """How a pod is by what the cluster says; Airflow is not asked."""
    if pod.over:
        return _over(pod)
    lost = _lost(pod, around)
    if pod.deleted is not None:
        late = around.now - pod.deleted
        held = f"should be gone for {human_seconds(late)}" if late > _GONE_SOON else "is being removed"
        return Verdict(UnitState.TERMINATING, Health.NONE, f"{held}; {lost}" if lost else held)
    if lost or pod.phase == "Unknown":
        return Verdict(UnitState.UNKNOWN, Health.UNKNOWN, lost or "the cluster does not know how it is")
    if not pod.node:
        return _unplaced(pod, around.now)
    main = pod.main
    if main is None:
        return Verdict(UnitState.UNKNOWN, Health.UNKNOWN, "the cluster does not say what is in it")
    if main.state not in ("running", "terminated") and (first := _first(pod)) is not None:
        return first
    return _running(pod, main, around)


def _lost(pod: Pod, around: Around) -> str:
    node = around.nodes.get(pod.node)
    if pod.reason == "NodeLost" or (node is not None and node.ready is None):
        return f"its node {pod.node} does not report: how it is now is not known"
    return ""


def _over(pod: Pod) -> Verdict:
    if pod.phase == "Succeeded":
        return Verdict(UnitState.DONE)
    main = pod.main
    said = f": {pod.message}" if pod.message else ""
    if pod.reason == "Evicted":
        return Verdict(UnitState.EXITED, Health.UNHEALTHY, f"was evicted from {pod.node or 'its node'}{said}")
    if pod.reason:
        return Verdict(UnitState.EXITED, Health.UNHEALTHY, f"{pod.reason}{said}")
    bad = [c for c in pod.containers if c.state == "terminated" and c.exit_code]
    worst = main if main in bad else next(iter(bad), main)
    if worst is None or worst.state != "terminated":
        return Verdict(UnitState.EXITED, Health.UNHEALTHY, "failed")
    name = "" if worst is main else f"{worst.name}: "
    return Verdict(UnitState.EXITED, Health.UNHEALTHY, name + how_ended(worst.reason, worst.exit_code, worst))


def _unplaced(pod: Pod, now: float) -> Verdict:
    if not pod.reason:
        return Verdict(UnitState.PENDING, Health.STARTING, "waits for a node")
    since = pod.placed_since or pod.created
    soon = since is not None and now - since < _PLACED_SOON
    why = "is held back by a scheduling gate" if pod.reason == "SchedulingGated" else "no node takes it"
    # What follows tells of a second try that no one asked for.
    said = pod.message.partition(". no new claims")[0].partition(" preemption:")[0].rstrip(". ")
    said = f": {said}" if said else ""
    return Verdict(UnitState.PENDING, Health.STARTING if soon else Health.UNHEALTHY, f"{why}{said}")


def _first(pod: Pod) -> Verdict | None:
    """The init container that is not through yet; None when all are."""
    inits = [c for c in pod.containers if c.part in (Part.INIT, Part.SIDECAR)]
    done = [_through(c) for c in inits]
    if all(done):
        return None
    number = done.index(False)
    current, seen = inits[number], verdict(inits[number], once=pod.once)
    at = f"init {number}/{len(inits)}, {current.name}"
    if not seen.fine:
        return Verdict(seen.state, Health.UNHEALTHY, f"{at}: {seen.why}")
    return Verdict(UnitState.STARTING, Health.STARTING, at if current.state == "running" else "")


def _through(container: PodContainer) -> bool:
    if container.part is Part.SIDECAR:
        return container.state == "running"
    return container.state == "terminated" and container.exit_code == 0


def _running(pod: Pod, main: PodContainer, around: Around) -> Verdict:
    seen = verdict(main, once=pod.once)
    if seen.state is UnitState.STARTING:
        return _made(pod, seen, around)
    if not seen.fine or seen.state is UnitState.DONE:
        return seen
    for other in pod.containers:
        beside = verdict(other, once=pod.once) if other.part in (Part.SECOND, Part.SIDECAR) else seen
        if not beside.fine:
            return Verdict(UnitState.RUNNING, Health.UNHEALTHY, f"{other.name}: {beside.why}")
    if main.ready:
        return Verdict(UnitState.RUNNING, Health.HEALTHY if main.probed else Health.NONE)
    probe = around.warnings.get(pod.uid)
    said = f": {probe.message.rstrip(': ')}" if probe is not None and probe.reason == "Unhealthy" else ""
    if was_ready(pod, main):
        return Verdict(UnitState.RUNNING, Health.UNHEALTHY, f"is not ready any more{said}")
    return Verdict(UnitState.RUNNING, Health.STARTING, f"is not ready yet{said}")


def was_ready(pod: Pod, main: PodContainer) -> bool:
    """Whether this run of it was ready before: that it is not any more was noted later than the start of the run."""
    return pod.ready_since is not None and main.since is not None and pod.ready_since > main.since + 1.0


def _made(pod: Pod, seen: Verdict, around: Around) -> Verdict:
    warning = around.warnings.get(pod.uid)
    if warning is None or warning.reason not in _HOLDS_UP or warning.time < (pod.created or 0.0):
        return seen
    young = around.now - (pod.created or 0.0) < _MADE_SOON
    return Verdict(UnitState.PENDING, Health.STARTING if young else Health.UNHEALTHY, warning.message)


def with_airflow(pod: Pod, role: str, seen: Verdict, around: Around) -> tuple[Verdict, float | None]:
    """How a pod that runs is by Airflow's own word, and the age of its heartbeat in seconds."""
    main, heard = pod.main, around.heard
    if main is None or seen.state is not UnitState.RUNNING or seen.health is Health.UNHEALTHY:
        return seen, None
    young = main.since is None or around.now - main.since < STARTING_SECONDS
    health: Health = seen.health
    told, age = seen.why, None
    if role == "api" and seen.health is not Health.STARTING:
        health, told = _page(seen, heard, young=young)
    elif role in BEATS and heard.ours:
        health, told, age = beat(heard, BEATS[role], now=around.now, since=main.since, young=young)
    elif role in BEATS and health is Health.NONE:
        health = Health.STARTING if young else Health.UNKNOWN
        told = "" if young else "the health page does not answer"
    last = main.last_code
    words = how_ended(OOM, last, main) if main.last_reason == OOM else ""
    if health is Health.NONE and young:
        new, why = again(Health.STARTING, "", restarts=main.restarts, last=last, words=words)
        return Verdict(seen.state, *((new, why) if why else (health, told))), age
    health, told = again(health, told, restarts=main.restarts, last=last, words=words)
    return Verdict(seen.state, health, told), age


def _page(seen: Verdict, heard: Heard, *, young: bool) -> tuple[Health, str]:
    """The cluster asks it inside, we ask at its address: both have to answer."""
    if heard.answer is Answer.SILENT and seen.health is Health.HEALTHY and not young:
        said = f": {heard.words}" if heard.words else ""
        return Health.HEALTHY, f"answers in the cluster, but not at its address{said}"
    return page(heard, young=young)
