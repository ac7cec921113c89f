"""Files for a Git repository, written as carefully as a stack's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import LockedError, UsageError
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.run.lock import StackLock
from airflow_wizard.workflows.gitops import export_gitops, refuse_target
from airflow_wizard.workflows.planning import make_request
from airflow_wizard.workflows.writing import write

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.finding import Answer


def _request(folder: Path | None = None, **given: Answer) -> StackRequest:
    profile = Profile(name="demo", target=Target.CONTEXT, given={"context": "mine", **given})
    return make_request(profile, HostFacts(), folder=folder, for_display=folder is None)


def test_it_is_written_once_and_an_edit_stays(tmp_path: Path) -> None:
    out = tmp_path / "de ploy"
    report = export_gitops(_request(), out)
    assert {"README.md", "argocd/application.yaml", "manifests/init-job.yaml", "flux/sync.yaml"} <= set(report.written)
    assert all((out / path).is_file() for path in report.written)
    assert export_gitops(_request(), out).written == ()

    mine = "url: https://git.example.com/us/deploy.git"
    sync = out / "flux" / "sync.yaml"
    sync.write_text(sync.read_text().replace('url: "https://git.example.org/you/deploy.git"', mine))
    again = export_gitops(_request(executor="CeleryExecutor", namespace="data"), out)
    assert "manifests/namespace.yaml" in again.written
    assert mine in sync.read_text()


def test_the_wizards_own_record_is_not_committed(tmp_path: Path) -> None:
    export_gitops(_request(), tmp_path)
    assert ".airflow-wizard/" in (tmp_path / ".gitignore").read_text().splitlines()


def test_a_stacks_folder_is_left_alone(tmp_path: Path) -> None:
    write(_request(tmp_path), tmp_path)
    before = (tmp_path / "README.md").read_bytes()
    with pytest.raises(UsageError, match="holds its secrets") as caught:
        export_gitops(_request(), tmp_path)
    assert "--out" in caught.value.next
    assert (tmp_path / "README.md").read_bytes() == before
    assert not (tmp_path / "argocd").exists()


def test_a_chart_of_this_machine_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="which is on this machine") as caught:
        export_gitops(_request(chart_source="./airflow-1.22.0.tgz"), out)
    assert "--set chart_source=https://" in caught.value.next
    assert not out.exists()


@pytest.mark.parametrize("target", Target)
def test_only_a_cluster_that_stays_follows_a_repository(target: Target) -> None:
    if target in {Target.CONTEXT, Target.KUBEADM, Target.MICROK8S}:
        refuse_target(target)
        return
    with pytest.raises(UsageError, match=str(target)):
        refuse_target(target)


def test_one_wizard_at_a_time(tmp_path: Path) -> None:
    with StackLock(tmp_path), pytest.raises(LockedError):
        export_gitops(_request(), tmp_path)
