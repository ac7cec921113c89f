"""The tools, one cluster for all tests that need any, and the chart that is installed into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kube.charts import unpacked
from tests.e2e.kube.cluster import made, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.kube.cluster import ForeignCluster


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


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the chart."""
    return unpacked(tmp_path_factory.mktemp("chart"))
