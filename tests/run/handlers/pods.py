"""Pods as the API tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = 1_700_000_000.0  # in the past of whoever looks


def stamp(ago: float, now: float = NOW) -> str:
    """A time so many seconds ago, as Kubernetes writes it."""
    return datetime.fromtimestamp(now - ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def container(name: str = "main", state: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    """One status; it runs and is ready, unless told otherwise."""
    state = state if state is not None else {"running": {"startedAt": stamp(30)}}
    return {"name": name, "state": state, "ready": "running" in state, "restartCount": 0, **more}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """A state: it does not run, for this reason."""
    return {"waiting": {"reason": reason, "message": message}}


def terminated(code: int, reason: str = "Error") -> dict[str, Any]:
    """A state: it ended so."""
    return {"terminated": {"exitCode": code, "reason": reason}}


def pod(
    *containers: dict[str, Any],
    component: str = "scheduler",
    name: str = "",
    age: float = 60,
    now: float = NOW,
    init: tuple[dict[str, Any], ...] = (),
    **status: object,
) -> dict[str, Any]:
    """A pod of the release ``demo``; ``status`` goes on top of what its containers say."""
    containers = containers or (container(),)
    name = name or f"demo-{component}-0"
    return {
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "creationTimestamp": stamp(age, now),
            "labels": {"release": "demo", "component": component},
        },
        "spec": {"containers": [{"name": one["name"]} for one in containers]},
        "status": {
            "phase": "Running",
            "containerStatuses": list(containers),
            "initContainerStatuses": list(init),
            **status,
        },
    }


def unplaced(message: str, age: float = 60) -> dict[str, Any]:
    """A pod that no node takes."""
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    found = pod(age=age, phase="Pending", conditions=conditions)
    found["status"]["containerStatuses"] = []
    return found
