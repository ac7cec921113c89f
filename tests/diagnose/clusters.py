"""A cluster in which a stack is well, to be made worse by a test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.evidence import FileFact
from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
    EventFact,
    HelmFact,
    NamespaceFact,
    NodeFact,
    PodContainerFact,
    PodFact,
    ServiceFact,
    StorageClassFact,
    StoreClaimFact,
    WorkloadFact,
)
from tests.diagnose.stacks import NOW, SUBJECT, evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.finding import Finding

COMPONENTS = ("postgres", "api-server", "scheduler", "dag-processor", "triggerer")
OLD, YOUNG = NOW - 600, NOW - 2
STATEFUL = ("postgres", "triggerer", "worker")
NODE = NodeFact("node-1", True, cpu=2000, memory=4 << 30, pods=110, labels={"kubernetes.io/hostname": "node-1"})


def container(name: str, **more: object) -> PodContainerFact:
    """One that runs, but for what is said."""
    values: dict[str, object] = {
        "image": "apache/airflow:3.0.6",
        "state": "running",
        "ready": True,
        "since": OLD,
        **more,
    }
    return PodContainerFact(name, **values)  # type: ignore[arg-type]


def pod(component: str, *containers: PodContainerFact, **more: object) -> PodFact:
    """One that is ready, but for what is said."""
    kind = "StatefulSet" if component in STATEFUL else "Job" if component == "init" else "Deployment"
    there = containers or (container(component),)
    values: dict[str, object] = {
        "owner": (kind, f"af-{component}"),
        "phase": "Running",
        "created": OLD,
        "node": "node-1",
        "containers": there,
        "cpu": 100,
        "memory": 256 << 20,
        "ready": all(c.ready for c in there if not c.init),
        "labels": {"release": "af", "component": component},
        **more,
    }
    return PodFact(f"af-{component}-0", component, **values)  # type: ignore[arg-type]


def waiting(component: str, reason: str, message: str = "", **more: object) -> PodFact:
    """A pod whose container waits."""
    held = container(component, state="waiting", reason=reason, message=message, ready=False, **more)
    return pod(component, held, phase="Pending", ready=False)


def unplaced(component: str, message: str, **more: object) -> PodFact:
    """A pod without a node."""
    held = container(component, state="", ready=False)
    return pod(component, held, phase="Pending", node="", scheduled=message, ready=False, **more)


def event(kind: str, name: str, reason: str, message: str, **more: object) -> EventFact:
    """An event of a moment ago."""
    return EventFact(kind, name, reason, message, **{"first": NOW - 20, "last": NOW - 5, **more})  # type: ignore[arg-type]


def workload(component: str, **more: object) -> WorkloadFact:
    """One that has what it wants."""
    kind = "StatefulSet" if component in STATEFUL else "Deployment"
    values: dict[str, object] = {"kind": kind, "ready": 1, "created": OLD, **more}
    return WorkloadFact(name=f"af-{component}", component=component, **values)  # type: ignore[arg-type]


def cluster(*changed: PodFact, without: Iterable[str] = (), **more: object) -> ClusterFact:
    """A cluster in which all is well, but for what is said."""
    named = {p.component: p for p in changed}
    away = frozenset(without)
    pods = [named.pop(c, pod(c)) for c in COMPONENTS if c not in away]
    everyone = (*pods, *named.values())
    lasting = [c for c in (*COMPONENTS, *(c for c in named if c != "init")) if c not in away]
    ready = {p.component for p in everyone if p.ready}
    values: dict[str, object] = {
        "kind_cluster": "af",
        "expected": COMPONENTS,
        "pods": everyone,
        "events": (),
        "workloads": tuple(workload(c, ready=int(c in ready)) for c in lasting),
        "claims": (
            StoreClaimFact("data-af-postgres-0", "Bound", "standard", ("ReadWriteOnce",), 8 << 30, "pvc-1", OLD),
        ),
        "classes": (StorageClassFact("standard", "rancher.io/local-path", default=True, waits=True),),
        "volumes": (),
        "nodes": (NODE,),
        "quotas": (),
        "services": (ServiceFact("af-postgres", "postgres", selector={"component": "postgres"}, ready=1, created=OLD),),
        "ingresses": (),
        "ingress_classes": (),
        "secrets": {"af-keys": frozenset({"fernet-key"})},
        "config_maps": {"af-scripts": frozenset({"init.py"})},
        "helm_release": HelmFact(1, "deployed", OLD),
        "namespace_fact": NamespaceFact("Active"),
        "dns": (2, 2),
        **more,
    }
    return ClusterFact("airflow", "af", ("kubectl", "-n", "airflow"), ("helm", "-n", "airflow"), **values)  # type: ignore[arg-type]


def stack(fact: ClusterFact | None = None, **more: object) -> Evidence:
    """Evidence of a stack in a cluster, in which all is well but for what is said."""
    files = {
        "postgres.yaml": FileFact("file", 0o644),
        "scripts.yaml": FileFact("file", 0o644),
        "init-job.yaml": FileFact("file", 0o644),
        "secrets/keys.yaml": FileFact("file", 0o600),
    }
    values: dict[str, object] = {
        "subject": replace(SUBJECT, target="kind", sqlite=""),
        "snapshot": None,
        "answer": None,
        "port": None,
        "machine": None,
        "secrets": None,
        "database": None,
        "venv": None,
        "files": files,
        "cluster": fact or cluster(),
        **more,
    }
    return evidence(**values)


def found(fact: ClusterFact, **more: object) -> list[Finding]:
    """What is wrong."""
    return evaluate(stack(fact, **more))


def ids(fact: ClusterFact, **more: object) -> list[str]:
    """Ids of what is wrong."""
    return [f.id for f in found(fact, **more)]


def one(fact: ClusterFact, **more: object) -> Finding:
    """The one thing that is wrong; it says what to do."""
    (finding,) = found(fact, **more)
    assert finding.fixes
    assert finding.found
    return finding


def looping(code: int, ended: str = "Error", **more: object) -> PodFact:
    """A container that ends so again and again."""
    values: dict[str, object] = {"exit_code": code, "ended": ended, "ended_at": NOW - 5, "restarts": 2, **more}
    return waiting("scheduler", "CrashLoopBackOff", "back-off 20s restarting failed container", **values)


def job(**more: object) -> WorkloadFact:
    """The job that makes the database; not done yet."""
    values: dict[str, object] = {"kind": "Job", "ready": 0, **more}
    return workload("init", **values)


def attempt(code: int, **more: object) -> PodFact:
    """One attempt of it, and how it ended."""
    ended = container("init", state="terminated", exit_code=code, ended="Error", ready=False, **more)
    return pod("init", ended, phase="Failed" if code else "Succeeded", ready=False)
