"""What each test of a fault is given."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kube import faulty as f

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> f.FaultCluster:
    """The one that all tests share, or one that is there already: ``NAME=KUBECONFIG`` in AIRFLOW_WIZARD_E2E_KIND."""
    given = os.environ.get("AIRFLOW_WIZARD_E2E_KIND", "")
    if given:
        name, _, kubeconfig = given.partition("=")
        return f.FaultCluster(name, kubeconfig)
    shared = request.getfixturevalue("foreign_cluster")
    return f.FaultCluster(shared.name, str(shared.kubeconfig))


@pytest.fixture
def stack(cluster: f.FaultCluster, tmp_path: Path) -> Iterator[f.Broken]:
    """A namespace of its own."""
    with f.broken(cluster, tmp_path) as one:
        yield one


@pytest.fixture
def told(stack: f.Broken, capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Says what was measured."""
    rows: list[str] = []
    yield rows
    with capsys.disabled():
        slowest = max(stack.passes, default=0.0)
        sys.stdout.write(f"\n    {' | '.join(rows)} | {len(stack.passes)} looks, slowest {slowest:.1f} s\n")
