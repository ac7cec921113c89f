"""What another one installed under the same name is neither changed nor removed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.kube_actions import RemoveRelease, RestartComponent, ScaleRelease
from tests.engines.kube import DEPLOYMENTS, SECRETS, Object, made, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.test_helm_release import record

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.cluster import Release
    from tests.engines.kube import FakeCluster

OURS = record(1, "superseded", "airflow-wizard 0123456789ab")
THEIRS = record(2, "deployed", "Upgrade complete")


def identity(stack: str) -> Object:
    """The Secret that says whose the release is."""
    data = {"AIRFLOW_WIZARD_STACK_ID": base64.b64encode(stack.encode()).decode()}
    return {"metadata": {"name": "demo-identity"}, "data": data}


OTHER = (
    "release demo in namespace airflow is of another stack of airflow-wizard, "
    "or of this one with the secrets/.env it had before"
)


@pytest.fixture
def release(cluster: FakeCluster, tmp_path: Path) -> Release:
    """A stack whose id is ``mine``, and pods of its release's name."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / ".env").write_text("AIRFLOW_WIZARD_STACK_ID=mine\n")
    cluster.put(DEPLOYMENTS, made("scheduler", spec={"replicas": 1}))
    return release_in(tmp_path)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ((THEIRS,), "release demo in namespace airflow was not installed by airflow-wizard"),
        ((OURS, identity("other")), OTHER),
    ],
)
def test_somebody_elses_is_left_alone(
    cluster: FakeCluster, release: Release, there: tuple[Object, ...], words: str
) -> None:
    cluster.put(SECRETS, *there)
    for data in (True, False):
        assert Heard().done(RemoveRelease(release, (), data=data)) == f"{words}: it is left as it is"
    with pytest.raises(StepFailedError, match=words):
        Heard().done(ScaleRelease(release, (("scheduler", 0),)))
    with pytest.raises(StepFailedError, match=words):
        Heard().do(RestartComponent(release, "scheduler"))
    assert cluster.commands == []


@pytest.mark.parametrize("there", [(), (OURS, THEIRS), (THEIRS, identity("mine")), (THEIRS, identity(""))])
def test_ones_own_is_gone_on_with(cluster: FakeCluster, release: Release, there: tuple[Object, ...]) -> None:
    cluster.put(SECRETS, *there)
    assert Heard().done(ScaleRelease(release, (("scheduler", 1),))) == "as asked for"
    assert Heard().done(RemoveRelease(release, ())) == ""


def test_who_may_not_see_it_is_not_held_up(cluster: FakeCluster, release: Release) -> None:
    cluster.put(SECRETS, THEIRS)
    cluster.refused[SECRETS] = (403, "Forbidden", "secrets is forbidden")
    assert Heard().done(ScaleRelease(release, (("scheduler", 1),))) == "as asked for"
