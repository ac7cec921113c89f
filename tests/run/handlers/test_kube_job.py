"""The job that has to end well before Airflow starts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import watch_pods
from airflow_wizard.run.kube_actions import AwaitJob, StartJob
from tests.engines.kube import JOBS, PODS, SECRETS, Object, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import container, pod, terminated, waiting
from tests.run.handlers.test_helm_release import record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster


def job(kind: str = "") -> Object:
    """The init job, as it ended."""
    conditions = [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": kind, "status": "True"}] if kind else []
    return {"metadata": {"name": "demo-init"}, "status": {"conditions": conditions}}


@pytest.fixture
def started(tmp_path: Path) -> StartJob:
    """The job of a stack in this folder."""
    (tmp_path / "init-job.yaml").touch()
    return StartJob(release_in(tmp_path), "init-job.yaml", "demo-init")


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AwaitJob:
    """The same, looked at as often as it can be."""
    monkeypatch.setattr(watch_pods, "POLL", 0.001)
    monkeypatch.setattr(watch_pods, "_LOOK_EVERY", 0.0)
    return AwaitJob(release_in(tmp_path), "demo-init", "postgres")


def test_one_that_ended_well_is_done(cluster: FakeCluster, action: AwaitJob, started: StartJob) -> None:
    for one in (action, started):
        cluster.put(JOBS)
        assert Heard().done(one) == ""
        for kind, done in (("", ""), ("Failed", ""), ("Complete", "done before")):
            cluster.put(JOBS, job(kind))
            assert Heard().done(one) == done


def test_it_is_applied(cluster: FakeCluster, started: StartJob) -> None:
    assert Heard().do(started) == "started"
    assert cluster.commands == ["kubectl --context mine apply --server-side -f init-job.yaml"]


def test_it_is_waited_for_through_an_api_that_is_away(cluster: FakeCluster, action: AwaitJob) -> None:
    cluster.put(PODS, pod(component="postgres", now=time.time()))
    steps = [
        lambda: cluster.put(JOBS, job()),
        lambda: setattr(cluster, "away", "connection refused"),
        lambda: None,
        lambda: setattr(cluster, "away", ""),
        lambda: cluster.put(JOBS, job("Complete")),
    ]
    heard = Heard()
    heard.on_progress = lambda: steps.pop(0)() if steps else None
    assert heard.do(action) == ""
    assert steps == []
    assert cluster.commands == []
    assert any("has not answered for" in words for words in heard.progress)
    assert [name for name, _, _ in heard.parts[0]] == ["postgres", "init"]


def test_one_that_failed_before_is_made_anew_with_its_pods_gone(cluster: FakeCluster, started: StartJob) -> None:
    cluster.put(JOBS, job("Failed"))
    cluster.effects.append(("delete job", lambda: cluster.put(JOBS)))
    heard = Heard()
    assert heard.do(started) == "started"
    assert cluster.commands[0].endswith("--namespace airflow delete job demo-init --cascade=foreground")
    assert heard.progress[0] == "an earlier one failed; making it anew"


def test_one_that_ends_well_before_it_is_started_stays(cluster: FakeCluster, started: StartJob) -> None:
    """It still ran when it was asked whether it was done."""
    cluster.put(JOBS, job("Complete"))
    cluster.put(SECRETS, record(1, "deployed", "airflow-wizard 1a"))
    heard = Heard()
    assert heard.do(started) == "started"
    assert cluster.commands == ["kubectl --context mine apply --server-side -f init-job.yaml"]
    assert not any("making it anew" in words for words in heard.progress)


def test_after_a_rollback_it_is_done_again(cluster: FakeCluster, started: StartJob) -> None:
    """The database may have been taken back to the former Airflow, too."""
    cluster.put(JOBS, job("Complete"))
    cluster.put(SECRETS, record(1, "superseded", "airflow-wizard 1a"), record(2, "deployed", "airflow-wizard 2b"))
    assert Heard().done(started) == "done before"
    cluster.put(SECRETS, record(2, "superseded", "airflow-wizard 2b"), record(3, "deployed", "Rollback to 1"))
    heard = Heard()
    assert heard.done(started) == ""
    cluster.effects.append(("delete job", lambda: cluster.put(JOBS)))
    assert heard.do(started) == "started"
    assert heard.progress[0] == "Airflow was changed by somebody else since; making it anew"
    assert cluster.commands[0].endswith("delete job demo-init --cascade=foreground")


def test_one_that_fails_is_told_with_its_last_words(cluster: FakeCluster, action: AwaitJob) -> None:
    failed = pod(
        container("init", terminated(1)), component="init", name="demo-init-x", phase="Failed", now=time.time()
    )
    cluster.put(PODS, failed)
    cluster.logs["demo-init-x", "init", False] = 'connection to server at "db" failed: \x1b[1mpassword refused\n'
    cluster.put(JOBS, job("Failed"))
    with pytest.raises(StepFailedError, match="could not be brought to this version") as caught:
        Heard().do(action)
    assert caught.value.evidence == ('connection to server at "db" failed: password refused',)


def test_a_database_without_its_image_ends_the_wait_at_once(cluster: FakeCluster, action: AwaitJob) -> None:
    cluster.put(JOBS, job())
    cluster.put(PODS, pod(container(state=waiting("ErrImagePull", "no such host")), component="postgres"))
    with pytest.raises(StepFailedError, match="postgres cannot start: ErrImagePull: no such host"):
        Heard().do(action)


def test_who_may_not_look_at_jobs_is_told_so(cluster: FakeCluster, action: AwaitJob) -> None:
    cluster.refused[JOBS] = (403, "Forbidden", "jobs is forbidden")
    with pytest.raises(StepFailedError, match="cannot be looked at: jobs is forbidden"):
        Heard().done(action)


def test_one_that_was_made_from_other_answers_is_made_anew(
    cluster: FakeCluster, started: StartJob, tmp_path: Path
) -> None:
    said = 'The Job "demo-init" is invalid: spec.template: Invalid value: field is immutable'
    cluster.put(JOBS, job())
    cluster.says("init-job.yaml", more=f"[ -e {tmp_path}/gone ] && exit 0; echo '{said}'", code=1)
    cluster.says("delete job", more=f"touch {tmp_path}/gone")
    heard = Heard()
    assert heard.do(started) == "started"
    assert [command.split()[3] for command in cluster.commands] == ["apply", "--namespace", "apply"]
    assert any("made from other answers" in words for words in heard.progress)
    cluster.says("init-job.yaml", "Error from server (Forbidden): jobs is forbidden: User may not\n", 1)
    with pytest.raises(StepFailedError, match="ended with exit 1") as caught:
        heard.do(started)
    assert caught.value.why == "your user may not do this there"
