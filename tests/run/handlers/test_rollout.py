"""After an upgrade nothing is proven of the pods that are on their way out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import watch_pods
from airflow_wizard.run.kube_actions import AwaitRollout
from tests.engines.kube import DEPLOYMENTS, PODS, SETS, made, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import container, pod, terminated

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

REPLICA_SETS = "/apis/apps/v1/namespaces/airflow/replicasets"


def scheduler(**status: int) -> dict[str, Any]:
    """A Deployment of two generations."""
    one = made("demo-scheduler")
    one["metadata"]["generation"] = 2
    return {**one, "spec": {"replicas": 1}, "status": status}


def test_only_a_release_without_old_pods_is_looked_at_further(cluster: FakeCluster, tmp_path: Path) -> None:
    action = AwaitRollout(release_in(tmp_path))
    for status, over in (
        ({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1}, True),
        ({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}, False),
        ({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1}, False),
        ({"observedGeneration": 2}, False),
    ):
        cluster.objects[DEPLOYMENTS] = [scheduler(**status)]
        assert bool(Heard().done(action)) is over, status
    cluster.refused[DEPLOYMENTS] = (403, "Forbidden", "deployments is forbidden")
    assert Heard().done(action)


@pytest.fixture
def upgraded(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """A Deployment and a StatefulSet, each with a pod of the old values and one of the new."""
    monkeypatch.setattr(watch_pods, "POLL", 0.001)
    monkeypatch.setattr(watch_pods, "_LOOK_EVERY", 0.0)
    deployment = scheduler(observedGeneration=2, replicas=2, updatedReplicas=1)
    deployment["metadata"]["uid"] = "d"
    cluster.objects[DEPLOYMENTS] = [deployment]
    cluster.objects[REPLICA_SETS] = [replica_set(number) for number in (9, 10, 8)]
    worker = made("demo-triggerer")
    status = {"replicas": 1, "currentRevision": "t-old", "updateRevision": "t-new", "observedGeneration": 1}
    cluster.objects[SETS] = [{**worker, "spec": {"replicas": 1}, "status": status}]
    return cluster


def replica_set(number: int) -> dict[str, Any]:
    """One that was made when the Deployment was changed for the so many-th time."""
    one = made(f"demo-scheduler-{number}")
    one["metadata"].update(
        annotations={"deployment.kubernetes.io/revision": str(number)},
        ownerReferences=[{"uid": "d"}],
    )
    one["metadata"]["labels"]["pod-template-hash"] = f"hash-{number}"
    return one


def ended(component: str, label: str, revision: str) -> dict[str, Any]:
    """A pod that does not come up again, made from a revision."""
    found = pod(container(lastState=terminated(1), restartCount=1), component=component, now=time.time())
    found["metadata"]["labels"][label] = revision
    return found


@pytest.mark.parametrize(
    ("component", "label", "revision", "fails"),
    [
        ("scheduler", "pod-template-hash", "hash-9", False),
        ("scheduler", "pod-template-hash", "hash-10", True),
        ("triggerer", "controller-revision-hash", "t-old", False),
        ("triggerer", "controller-revision-hash", "t-new", True),
        ("postgres", "controller-revision-hash", "p-only", True),
    ],
)
def test_what_is_replaced_anyway_may_end(
    upgraded: FakeCluster, tmp_path: Path, component: str, label: str, revision: str, fails: bool
) -> None:
    """Its database was migrated under it: it need not come up again."""
    looks = 0

    def arrives() -> None:
        nonlocal looks
        looks += 1
        upgraded.objects[PODS] = [ended(component, label, revision)]
        if looks == 9:
            upgraded.objects[DEPLOYMENTS] = upgraded.objects[SETS] = []

    heard = Heard(on_progress=arrives)
    action = AwaitRollout(release_in(tmp_path, "postgres", "scheduler", "triggerer"))
    if fails:
        with pytest.raises(StepFailedError, match=f"{component} ended with exit 1"):
            heard.do(action)
    else:
        assert heard.do(action) == "all pods are new"
        assert looks == 9
