"""A release as a cluster would tell it, for tests without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.cluster import Cluster, Release
from airflow_wizard.engines import kube_objects as objects
from airflow_wizard.engines.kube_pods import Part, Pod, PodContainer, pod_of
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.status.kube_seen import SeenRelease
from airflow_wizard.status.place import Place
from airflow_wizard.status.rules import Answer, Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW = 1_800_000_000.0
BEATS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
COMPONENTS = ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")
RELEASE = Release("/stacks/demo", Cluster("kind-demo", "/stacks/demo/kubeconfig"), "demo", "demo", COMPONENTS)
PLACE = Place(
    stack="demo",
    target="kind",
    folder="/stacks/demo",
    url="http://127.0.0.1:8080",
    api="v2",
    health_path="/api/v2/monitor/health",
    expected=COMPONENTS,
    beats=BEATS,
    once="init",
    release=RELEASE,
)
_RECORDED = Path(__file__).parents[1] / "fixtures" / "kube"


def container(name: str = "main", *, age: float = 300.0, part: Part = Part.MAIN, **more: object) -> PodContainer:
    """A container that runs, but for what is said; ``age`` is that of its state."""
    values: dict[str, object] = {
        "name": name, "part": part, "state": "running", "since": NOW - age, "ready": True, "run": f"containerd://{name}",
    }  # fmt: skip
    return PodContainer(**(values | more))  # type: ignore[arg-type]


def pod(component: str, *containers: PodContainer, age: float = 300.0, **more: object) -> Pod:
    """A pod of a deployment that is fine, but for what is said."""
    values: dict[str, object] = {
        "name": f"demo-{component}-5d8f7b9c4-abcde",
        "uid": f"uid-{component}",
        "component": component,
        "owner": ("ReplicaSet", f"demo-{component}-5d8f7b9c4"),
        "phase": "Running",
        "node": "node-1",
        "created": NOW - age,
        "ready": True,
        "containers": containers or (container(component, age=age, probed=component in ("postgres", "api-server")),),
    }
    return Pod(**(values | more))  # type: ignore[arg-type]


def heard(age: float = 2.0, **statuses: str) -> Heard:
    """Airflow's word; components are healthy, with heartbeats of this age, but for what is said."""
    from datetime import UTC, datetime

    stamp = datetime.fromtimestamp(NOW - age, UTC).isoformat()
    body = {
        name: {"status": statuses.get(name, "healthy"), f"latest_{name}_heartbeat": stamp}
        for name in BEATS
        if statuses.get(name) != "absent"
    }
    return Heard(Answer.OURS, "", health_of(body, now=NOW), BEATS)


def workload(component: str, wanted: int = 1, **more: object) -> objects.Workload:
    """A deployment."""
    values: dict[str, object] = {"kind": "Deployment", "name": f"demo-{component}", "component": component}
    return objects.Workload(**(values | {"wanted": wanted} | more))  # type: ignore[arg-type]


def seen(*changed: Pod, without: tuple[str, ...] = (), **more: object) -> SeenRelease:
    """A whole release with these pods in place of the fine ones of their component."""
    names = {pod.component for pod in changed} | set(without)
    fine = [pod(name) for name in COMPONENTS if name not in names]
    values: dict[str, object] = {
        "place": PLACE,
        "now": NOW,
        "pods": (*fine, *changed),
        "workloads": tuple(workload(name) for name in COMPONENTS),
        "heard": heard(),
        "nodes": (objects.NodeRecord("node-1", True, NOW - 900),),
    }
    return SeenRelease(**(values | more))  # type: ignore[arg-type]


def recorded(name: str) -> dict[str, list[dict[str, Any]]]:
    """What a real cluster told, kept without what is not read."""
    found: dict[str, list[dict[str, Any]]] = json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def replayed(name: str, now: float) -> SeenRelease:
    """A look at a recorded cluster."""
    found = recorded(name)

    def made(kind: str, make: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
        return tuple(make(one) for one in found[kind])

    events = sorted(made("events", objects.event_of), key=lambda event: event.time)
    workloads = made("deployments", objects.workload_of) + made("statefulsets", objects.workload_of)
    return replace(
        seen(),
        now=now,
        pods=made("pods", pod_of),
        workloads=workloads,
        jobs=made("jobs", objects.job_of),
        claims=made("claims", objects.claim_of),
        services=made("services", objects.service_of),
        nodes=made("nodes", objects.node_of),
        events=tuple(events),
        heard=Heard(),
    )
