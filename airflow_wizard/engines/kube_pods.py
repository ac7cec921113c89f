"""What a cluster says of a pod, as a value of a few fields: thousands of them are kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from sys import intern
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_json import each, inner, moment, quantity, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = 600


class Part(StrEnum):
    """What a container is for in its pod."""

    MAIN = "main"
    SECOND = "second"
    SIDECAR = "sidecar"
    INIT = "init"


@dataclass(frozen=True, slots=True)
class PodContainer:
    """One container of a pod.

    Attributes:
        name: in the pod.
        part: main, another beside it, native sidecar (an init container that goes on), or init.
        state: waiting, running or terminated; empty when nothing is told of it yet.
        reason: Kubernetes' word: ContainerCreating, CrashLoopBackOff, OOMKilled, Completed, …
        message: more about it; safe to show.
        exit_code: of a run that ended.
        since: unix seconds of the start of this run, or of its end.
        ready: its readiness probe, where there is one, says so.
        probed: it has one.
        restarts: how often it was started again.
        last_code: exit code of the run before.
        last_reason: why that ended, in Kubernetes' word.
        last_ended: unix seconds of its end.
        image: as the pod asks for it.
        run: the runtime's id of this run.
        memory_limit: bytes.
        cpu_limit: cores.
    """

    name: str
    part: Part
    state: str = ""
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    since: float | None = None
    ready: bool = False
    probed: bool = False
    restarts: int = 0
    last_code: int | None = None
    last_reason: str = ""
    last_ended: float | None = None
    image: str = ""
    run: str = ""
    memory_limit: int | None = None
    cpu_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod.

    Attributes:
        name: its name.
        uid: of this very pod.
        component: as the chart, or the wizard, labels it; empty when neither does.
        task: ``dag.task`` of a pod that runs one task of Airflow; empty for others.
        attempt: which try of the task; 0 for others.
        owner: kind and name of what made it.
        phase: Pending, Running, Succeeded, Failed, Unknown.
        reason: of the whole pod: Evicted, NodeLost, Unschedulable, …
        message: more about it; safe to show.
        node: where it is; empty before it has one.
        created: unix seconds.
        deleted: unix seconds when it has to be gone; None while nobody removes it.
        ready: the pod as a whole.
        ready_since: unix seconds of the last change of that.
        placed_since: unix seconds of the last change of whether it has a node.
        once: it is not started again when it ended.
        containers: init containers first, in their order.
    """

    name: str
    uid: str
    component: str = ""
    task: str = ""
    attempt: int = 0
    owner: tuple[str, str] = ("", "")
    phase: str = ""
    reason: str = ""
    message: str = ""
    node: str = ""
    created: float | None = None
    deleted: float | None = None
    ready: bool = False
    ready_since: float | None = None
    placed_since: float | None = None
    once: bool = False
    containers: tuple[PodContainer, ...] = ()

    @property
    def main(self) -> PodContainer | None:
        """The container that the pod is there for."""
        return next((c for c in self.containers if c.part is Part.MAIN), None)

    @property
    def over(self) -> bool:
        """It came to its end, well or not."""
        return self.phase in ("Succeeded", "Failed")


def component_of(labels: Mapping[str, Any]) -> str:
    """Which component something is of, by its labels; empty when they do not tell."""
    return intern(text(labels.get("component")) or text(labels.get("app.kubernetes.io/component")))


