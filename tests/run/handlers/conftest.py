"""What tests of handlers begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engines.kube import FakeCluster, cluster_on

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    """An empty cluster behind a ``kubectl`` of this test's own."""
    monkeypatch.setattr("airflow_wizard.run.handlers.kube_cli.AWAY_SECONDS", 0.0)
    with cluster_on(monkeypatch) as fake:
        yield fake
