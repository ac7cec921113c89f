"""The chart's release: done by what it was made from, freed where a Helm that was ended left it stuck."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.helm_release import description
from airflow_wizard.run.kube_actions import InstallRelease
from tests.engines.helm import packed
from tests.engines.kube import SECRETS, Object, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import stamp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster


@pytest.fixture
def action(tmp_path: Path) -> InstallRelease:
    """The official chart with a values.yaml in this folder."""
    (tmp_path / "values.yaml").write_text("executor: LocalExecutor\n")
    return InstallRelease(release_in(tmp_path), "airflow", "https://airflow.apache.org", "1.22.0")


def record(version: int, status: str, told: str = "", age: float = 5) -> Object:
    """A revision as Helm keeps it."""
    labels = {"owner": "helm", "name": "demo", "status": status, "version": str(version)}
    name = f"sh.helm.release.v1.demo.v{version}"
    metadata = {"name": name, "labels": labels, "creationTimestamp": stamp(age, time.time())}
    return {"metadata": metadata, "data": packed(told)}


def test_done_is_the_newest_revision_from_these_very_values(cluster: FakeCluster, action: InstallRelease) -> None:
    told = description(action)
    assert Heard().done(action) == ""
    cluster.put(SECRETS, record(9, "superseded", told), record(10, "deployed", told), record(1, "superseded"))
    assert Heard().done(action) == "revision 10 is what values.yaml says"
    for other in (replace(action, version="1.21.0"), replace(action, chart="/srv/airflow", repo="", version="")):
        assert Heard().done(other) == ""
    cluster.put(SECRETS, record(10, "deployed", told), record(11, "failed", told))
    assert Heard().done(action) == ""
    cluster.put(SECRETS, {**record(10, "deployed", told), "data": {"release": "!"}})
    assert Heard().done(action) == ""


def test_an_edited_value_is_another_one(cluster: FakeCluster, action: InstallRelease, tmp_path: Path) -> None:
    cluster.put(SECRETS, record(1, "deployed", description(action)))
    assert Heard().done(action)
    (tmp_path / "values.yaml").write_text("executor: CeleryExecutor\n")
    assert Heard().done(action) == ""


def test_it_is_installed_and_looked_at(cluster: FakeCluster, action: InstallRelease) -> None:
    told = description(action)
    cluster.effects.append(("upgrade", lambda: cluster.put(SECRETS, record(1, "deployed", told))))
    assert Heard().do(action) == "revision 1"
    (command,) = cluster.argvs
    assert command[:5] == ["helm", "--kube-context", "mine", "upgrade", "--install"]
    given = dict(itertools.pairwise(command))
    assert (given["--repo"], given["--version"], given["--values"], given["--description"]) == (
        "https://airflow.apache.org", "1.22.0", "values.yaml", told,
    )  # fmt: skip
    assert Heard().done(action)


def test_one_that_is_not_deployed_although_helm_ended_well(cluster: FakeCluster, action: InstallRelease) -> None:
    with pytest.raises(StepFailedError, match="not deployed: no record of it"):
        Heard().do(action)
    cluster.effects.append(("upgrade", lambda: cluster.put(SECRETS, record(1, "failed"))))
    with pytest.raises(StepFailedError, match="not deployed: failed") as caught:
        Heard().do(action)
    assert caught.value.next == "see: helm --kube-context mine history demo -n airflow"


def test_what_an_ended_helm_left_is_freed_after_its_time(cluster: FakeCluster, action: InstallRelease) -> None:
    before, stuck = record(1, "deployed"), record(2, "pending-upgrade", age=61)
    cluster.put(SECRETS, before, stuck)
    cluster.effects += [
        ("delete secret", lambda: cluster.put(SECRETS, before)),
        ("upgrade --install", lambda: cluster.put(SECRETS, before, record(2, "deployed"))),
    ]
    heard = Heard()
    assert heard.do(action) == "revision 2"
    assert cluster.commands[0].endswith("--namespace airflow delete secret sh.helm.release.v1.demo.v2")
    assert heard.progress[0].startswith("freeing the release: pending-upgrade since 6")


def test_a_helm_at_work_is_waited_for_and_not_disturbed(
    cluster: FakeCluster, action: InstallRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_wizard.run.context.RunContext.pause", lambda *_: None)
    cluster.put(SECRETS, record(1, "pending-install", age=2))
    cluster.effects.append(("upgrade --install", lambda: cluster.put(SECRETS, record(2, "deployed"))))
    heard = Heard()
    heard.on_progress = lambda: cluster.put(SECRETS, record(1, "deployed"))
    assert heard.do(action) == "revision 2"
    assert heard.progress[0].startswith("another Helm is at work on it (pending-install); going on in 5")
    assert not [command for command in cluster.commands if "delete" in command]


def test_a_refusal_and_a_cluster_that_is_gone(cluster: FakeCluster, action: InstallRelease) -> None:
    cluster.says("upgrade", "Error: UPGRADE FAILED: values don't meet the specifications of the schema(s)\n", 1)
    with pytest.raises(StepFailedError) as caught:
        Heard().do(action)
    assert "does not know one of the settings" in caught.value.why
    cluster.refused[SECRETS] = (403, "Forbidden", "secrets is forbidden")
    with pytest.raises(StepFailedError, match=r"Helm's records in airflow cannot be read: secrets is forbidden"):
        Heard().done(action)
    cluster.away = "connection refused"
    with pytest.raises(EngineUnreachableError):
        Heard().done(action)