def owner_of(metadata: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and name of what made something."""
    owner = next(iter(each(metadata, "ownerReferences")), {})
    return intern(text(owner.get("kind"))), intern(text(owner.get("name")))


def pod_of(found: Mapping[str, Any]) -> Pod:
    """A pod as the API tells it; what is missing or odd is left at nothing."""
    metadata, spec, status = inner(found, "metadata"), inner(found, "spec"), inner(found, "status")
    labels = inner(metadata, "labels")
    component = component_of(labels)
    conditions = {text(c.get("type")): c for c in each(status, "conditions")}
    ready, placed = conditions.get("Ready", {}), conditions.get("PodScheduled", {})
    reason, message = text(status.get("reason")), text(status.get("message"), _LONGEST)
    if not reason and placed.get("status") == "False":
        reason, message = text(placed.get("reason")), text(placed.get("message"), _LONGEST)
    task, attempt = _task(labels, inner(metadata, "annotations"))
    return Pod(
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        component=component,
        task=task,
        attempt=attempt,
        owner=owner_of(metadata),
        phase=intern(text(status.get("phase"))),
        reason=intern(reason),
        message=message,
        node=intern(text(spec.get("nodeName"))),
        created=moment(metadata.get("creationTimestamp")),
        deleted=moment(metadata.get("deletionTimestamp")),
        ready=ready.get("status") == "True",
        ready_since=moment(ready.get("lastTransitionTime")),
        placed_since=moment(placed.get("lastTransitionTime")),
        once=spec.get("restartPolicy") in ("Never", "OnFailure"),
        containers=tuple(_containers(spec, status, component)),
    )


def _task(labels: Mapping[str, Any], notes: Mapping[str, Any]) -> tuple[str, int]:
    """Labels are cut and changed to fit; the whole names stand in the annotations."""
    if str(labels.get("kubernetes_executor")).lower() != "true":
        return "", 0
    dag, task, number = (text(notes.get(key)) or text(labels.get(key)) for key in ("dag_id", "task_id", "map_index"))
    attempt = text(notes.get("try_number")) or text(labels.get("try_number"))
    name = f"{dag}.{task}" if dag and task else dag or task
    mapped = f"[{number}]" if number not in ("", "-1") else ""
    return name + mapped if name else "", int(attempt) if attempt.isdecimal() and len(attempt) < 9 else 0


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any], component: str) -> Iterator[PodContainer]:
    said = {text(s.get("name")): s for s in each(status, "initContainerStatuses")}
    for one in each(spec, "initContainers"):
        part = Part.SIDECAR if one.get("restartPolicy") == "Always" else Part.INIT
        yield _container(one, said.get(text(one.get("name")), {}), part)
    said = {text(s.get("name")): s for s in each(status, "containerStatuses")}
    listed = each(spec, "containers")
    names = [text(one.get("name")) for one in listed]
    # The chart names it after the component, Airflow's executor calls it base.
    main = next((name for name in (component, "base") if name in names), names[0] if names else "")
    for name, one in zip(names, listed, strict=True):
        yield _container(one, said.get(name, {}), Part.MAIN if name == main else Part.SECOND)
        main = "\n" if name == main else main  # a name that no other can have: there is one main container


def _container(asked: Mapping[str, Any], said: Mapping[str, Any], part: Part) -> PodContainer:
    state, now = _state(inner(said, "state"))
    _, last = _state(inner(said, "lastState"))
    limits = inner(asked, "resources", "limits")
    memory = quantity(limits.get("memory"))
    return PodContainer(
        name=intern(text(asked.get("name"))),
        part=part,
        state=state,
        reason=intern(text(now.get("reason"))),
        message=text(now.get("message"), _LONGEST),
        exit_code=whole(now.get("exitCode")) if state == "terminated" else None,
        since=moment(now.get("startedAt" if state == "running" else "finishedAt")),
        ready=said.get("ready") is True,
        probed=isinstance(asked.get("readinessProbe"), dict),
        restarts=max(0, whole(said.get("restartCount")) or 0),
        last_code=whole(last.get("exitCode")),
        last_reason=intern(text(last.get("reason"))),
        last_ended=moment(last.get("finishedAt")),
        image=intern(text(asked.get("image"), _LONGEST)),
        run=text(said.get("containerID")),
        memory_limit=None if not memory else int(memory),
        cpu_limit=quantity(limits.get("cpu")) or None,
    )


def _state(found: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    for name in ("running", "terminated", "waiting"):
        if isinstance(found.get(name), dict):
            return name, found[name]
    return "", {}
