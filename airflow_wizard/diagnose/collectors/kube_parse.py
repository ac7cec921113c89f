"""Pods and events as the API has them, trimmed to facts. Pure; what is not there is left out, never guessed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_wizard.diagnose.kube_facts import EventFact, PodContainerFact, PodFact
from airflow_wizard.diagnose.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Words = Callable[[object], str]


def at(text: object) -> float:
    """A time stamp of the API as unix seconds; 0 for none."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def of(value: object, *path: str) -> Any:  # noqa: ANN401 - JSON from outside; None where the path ends
    """What is at the end of a path of keys; None when it is not there."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def many(value: object, *path: str) -> list[dict[str, Any]]:
    """The objects in a list at the end of a path; empty when there is none."""
    found = of(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(value: object, *path: str) -> dict[str, str]:
    """Text pairs at the end of a path; empty when there are none."""
    found = of(value, *path)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def belongs(item: object, release: str) -> bool:
    """Whether an object is a stack's: the chart's own and the wizard's are labelled differently."""
    labels = texts(item, "metadata", "labels")
    return release in (labels.get("release"), labels.get("app.kubernetes.io/instance"))


def component(item: object) -> str:
    """The chart's name of what an object is part of."""
    labels = texts(item, "metadata", "labels")
    return labels.get("component") or labels.get("app.kubernetes.io/component") or ""


def name(item: object) -> str:
    """An object's name."""
    return str(of(item, "metadata", "name") or "")


def created(item: object) -> float:
    """When an object was made."""
    return at(of(item, "metadata", "creationTimestamp"))


def event(item: object, words: Words) -> EventFact:
    """An event of either API version."""
    first = at(of(item, "firstTimestamp")) or at(of(item, "eventTime")) or created(item)
    series = of(item, "series")
    last = at(of(item, "lastTimestamp")) or at(of(series, "lastObservedTime")) or first
    path = str(of(item, "involvedObject", "fieldPath") or "")
    inside = re.search(r"\{(.+)\}", path)
    return EventFact(
        kind=str(of(item, "involvedObject", "kind") or ""),
        name=str(of(item, "involvedObject", "name") or ""),
        reason=words(of(item, "reason") or ""),
        message=words(of(item, "message") or ""),
        warning=of(item, "type") == "Warning",
        count=_whole(of(item, "count") or of(series, "count") or 1),
        first=first,
        last=max(first, last),
        container=inside[1] if inside else "",
    )


def pod(item: Mapping[str, Any], words: Words) -> PodFact:
    """A pod."""
    spec, status = of(item, "spec"), of(item, "status")
    conditions = {str(c.get("type")): c for c in many(status, "conditions")}
    placed = conditions.get("PodScheduled", {})
    unplaced = words(placed.get("message") or placed.get("reason") or "") if placed.get("status") == "False" else ""
    first = _containers(spec, status, "initContainers", "initContainerStatuses", words)
    rest = _containers(spec, status, "containers", "containerStatuses", words)
    labels = texts(item, "metadata", "labels")
    return PodFact(
        name=name(item),
        component=component(item),
        owner=_owner(item),
        phase=str(of(status, "phase") or ""),
        reason=words(of(status, "reason") or ""),
        message=words(of(status, "message") or ""),
        created=created(item),
        node=str(of(spec, "nodeName") or ""),
        scheduled=unplaced,
        containers=(*first, *rest),
        claims=tuple(
            str(claim)
            for volume in many(spec, "volumes")
            if (claim := of(volume, "persistentVolumeClaim", "claimName"))
        ),
        cpu=asked(item)[0],
        memory=asked(item)[1],
        selector=texts(spec, "nodeSelector"),
        deleting=at(of(item, "metadata", "deletionTimestamp")) or None,
        ready=conditions.get("Ready", {}).get("status") == "True",
        task=labels.get("kubernetes_executor") == "True",
        labels=labels,
    )


def asked(item: object) -> tuple[int, int]:
    """Thousandths of a core and bytes that a pod asks for: the most of its phases."""

    def sums(path: str) -> list[tuple[float, float]]:
        found = []
        for container in many(item, "spec", path):
            requests = of(container, "resources", "requests")
            found.append((quantity(of(requests, "cpu")), quantity(of(requests, "memory"))))
        return found

    stay, come = sums("containers"), sums("initContainers")
    cpu = max(sum(c for c, _ in stay), *(c for c, _ in come), 0.0) if come else sum(c for c, _ in stay)
    memory = max(sum(m for _, m in stay), *(m for _, m in come), 0.0) if come else sum(m for _, m in stay)
    return round(cpu * 1000), round(memory)


def _owner(item: object) -> tuple[str, str]:
    for owner in many(item, "metadata", "ownerReferences"):
        kind, owner_name = str(owner.get("kind") or ""), str(owner.get("name") or "")
        if kind == "ReplicaSet":
            # Named after its Deployment and the digest of its template.
            return "Deployment", owner_name.rpartition("-")[0] or owner_name
        return kind, owner_name
    return "", ""


def _containers(
    spec: object, status: object, path: str, status_path: str, words: Words
) -> tuple[PodContainerFact, ...]:
    states = {str(s.get("name")): s for s in many(status, status_path)}
    found = []
    for entry in many(spec, path):
        title = str(entry.get("name") or "")
        seen = states.get(title, {})
        state = of(seen, "state")
        kind = next((k for k in ("waiting", "running", "terminated") if of(state, k) is not None), "")
        now, before = of(state, kind), of(seen, "lastState", "terminated")
        end = now if kind == "terminated" else before
        limit = of(entry, "resources", "limits", "memory")
        found.append(
            PodContainerFact(
                name=title,
                image=str(entry.get("image") or ""),
                init=path == "initContainers" and entry.get("restartPolicy") != "Always",
                state=kind,
                reason=words(of(now, "reason") or ""),
                message=words(of(now, "message") or ""),
                exit_code=_whole(of(end, "exitCode")) if isinstance(of(end, "exitCode"), int) else None,
                ended=words(of(end, "reason") or ""),
                ended_at=at(of(end, "finishedAt")) or None,
                ended_message=words(of(end, "message") or ""),
                since=at(of(now, "startedAt") or of(now, "finishedAt")) or None,
                ready=seen.get("ready") is True,
                restarts=_whole(seen.get("restartCount")),
                memory_limit=round(quantity(limit)) if limit else None,
                pull_policy=str(entry.get("imagePullPolicy") or ""),
            )
        )
    return tuple(found)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
