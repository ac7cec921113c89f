"""A cluster that somebody else made: asked for by its name, changed only then, proven, upgraded, and left as it was."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.compose.faults_helpers import until
from tests.e2e.wizard import get, stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.kube.cluster import ForeignCluster
    from tests.e2e.kube.wizard import ClusterWizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
PATIENCE = 900.0


def test_celery_is_proven_and_what_goes_leaves_nothing(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    before = _everything(foreign_cluster)
    words = wizard.up(*wizard.settings(executor="CeleryExecutor"))
    refused = wizard.run(*words)
    assert refused.code == 2, refused.err
    assert "--confirm-context" in refused.err
    assert _everything(foreign_cluster) == before

    done = wizard.run(*words, "--confirm-context", foreign_cluster.context, timeout=PATIENCE)
    last = done.events()[-1]
    assert (done.code, last["event"]) == (0, "proven"), done.err + json.dumps(last)
    _nothing_ends_after_the_proof(foreign_cluster, name)
    pods = foreign_cluster.kubectl("-n", name, "get", "pods", "-o", "name")
    assert all(
        f"pod/{name}-{part}" in pods for part in ("worker-0", "redis-0", "scheduler", "api-server", "postgres-0")
    )
    again = [event for event in wizard.run(*words, timeout=PATIENCE).events() if event.get("id") == "helm"]
    assert again[-1]["state"] == "skipped"

    # The port leads to another pod as soon as there is one: nobody has to start anything.
    foreign_cluster.kubectl("-n", name, "delete", "pod", "-l", "component=api-server")
    end = time.monotonic() + 180
    while not _answers(last["url"]):
        assert time.monotonic() < end, "the forward did not come back"

    gone = wizard.run("destroy", name, "--confirm", name, timeout=PATIENCE)
    assert gone.code == 0, gone.err
    assert _everything(foreign_cluster) == before
    assert not _answers(last["url"])
    assert not stack_folder(wizard, name).exists()


def test_a_newer_airflow_is_installed_in_place_stopped_and_started_at_once(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    folder = _upgraded(foreign_cluster, wizard)
    history = json.loads(foreign_cluster.helm("-n", name, "history", name, "-o", "json"))
    assert [revision["status"] for revision in history] == ["superseded", "deployed"]

    moved = wizard.run(*wizard.up(*wizard.settings(airflow_version="3.3.2", namespace=f"{name}-elsewhere")))
    assert (moved.code, moved.events()[-1]["error"]["key"]) == (5, "namespace"), moved.out[-2000:] + moved.err
    assert f"{name}-elsewhere" not in foreign_cluster.kubectl("get", "namespaces", "-o", "name")

    assert wizard.run("stop", name, timeout=PATIENCE).code == 0
    again = wizard.run(*wizard.up(*wizard.settings(airflow_version="3.3.2")), timeout=PATIENCE)
    assert (again.code, again.events()[-1]["event"]) == (0, "proven"), again.out[-2000:] + again.err
    assert wizard.script(folder, "variables", "get", "kept").strip() == "over the upgrade"
    assert wizard.run("destroy", name, "--confirm", name, timeout=PATIENCE).code == 0


@pytest.mark.long
def test_after_a_rollback_with_its_database_the_newer_one_is_installed_again(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    folder = _upgraded(foreign_cluster, wizard)
    foreign_cluster.helm("-n", name, "rollback", name, "1")
    until(lambda: "database.newer" in wizard.run("doctor", name, "--json").out, seconds=120, otherwise="not named")

    # A pod of the newer one goes on beside the older one, which is not ready.
    pods = foreign_cluster.kubectl("-n", name, "get", "pods", "-l", "component=api-server", "-o", "json")
    newer = next(
        pod["metadata"]["name"] for pod in json.loads(pods)["items"] if "3.3.2" in pod["spec"]["containers"][0]["image"]
    )
    back = ("airflow", "db", "downgrade", "--to-version", "3.2.2", "--yes")
    foreign_cluster.kubectl("-n", name, "exec", newer, "-c", "api-server", "--", *back)
    for one in ("api-server", "dag-processor"):
        look = ("-n", name, "rollout", "status", f"deployment/{name}-{one}", "--timeout=5m")
        foreign_cluster.kubectl(*look, timeout=330)
    assert wizard.script(folder, "version").strip().endswith("3.2.2")

    again = wizard.run(*wizard.up(*wizard.settings(airflow_version="3.3.2")), timeout=PATIENCE)
    assert (again.code, again.events()[-1]["event"]) == (0, "proven"), again.out[-2000:] + again.err
    assert wizard.script(folder, "version").strip().endswith("3.3.2")
    assert wizard.script(folder, "variables", "get", "kept").strip() == "over the upgrade"
    assert wizard.run("destroy", name, "--confirm", name, timeout=PATIENCE).code == 0


def _upgraded(cluster: ForeignCluster, wizard: ClusterWizard) -> Path:
    """Folder of a stack that was brought from 3.2.2 to 3.3.2, with a variable from before."""
    cluster.load("apache/airflow:3.2.2")
    consent = ("--confirm-context", cluster.context)
    first = wizard.run(*wizard.up(*wizard.settings(airflow_version="3.2.2")), *consent, timeout=PATIENCE)
    assert first.code == 0, first.out[-2000:] + first.err
    folder = stack_folder(wizard, wizard.name)
    keys = (folder / "secrets" / ".env").read_text(encoding="utf-8")
    wizard.script(folder, "variables", "set", "kept", "over the upgrade")

    second = wizard.run(*wizard.up(*wizard.settings(airflow_version="3.3.2")), timeout=PATIENCE)
    assert second.code == 0, second.out[-2000:] + second.err
    assert (folder / "secrets" / ".env").read_text(encoding="utf-8") == keys
    assert wizard.script(folder, "version").strip().endswith("3.3.2")
    assert wizard.script(folder, "variables", "get", "kept").strip() == "over the upgrade"
    return folder


@pytest.mark.parametrize(
    ("version", "executor", "image"),
    [
        ("3.3.2", "KubernetesExecutor", "airflow-kubernetes:3.3.2"),
        ("2.11.2", "LocalExecutor", "apache/airflow:2.11.2"),
    ],
)
def test_other_executors_and_versions_are_proven(
    foreign_cluster: ForeignCluster, cluster_wizard: ClusterWizard, version: str, executor: str, image: str
) -> None:
    wizard, name = cluster_wizard, cluster_wizard.name
    foreign_cluster.load(image)
    settings = wizard.settings(airflow_version=version, executor=executor, image=image)
    done = wizard.run(*wizard.up(*settings), "--confirm-context", foreign_cluster.context, timeout=PATIENCE)
    assert done.code == 0, done.out[-2000:] + done.err
    assert wizard.run("destroy", name, "--confirm", name, timeout=PATIENCE).code == 0


def _nothing_ends_after_the_proof(cluster: ForeignCluster, namespace: str) -> None:
    """Taking the smoke DAG away must leave every pod as it was, also when the folders are read again (10 s)."""
    time.sleep(25.0)  # nothing is waited for: it is what must not happen meanwhile
    words = ("get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}")
    restarts = cluster.kubectl("-n", namespace, *words).split()
    assert restarts
    assert set(restarts) == {"0"}


def _answers(url: str) -> bool:
    try:
        return get(f"{url}/api/v2/version")[0] == 200
    except OSError:
        return False


def _everything(cluster: ForeignCluster) -> set[str]:
    """Names of what a stack could leave in a cluster."""
    kinds = "namespaces,persistentvolumes,clusterroles,clusterrolebindings,storageclasses,ingressclasses"
    return set(cluster.kubectl("get", kinds, "-o", "name").split())
