"""What a cluster says of everything beside pods, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from sys import intern
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_json import each, inner, moment, quantity, text, whole
from airflow_wizard.engines.kube_pods import component_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Workload:
    """A deployment or a stateful set: how many pods of a component there should be.

    Attributes:
        kind: Deployment or StatefulSet.
        name: its name.
        component: as it is labelled.
        wanted: pods there should be.
        ready: pods that are ready.
        message: why it cannot make them; empty when it can.
    """

    kind: str
    name: str
    component: str
    wanted: int
    ready: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job. ``state`` is running, done, failed or suspended; ``since`` in unix seconds."""

    name: str
    component: str
    state: str
    tries: int
    since: float | None
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim for storage. ``phase`` is Pending, Bound or Lost; ``size`` in bytes."""

    name: str
    phase: str
    size: int | None
    storage: str
    volume: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service. ``ports`` are (port, node port or 0); ``outside`` are addresses a load balancer gave it."""

    name: str
    component: str
    kind: str
    address: str
    ports: tuple[tuple[int, int], ...]
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node. ``ready`` is None when it does not report; ``since`` in unix seconds."""

    name: str
    ready: bool | None
    since: float | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class KubeEvent:
    """What the cluster tells that happened; it keeps that for an hour.

    Attributes:
        uid: of the event itself, which comes again with a higher count.
        time: unix seconds of the last time.
        kind: of what it is about: Pod, Job, PersistentVolumeClaim, …
        name: of what it is about.
        about: uid of what it is about.
        reason: one word.
        message: safe to show.
        warning: whether it is no everyday matter.
        count: how often it happened.
    """

    uid: str
    time: float
    kind: str
    name: str
    about: str
    reason: str
    message: str
    warning: bool
    count: int = 1


def workload_of(found: Mapping[str, Any]) -> Workload:
    """A deployment or a stateful set; which of them is told by who asked."""
    metadata, spec, status = inner(found, "metadata"), inner(found, "spec"), inner(found, "status")
    failing = next((c for c in each(status, "conditions") if c.get("type") == "ReplicaFailure"), {})
    wanted = whole(spec.get("replicas"))
    return Workload(
        kind="StatefulSet" if "serviceName" in spec or "updateStrategy" in spec else "Deployment",
        name=text(metadata.get("name")),
        component=component_of(inner(metadata, "labels")),
        wanted=1 if wanted is None else max(0, wanted),
        ready=max(0, whole(status.get("readyReplicas")) or 0),
        message=text(failing.get("message"), _LONGEST) if failing.get("status") == "True" else "",
    )


def job_of(found: Mapping[str, Any]) -> JobRecord:
    """A job, with the state that its conditions tell."""
    metadata, status = inner(found, "metadata"), inner(found, "status")
    told = {text(c.get("type")): c for c in each(status, "conditions") if c.get("status") == "True"}
    state, last = "running", {}
    for name, word in (("Complete", "done"), ("Failed", "failed"), ("Suspended", "suspended")):
        if name in told:
            state, last = word, dict(told[name])
            break
    tries = sum(max(0, whole(status.get(key)) or 0) for key in ("active", "succeeded", "failed"))
    since = moment(last.get("lastTransitionTime")) or moment(status.get("startTime"))
    return JobRecord(
        name=text(metadata.get("name")),
        component=component_of(inner(metadata, "labels")),
        state=state,
        tries=tries,
        since=since or moment(metadata.get("creationTimestamp")),
        reason=text(last.get("reason")) if state == "failed" else "",
        message=text(last.get("message"), _LONGEST) if state == "failed" else "",
    )


def claim_of(found: Mapping[str, Any]) -> ClaimRecord:
    """A claim; its size is what it got, or what it asks for."""
    spec, status = inner(found, "spec"), inner(found, "status")
    got = quantity(inner(status, "capacity").get("storage"))
    size = got or quantity(inner(spec, "resources", "requests").get("storage"))
    return ClaimRecord(
        name=text(inner(found, "metadata").get("name")),
        phase=intern(text(status.get("phase"))),
        size=None if size is None else int(size),
        storage=text(spec.get("storageClassName")),
        volume=text(spec.get("volumeName")),
    )


def service_of(found: Mapping[str, Any]) -> ServiceRecord:
    """A service and where it is reached."""
    metadata, spec = inner(found, "metadata"), inner(found, "spec")
    ports = ((whole(p.get("port")) or 0, whole(p.get("nodePort")) or 0) for p in each(spec, "ports"))
    outside = (text(i.get("ip")) or text(i.get("hostname")) for i in each(found, "status", "loadBalancer", "ingress"))
    return ServiceRecord(
        name=text(metadata.get("name")),
        component=component_of(inner(metadata, "labels")),
        kind=text(spec.get("type")),
        address=text(spec.get("clusterIP")),
        ports=tuple(ports),
        outside=tuple(one for one in outside if one),
    )


def node_of(found: Mapping[str, Any]) -> NodeRecord:
    """A node; one that does not report is neither ready nor not."""
    told = next((c for c in each(found, "status", "conditions") if c.get("type") == "Ready"), {})
    return NodeRecord(
        name=text(inner(found, "metadata").get("name")),
        ready={"True": True, "False": False}.get(text(told.get("status"))),
        since=moment(told.get("lastTransitionTime")),
        message=text(told.get("message"), _LONGEST),
    )


def event_of(found: Mapping[str, Any]) -> KubeEvent:
    """An event, of the old kind or of the new one."""
    metadata, about, series = inner(found, "metadata"), inner(found, "involvedObject"), inner(found, "series")
    times = (
        series.get("lastObservedTime"), found.get("lastTimestamp"), found.get("eventTime"),
        found.get("firstTimestamp"), metadata.get("creationTimestamp"),
    )  # fmt: skip
    return KubeEvent(
        uid=text(metadata.get("uid")),
        time=next((at for one in times if (at := moment(one)) is not None), 0.0),
        kind=intern(text(about.get("kind"))),
        name=text(about.get("name")),
        about=text(about.get("uid")),
        reason=intern(text(found.get("reason"))),
        message=text(found.get("message"), _LONGEST),
        warning=found.get("type") == "Warning",
        count=max(1, whole(series.get("count")) or whole(found.get("count")) or 1),
    )


def is_of(found: Mapping[str, Any], release: str) -> bool:
    """Whether something in the namespace is a release's: by its labels, the chart's or the wizard's."""
    metadata = inner(found, "metadata")
    labels = inner(metadata, "labels")
    return release in (labels.get("release"), labels.get("app.kubernetes.io/instance"))
