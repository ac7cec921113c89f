"""The tools, one cluster for all tests that need any, and the chart that is installed into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kube.charts import unpacked
from tests.e2e.kube.cluster import made, missing
from tests.e2e.kube.wizard import ClusterWizard, KindWizard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.kube.cluster import ForeignCluster

# Of a person who looks after another cluster, which is away.
OTHERS = """\
apiVersion: v1
kind: Config
current-context: production
clusters: [{name: production, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {token: of-the-person}}]
contexts: [{name: production, context: {cluster: production, user: me}}]
"""


@pytest.fixture(scope="session")
def kube_tools() -> None:
    """kind, kubectl, Helm and the images are there; a broken machine on CI, a skip with its reason elsewhere."""
    why = missing()
    if why and os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"CI must run the tests of the Kubernetes targets: {why}", pytrace=False)
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def foreign_cluster(kube_tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignCluster]:
    """A plain cluster of one node that the wizard did not make."""
    del kube_tools
    with made(tmp_path_factory.mktemp("foreign")) as one:
        yield one


@pytest.fixture
def cluster_wizard(foreign_cluster: ForeignCluster, chart: Path, tmp_path: Path) -> Iterator[ClusterWizard]:
    """A wizard for the cluster that is there; whatever it left in it goes with the test."""
    home = tmp_path / "home"
    context = foreign_cluster.context
    wizard = ClusterWizard(home, chart=str(chart), kubeconfig=str(foreign_cluster.kubeconfig), context=context)
    yield wizard
    if (home / "stacks" / wizard.name).exists():
        wizard.run("destroy", wizard.name, "--confirm", wizard.name, timeout=300)
    foreign_cluster.kubectl("delete", "namespace", wizard.name, "--ignore-not-found", "--wait=false")


@pytest.fixture
def kind_wizard(kube_tools: None, chart: Path, tmp_path: Path) -> Iterator[KindWizard]:
    """A wizard that may make a cluster; the cluster goes with the test."""
    del kube_tools
    home = tmp_path / "home"
    home.mkdir()
    (home / "kube-config-of-the-person").write_text(OTHERS, encoding="utf-8")
    wizard = KindWizard(home, chart=str(chart))
    yield wizard
    wizard.remove_all()


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the chart."""
    return unpacked(tmp_path_factory.mktemp("chart"))
