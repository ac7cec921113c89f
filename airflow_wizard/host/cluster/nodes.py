"""Nodes of a cluster as facts: what each of them can give, what of it is promised already, and what keeps pods away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.host.cluster.quantity import number
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from airflow_wizard.host.facts import Json

    Object = Mapping[str, Any]

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
_KEEPS_AWAY = ("NoSchedule", "NoExecute")


def nodes(items: Iterable[Object], pods: Sequence[Object] | None) -> list[Json]:
    """Nodes as facts.

    Args:
        items: of the list of nodes.
        pods: all that have not ended; None when they could not be listed.

    Returns:
        One mapping for each: name, ready, reason (why not), cpu (cores), memory (bytes), pods (how many it takes),
        arch, taints (that keep pods away), pressure, cordoned; and of what runs there: used_cpu, used_memory,
        used_pods, None when pods could not be listed. Those of the release that is asked about do not count.
    """
    used = None if pods is None else promised(pods)
    return [_node(item, used) for item in items if isinstance(item, dict)]


def _node(item: Object, used: Mapping[str, tuple[float, float, int]] | None) -> Json:
    status, spec = part(item, "status"), part(item, "spec")
    name = str(part(item, "metadata").get("name") or "")
    there = part(status, "allocatable") or part(status, "capacity")
    conditions = {str(c.get("type")): c for c in entries(status, "conditions")}
    ready = conditions.get("Ready", {})
    taints = [t for t in entries(spec, "taints") if t.get("effect") in _KEEPS_AWAY]
    cpu, memory, count = (None, None, None) if used is None else used.get(name, (0.0, 0.0, 0))
    return {
        "name": one_line(name, limit=80),
        "ready": ready.get("status") == "True",
        "reason": "" if ready.get("status") == "True" else one_line(ready.get("message") or "", limit=200),
        "cpu": number(there.get("cpu")),
        "memory": number(there.get("memory")),
        "pods": number(there.get("pods")),
        "arch": str(part(status, "nodeInfo").get("architecture") or ""),
        "taints": [one_line(f"{t.get('key', '')}:{t.get('effect', '')}", limit=120) for t in taints],
        "pressure": [c for c in _PRESSURES if conditions.get(c, {}).get("status") == "True"],
        "cordoned": spec.get("unschedulable") is True,
        "used_cpu": cpu,
        "used_memory": memory,
        "used_pods": count,
    }


def others(pods: Sequence[Object] | None, namespace: str, release: str) -> list[Object] | None:
    """Pods of anything but one release: what that has takes no room from itself. None stays None."""
    if pods is None:
        return None
    return [pod for pod in pods if not _belongs(part(pod, "metadata"), namespace, release)]


def _belongs(metadata: Object, namespace: str, release: str) -> bool:
    labels = part(metadata, "labels")
    return metadata.get("namespace") == namespace and release in (
        labels.get("release"),
        labels.get("app.kubernetes.io/instance"),
    )


def promised(pods: Iterable[Object]) -> dict[str, tuple[float, float, int]]:
    """Cores, bytes and number of pods that each node has promised already."""
    found: dict[str, tuple[float, float, int]] = {}
    for pod in pods:
        spec = part(pod, "spec")
        node = spec.get("nodeName")
        if not isinstance(node, str) or part(pod, "status").get("phase") in ("Succeeded", "Failed"):
            continue
        cpu, memory, count = found.get(node, (0.0, 0.0, 0))
        found[node] = (cpu + _request(spec, "cpu"), memory + _request(spec, "memory"), count + 1)
    return found


def _request(spec: Object, what: str) -> float:
    """What the scheduler counts: the containers together, or one that initialises when that is more.

    Source: KEP 753: a sidecar (an init container that goes on) counts with the containers and with those after it.
    """

    def asked(container: Object) -> float:
        return number(part(part(container, "resources"), "requests").get(what)) or 0.0

    sidecars = most = 0.0
    for container in entries(spec, "initContainers"):
        if container.get("restartPolicy") == "Always":
            sidecars += asked(container)
        else:
            most = max(most, sidecars + asked(container))
    together = sidecars + sum(asked(c) for c in entries(spec, "containers"))
    return max(together, most) + (number(part(spec, "overhead").get(what)) or 0.0)


def images(items: Iterable[Object], wanted: Iterable[str]) -> dict[str, Json]:
    """On how many nodes each of these images is, by what the nodes say; a node tells of its fifty largest at most."""
    there = [
        {_full(str(name)) for image in entries(part(item, "status"), "images") for name in image.get("names") or ()}
        for item in items
        if isinstance(item, dict)
    ]
    return {image: sum(_full(image) in names for names in there) for image in wanted}


def _full(image: str) -> str:
    """A name with the registry and library that are meant when it names none."""
    first, slash, rest = image.partition("/")
    if not slash:
        return f"docker.io/library/{image}"
    if "." in first or ":" in first or first == "localhost":
        return image if first != "index.docker.io" else f"docker.io/{rest}"
    return f"docker.io/{image}"


def part(item: object, key: str) -> dict[str, Any]:
    """A mapping in an object of the API; empty for anything else."""
    value = item.get(key) if isinstance(item, dict) else None
    return value if isinstance(value, dict) else {}


def entries(item: object, key: str) -> list[dict[str, Any]]:
    """A list of mappings in an object of the API; empty for anything else."""
    value = item.get(key) if isinstance(item, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
