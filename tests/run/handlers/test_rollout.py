"""After an upgrade nothing is proven of the pods that are on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.run.kube_actions import AwaitRollout
from tests.engines.kube import made, release_in
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

DEPLOYMENTS = "/apis/apps/v1/namespaces/airflow/deployments"


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
