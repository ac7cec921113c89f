"""What of a cluster is a stack's goes, and nothing else; pods by number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import remove_release
from airflow_wizard.run.kube_actions import RemoveRelease, RestartComponent, ScaleRelease
from tests.engines.kube import DEPLOYMENTS, JOBS, NAMESPACE, PODS, SECRETS, SETS, Object, made, release_in
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

NAMESPACES = NAMESPACE.rpartition("/")[0]
CLAIMS = f"{NAMESPACE}/persistentvolumeclaims"


def ours(name: str, component: str = "") -> Object:
    """Something that the wizard made beside the chart."""
    labels = {"app.kubernetes.io/instance": "demo", "app.kubernetes.io/component": component or name}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"replicas": 1}}


def sized(name: str, replicas: int) -> Object:
    """A StatefulSet or Deployment of the chart."""
    return made(name, spec={"replicas": replicas})


@pytest.fixture
def action(tmp_path: Path) -> RemoveRelease:
    """Airflow alone goes; its data stays."""
    (tmp_path / "scripts.yaml").touch()
    return RemoveRelease(release_in(tmp_path), ("scripts.yaml", "gone.yaml"))


def test_airflow_goes_and_its_data_stays(cluster: FakeCluster, action: RemoveRelease) -> None:
    assert Heard().done(action) == "nothing of it is there"
    cluster.put(DEPLOYMENTS, made("scheduler"))
    cluster.put(SETS, ours("postgres"))
    cluster.put(CLAIMS, ours("data-postgres-0"))
    assert Heard().done(action) == ""
    cluster.effects.append(("uninstall", lambda: cluster.put(DEPLOYMENTS)))
    assert Heard().do(action) == "Airflow"
    assert cluster.commands == ["helm --kube-context mine uninstall demo --namespace airflow --ignore-not-found --wait"]
    assert Heard().done(action) == "nothing of it is there"


def everything(cluster: FakeCluster, *, keep: tuple[Object, ...] = (), owner: str = "demo") -> None:
    """A stack with all that it has, and what others have in its namespace."""
    cluster.put(SETS, ours("postgres"))
    cluster.put(JOBS, ours("init"))
    cluster.put(SECRETS, ours("demo-keys"), *keep)
    cluster.put(CLAIMS, ours("data-postgres-0"), made("logs-worker-0"))
    labels = {"app.kubernetes.io/managed-by": "airflow-wizard", "app.kubernetes.io/instance": owner}
    cluster.put(NAMESPACES, {"metadata": {"name": "airflow", "labels": labels}})

    def emptied() -> None:
        cluster.put(SECRETS, *keep)
        for path in (SETS, JOBS, CLAIMS):
            cluster.put(path)

    cluster.effects.append(("delete jobs", emptied))
    cluster.effects.append(("delete namespace", lambda: cluster.put(NAMESPACES)))


def test_with_its_data_everything_goes_and_the_namespace_that_was_made_for_it(
    cluster: FakeCluster, action: RemoveRelease
) -> None:
    everything(cluster)
    whole = replace(action, data=True, namespace=True)
    assert Heard().done(whole) == ""
    assert Heard().do(whole) == "Airflow, database, claims, keys and jobs, namespace airflow"
    deleted = [command for command in cluster.commands if " delete " in command]
    assert ["release=demo" in deleted[0], "app.kubernetes.io/instance=demo" in deleted[1]] == [True, True]
    assert deleted[2] == "kubectl --context mine delete --ignore-not-found -f scripts.yaml"
    assert deleted[3].endswith("delete namespace airflow")
    assert Heard().done(whole) == "nothing of it is there"


def test_what_is_not_the_stacks_keeps_its_namespace(cluster: FakeCluster, action: RemoveRelease) -> None:
    everything(cluster, keep=({"metadata": {"name": "theirs"}},))
    told = Heard().do(replace(action, data=True, namespace=True))
    assert told.endswith("kept namespace airflow: secret/theirs in it")
    assert not [command for command in cluster.commands if "delete namespace" in command]


def test_a_namespace_that_somebody_else_made_stays(cluster: FakeCluster, action: RemoveRelease) -> None:
    everything(cluster, owner="another")
    whole = replace(action, data=True, namespace=True, stays="the cluster stays")
    assert Heard().do(whole) == "Airflow, database, claims, keys and jobs; the cluster stays"
    assert not [command for command in cluster.commands if "delete namespace" in command]


def test_what_does_not_go_is_named(
    cluster: FakeCluster, action: RemoveRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remove_release, "_GONE_SECONDS", 0.0)
    cluster.put(PODS, made("demo-scheduler-0"))
    heard = Heard()
    with pytest.raises(StepFailedError, match="still there after 0 s: pod/demo-scheduler-0") as caught:
        heard.do(action)
    assert caught.value.next == "see: kubectl --namespace airflow describe pod/demo-scheduler-0"
    assert heard.progress[-1] == "waiting for pod/demo-scheduler-0 to go"


def test_what_may_not_be_listed_is_not_waited_for(cluster: FakeCluster, action: RemoveRelease) -> None:
    cluster.refused[SECRETS] = (403, "Forbidden", "secrets is forbidden")
    assert Heard().done(replace(action, data=True)) == "nothing of it is there"


def test_pods_by_number(cluster: FakeCluster, tmp_path: Path) -> None:
    release = release_in(tmp_path)
    cluster.put(SETS, ours("demo-postgres", "postgres"), sized("worker", 2))
    cluster.put(DEPLOYMENTS, sized("scheduler", 1), sized("statsd", 1))
    stop = ScaleRelease(release, (("postgres", 0), ("worker", 0), ("scheduler", 0)))
    assert Heard().done(stop) == ""
    assert Heard().do(stop) == "scheduler 0, worker 0, postgres 0"
    place = "kubectl --context mine --namespace airflow scale"
    assert cluster.commands == [
        f"{place} deployment/scheduler --replicas=0",
        f"{place} statefulset/worker --replicas=0",
        f"{place} statefulset/demo-postgres --replicas=0",
    ]
    start = ScaleRelease(release, (("postgres", 1), ("worker", 2), ("scheduler", 1)))
    assert Heard().done(start) == "as asked for"


def test_only_what_was_stopped_is_started_before_an_installation(cluster: FakeCluster, tmp_path: Path) -> None:
    wake = ScaleRelease(release_in(tmp_path), (("worker", 1), ("scheduler", 1)), stopped=True)
    assert Heard().done(wake) == "as asked for", "there is nothing yet"
    cluster.put(SETS, sized("worker", 3))
    cluster.put(DEPLOYMENTS, sized("scheduler", 0))
    assert Heard().done(wake) == ""
    assert Heard().do(wake) == "scheduler 1"
    cluster.put(DEPLOYMENTS, sized("scheduler", 1))
    assert Heard().done(wake) == "as asked for", "three workers are somebody's choice"


def test_one_component_is_made_anew_and_waited_for(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(DEPLOYMENTS, sized("scheduler", 1))
    assert Heard().do(RestartComponent(release_in(tmp_path), "scheduler")) == "new pods run"
    place = "kubectl --context mine --namespace airflow rollout"
    assert cluster.commands == [
        f"{place} restart deployment/scheduler",
        f"{place} status deployment/scheduler --timeout 5m",
    ]
    with pytest.raises(StepFailedError, match="there is no worker in airflow"):
        Heard().do(RestartComponent(release_in(tmp_path), "worker"))
