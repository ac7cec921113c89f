"""The smoke DAG in a ConfigMap: what is told to kubectl, and that pods are asked to look at once."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.kube.settings import smoke_ignore
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import Endpoint, RemoveSmokeDag, RunSmokeDag
from airflow_wizard.run.handlers import smoke_map
from tests.engines.kube import PODS, made, release_in
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

TWICE = ("..data", "..2026_11_25_17_00_00.123456789")


def action(folder: Path, *, airflow3: bool = True) -> RunSmokeDag:
    """The DAG of a stack in a cluster."""
    where = Endpoint("http://127.0.0.1:1", "v2", "/api/v2/monitor/health", (), "")
    runs = release_in(folder)
    return RunSmokeDag(where, "", "smoke_1", airflow3, runs, "place", seen_as="/opt/smoke", config_map="demo-smoke")


@pytest.mark.parametrize("airflow3", [True, False])
def test_it_is_put_into_a_map_with_what_hides_its_twins(cluster: FakeCluster, tmp_path: Path, airflow3: bool) -> None:
    release = release_in(tmp_path)
    told = smoke_map.place(action(tmp_path, airflow3=airflow3), release, Heard().context())
    assert told == "ConfigMap demo-smoke"
    files = cluster.typed["data"]
    compile(files["smoke_1.py"], "smoke_1.py", "exec")
    assert set(files) == {"smoke_1.py"}
    (pattern,) = smoke_ignore(airflow3=airflow3).split()
    # A shell's pattern for Airflow 3, a regular expression for Airflow 2.
    for name in TWICE:
        assert fnmatchcase(name, pattern) if airflow3 else re.search(pattern, name)
    assert not (fnmatchcase("smoke_1.py", pattern) if airflow3 else re.search(pattern, "/opt/smoke/smoke_1.py"))
    assert "annotate pods -l release=demo" in cluster.commands[1]


def test_airflow_2_is_told_to_parse_it_when_the_pod_has_it(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_wizard.run.context.RunContext.pause", lambda *_: None)
    cluster.says(
        "exec deploy/demo-dag-processor", more=f"[ -e {tmp_path}/there ] && exit 0; touch {tmp_path}/there", code=1
    )
    heard = Heard()
    smoke_map.parse_now(action(tmp_path, airflow3=False), release_in(tmp_path), heard.context())
    assert heard.progress == ["the pod does not have it yet"]
    assert "airflow dags reserialize --subdir /opt/smoke" in cluster.commands[-1]
    monkeypatch.setattr(smoke_map, "_PATIENCE", -1.0)
    (tmp_path / "there").unlink()
    with pytest.raises(StepFailedError, match="ended with exit 1"):
        smoke_map.parse_now(action(tmp_path, airflow3=False), release_in(tmp_path), Heard().context())


def test_it_is_taken_away_with_the_pods_of_its_task_and_a_refusal_is_in_nobodys_way(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    release, placed = release_in(tmp_path), action(tmp_path)
    remove = RemoveSmokeDag(placed.endpoint, "", placed.dag_id, str(tmp_path), placed.config_map, release)
    cluster.says("apply --server-side", "Error from server (Forbidden)\n", 1)
    smoke_map.remove(remove, release, Heard().context())
    # What keeps Airflow from walking in circles stays: only the DAG goes.
    assert "apply --server-side --field-manager airflow-wizard-smoke -f -" in cluster.commands[0]
    assert "annotate pods" in cluster.commands[1]
    assert "delete pods -l dag_id=smoke_1,kubernetes_executor=True --wait=false" in cluster.commands[2]


def test_what_a_task_wrote_is_read_from_its_pod(cluster: FakeCluster, tmp_path: Path) -> None:
    labels = {"dag_id": "smoke_1", "kubernetes_executor": "True"}
    mine, other = ({"metadata": {"name": name, "labels": labels}} for name in ("smoke-1", "smoke-2"))
    cluster.put(PODS, mine, other, made("scheduler"))
    cluster.logs["smoke-1", "base", False] = "the line\n"
    assert smoke_map.log_of_pods("smoke_1", release_in(tmp_path), Heard().context()) == "the line\n"
