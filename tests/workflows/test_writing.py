"""Files of a stack without anything else: what a script that only wants the files relies on."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import LockedError, UsageError
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target
from airflow_wizard.paths import state_dir
from airflow_wizard.profile import shipped
from airflow_wizard.profile.load import load
from airflow_wizard.profile.model import Profile
from airflow_wizard.run.lock import StackLock
from airflow_wizard.workflows.planning import make_plan, make_request
from airflow_wizard.workflows.secrets import values_to_hide
from airflow_wizard.workflows.writing import write

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest


def _request(folder: Path) -> StackRequest:
    profile = Profile(name="demo", target=Target.STANDALONE, given={"port": 8099})
    return make_request(profile, HostFacts(), folder=folder)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".airflow-wizard" not in path.parts
    }


def test_everything_is_written_once_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "out put"
    report = write(_request(folder), folder)
    written = _contents(folder)
    assert set(report.written) == set(written)
    assert not report.kept
    assert not report.conflicts
    # Secrets are read back from the folder, so that the second run plans the very same files.
    again = write(_request(folder), folder)
    assert again.written == again.merged == again.kept == ()
    assert _contents(folder) == written
    assert not (state_dir() / "stacks").exists()


def test_no_secret_is_readable_for_others(tmp_path: Path) -> None:
    request = _request(tmp_path)
    write(request, tmp_path)
    secrets = [value for value in request.secrets.values() if value]
    assert secrets
    for path in tmp_path.rglob("*"):
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_an_edit_of_a_setting_survives_a_change_of_the_profile(tmp_path: Path) -> None:
    write(_request(tmp_path), tmp_path)
    settings = tmp_path / "airflow.cfg"
    settings.write_text(settings.read_text() + "\n[mine]\nkept = yes\n")
    profile = Profile(name="demo", target=Target.STANDALONE, given={"port": 8100})
    report = write(make_request(profile, HostFacts(), folder=tmp_path), tmp_path)
    assert "airflow.cfg" in report.merged
    assert "8100" in settings.read_text()
    assert settings.read_text().endswith("[mine]\nkept = yes\n")


def test_the_folder_given_wins_and_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = write(_request(tmp_path / "elsewhere"), Path("here"))
    assert report.written
    assert not (tmp_path / "elsewhere").exists()
    assert str(tmp_path / "here") in (tmp_path / "here/airflow.cfg").read_text()


def test_two_at_once_are_kept_apart(tmp_path: Path) -> None:
    request = _request(tmp_path)
    with StackLock(tmp_path), pytest.raises(LockedError):
        write(request, tmp_path)
    assert _contents(tmp_path) == {}


def _shipped(name: str) -> Profile:
    return load(shipped.files()[name].read_bytes(), name=name)


SHIPPED = ["kind-dev", "microk8s-team", "kubeadm-homeserver", "any-cluster"]


@pytest.mark.parametrize("name", SHIPPED)
def test_files_for_a_cluster_are_written_once_and_with_secrets_apart(name: str, tmp_path: Path) -> None:
    profile = _shipped(name)
    report = write(make_request(profile, HostFacts(), folder=tmp_path), tmp_path)
    written = _contents(tmp_path)
    assert set(report.written) == set(written)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for path in written:
        mode = 0o600 if path.startswith("secrets/") else 0o755 if path == "airflow" else 0o644
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode, path
    # Secrets are read back from their folder: the second run plans the very same files.
    again = make_request(profile, HostFacts(), folder=tmp_path)
    assert write(again, tmp_path).written == ()
    assert _contents(tmp_path) == written
    assert {a.path for a in make_plan(again).artifacts} == set(written)


def test_an_edited_value_survives_another_version(tmp_path: Path) -> None:
    profile = _shipped("kind-dev")
    write(make_request(profile, HostFacts(), folder=tmp_path), tmp_path)
    values = tmp_path / "values.yaml"
    values.write_text(values.read_text().replace('parallelism: "4"', 'parallelism: "9"'))
    assert '"9"' in values.read_text()
    newer = replace(profile, given={**profile.given, "airflow_version": "3.2.2"})
    report = write(make_request(newer, HostFacts(), folder=tmp_path), tmp_path)
    assert "values.yaml" in report.merged
    assert 'airflowVersion: "3.2.2"' in values.read_text()
    assert 'parallelism: "9"' in values.read_text()


def test_the_token_of_a_repository_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"git_repo": "https://git.example.org/t/d.git", "git_user": "deploy"}
    profile = Profile("demo", Target.MICROK8S, given)
    monkeypatch.delenv("AIRFLOW_WIZARD_GIT_TOKEN", raising=False)
    with pytest.raises(UsageError, match="the token of the Git user is missing"):
        make_request(profile, HostFacts(), folder=tmp_path)
    monkeypatch.setenv("AIRFLOW_WIZARD_GIT_TOKEN", "gehe1m")
    write(make_request(profile, HostFacts(), folder=tmp_path), tmp_path)
    holding = {path for path, text in _contents(tmp_path).items() if b"gehe1m" in text}
    assert holding == {"secrets/.env", "secrets/git.yaml"}
    assert "gehe1m" in values_to_hide(tmp_path)
