"""What the writer does with each kind of file it can meet."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts import manifest
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.writer import WriteReport, write_artifacts
from airflow_wizard.errors import StackStateError, WizardError

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = Artifact("config.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n", "settings")
SECRET = Artifact(".env", "KEY=generated\nPORT=8080\n", "secrets", 0o600, secret=True)
LOGIN = Artifact("login.json", '{"admin": "generated"}\n', "login", 0o600, secret=True)
WRAPPER = Artifact("bin/airflow", "#!/bin/sh\n", "any command", 0o755)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _write(folder: Path, *artifacts: Artifact) -> WriteReport:
    return write_artifacts(folder, artifacts)


def _backups(folder: Path, report: WriteReport) -> list[str]:
    return [(folder / path).read_text() for path in report.backed_up]


def test_first_write_makes_everything_with_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "mein Stück"
    old = os.umask(0o027)
    try:
        report = write_artifacts(folder, (CONFIG, SECRET, WRAPPER), ("dags", "logs/deep"))
    finally:
        os.umask(old)
    assert report == WriteReport(written=("config.yaml", ".env", "bin/airflow"))
    assert (folder / "config.yaml").read_text() == CONFIG.text
    assert [_mode(folder / a.path) for a in (CONFIG, SECRET, WRAPPER)] == [0o644, 0o600, 0o755]
    assert (folder / "dags").is_dir()
    assert (folder / "logs/deep").is_dir()


def test_nothing_to_do_touches_nothing(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG, SECRET)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert _write(tmp_path, CONFIG, SECRET) == WriteReport(same=("config.yaml", ".env"))
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_file_nobody_touched_follows_the_plan(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    assert _write(tmp_path, replace(CONFIG, text="new\n")) == WriteReport(written=("config.yaml",))
    assert (tmp_path / "config.yaml").read_text() == "new\n"


def test_an_edit_stays_when_the_plan_did_not_change(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    (tmp_path / "config.yaml").write_text("all mine\n")
    for _ in range(2):
        report = _write(tmp_path, CONFIG)
        assert report.kept == ("config.yaml",)
        assert not report.conflicts
    assert (tmp_path / "config.yaml").read_text() == "all mine\n"


def test_both_changes_come_together_again_and_again(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    edited = CONFIG.text + "mine: true\n"
    (tmp_path / "config.yaml").write_text(edited)
    report = _write(tmp_path, replace(CONFIG, text=CONFIG.text.replace("1", "10")))
    assert report.merged == ("config.yaml",)
    assert _backups(tmp_path, report) == [edited]
    second = _write(tmp_path, replace(CONFIG, text=CONFIG.text.replace("1", "11")))
    assert second.merged == ("config.yaml",)
    assert (tmp_path / "config.yaml").read_text() == "a: 11\nb: 2\nc: 3\nd: 4\nmine: true\n"


def test_a_conflict_leaves_the_file_alone_until_the_person_decided(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    (tmp_path / "config.yaml").write_text(CONFIG.text.replace("1", "mine"))
    planned = replace(CONFIG, text=CONFIG.text.replace("1", "10"))
    for _ in range(2):
        report = _write(tmp_path, planned)
        assert report.kept == report.conflicts == ("config.yaml",)
        assert "config.yaml.new" in report.notes[0][1]
    assert (tmp_path / "config.yaml").read_text() == CONFIG.text.replace("1", "mine")
    assert (tmp_path / "config.yaml.new").read_text() == planned.text
    (tmp_path / "config.yaml.new").unlink()
    settled = _write(tmp_path, planned)
    assert settled.kept == ("config.yaml",)
    assert not settled.conflicts
    # From here on the person's version counts as descended from that plan.
    assert _write(tmp_path, replace(planned, text=planned.text + "e: 5\n")).merged == ("config.yaml",)
    assert (tmp_path / "config.yaml").read_text() == CONFIG.text.replace("1", "mine") + "e: 5\n"


def test_taking_the_new_one_over_ends_the_conflict(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("foreign\n")
    assert _write(tmp_path, CONFIG).conflicts == ("config.yaml",)
    (tmp_path / "config.yaml.new").rename(tmp_path / "config.yaml")
    assert _write(tmp_path, CONFIG) == WriteReport(same=("config.yaml",))


@pytest.mark.parametrize("edited", [True, False])
def test_a_proposal_that_is_no_longer_needed_goes_unless_it_was_edited(tmp_path: Path, edited: bool) -> None:
    (tmp_path / "config.yaml").write_text("foreign\n")
    _write(tmp_path, CONFIG)
    if edited:
        (tmp_path / "config.yaml.new").write_text("half merged\n")
    (tmp_path / "config.yaml").write_text(CONFIG.text)
    _write(tmp_path, CONFIG)
    assert (tmp_path / "config.yaml.new").exists() is edited


def test_a_file_of_the_person_under_the_proposals_name_is_backed_up(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("foreign\n")
    (tmp_path / "config.yaml.new").write_text("also mine\n")
    report = _write(tmp_path, CONFIG)
    assert (tmp_path / "config.yaml.new").read_text() == CONFIG.text
    assert _backups(tmp_path, report) == ["also mine\n"]


def test_a_foreign_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"caf\xe9\n")
    report = _write(tmp_path, CONFIG)
    assert report.conflicts == ("config.yaml",)
    assert (tmp_path / "config.yaml").read_bytes() == b"caf\xe9\n"


def test_an_edit_that_is_no_text_stays(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00")
    assert _write(tmp_path, replace(CONFIG, text="new\n")).conflicts == ("config.yaml",)
    assert (tmp_path / "config.yaml").read_bytes() == b"\xff\xfe\x00"


@pytest.mark.parametrize("required", [True, False])
def test_a_deleted_file_comes_back_only_when_it_is_needed(tmp_path: Path, required: bool) -> None:
    artifact = replace(CONFIG, required=required)
    _write(tmp_path, artifact)
    (tmp_path / "config.yaml").unlink()
    report = _write(tmp_path, artifact)
    assert (tmp_path / "config.yaml").exists() is required
    assert report.notes[0][0] == "config.yaml"


def test_secrets_on_disk_win_and_missing_keys_are_added(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nKEY=mine\n")
    report = _write(tmp_path, SECRET)
    assert report.merged == (".env",)
    assert "KEY" in report.notes[0][1]
    assert "mine" not in report.notes[0][1]
    assert (tmp_path / ".env").read_text() == "# mine\nKEY=mine\nPORT=8080\n"
    assert _mode(tmp_path / ".env") == 0o600
    assert _backups(tmp_path, report) == ["# mine\nKEY=mine\n"]
    assert _mode(tmp_path / report.backed_up[0]) == 0o600


def test_a_new_random_secret_never_replaces_the_one_in_use(tmp_path: Path) -> None:
    _write(tmp_path, SECRET)
    assert _write(tmp_path, replace(SECRET, text="KEY=other\nPORT=8080\n")).same == (".env",)
    assert (tmp_path / ".env").read_text() == SECRET.text


def test_a_secret_that_is_no_list_of_keys_is_backed_up_before_it_follows_the_plan(tmp_path: Path) -> None:
    _write(tmp_path, LOGIN)
    report = _write(tmp_path, replace(LOGIN, text='{"admin": "other"}\n'))
    assert report.written == ("login.json",)
    assert _backups(tmp_path, report) == [LOGIN.text]


def test_the_proposal_of_a_secret_stays_in_the_private_folder(tmp_path: Path) -> None:
    (tmp_path / "login.json").write_text("{}\n")
    assert _write(tmp_path, LOGIN).conflicts == ("login.json",)
    assert not (tmp_path / "login.json.new").exists()
    proposal = tmp_path / ".airflow-wizard/new/login.json"
    assert proposal.read_text() == LOGIN.text
    assert _mode(proposal) == 0o600


def test_a_secret_that_became_readable_is_closed_again(tmp_path: Path) -> None:
    _write(tmp_path, SECRET, WRAPPER)
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "bin/airflow").chmod(0o600)
    _write(tmp_path, SECRET, WRAPPER)
    assert _mode(tmp_path / ".env") == 0o600
    assert _mode(tmp_path / "bin/airflow") == 0o755


def test_no_secret_is_copied_and_the_private_folder_is_private(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG, SECRET, LOGIN)
    private = tmp_path / ".airflow-wizard"
    assert _mode(private) == 0o700
    assert (private / ".gitignore").read_text() == "*\n"
    for path in private.rglob("*"):
        if path.is_file():
            assert _mode(path) == 0o600
            assert "generated" not in path.read_text()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"schema": 1, "files": {"a": {}}}', b"[" * 9999])
def test_a_damaged_manifest_costs_nobody_a_line(tmp_path: Path, damage: bytes) -> None:
    _write(tmp_path, CONFIG, WRAPPER)
    (tmp_path / "config.yaml").write_text("mine\n")
    (tmp_path / ".airflow-wizard/manifest.json").write_bytes(damage)
    report = _write(tmp_path, CONFIG, WRAPPER)
    assert report.conflicts == ("config.yaml",)
    assert report.same == ("bin/airflow",)
    assert (tmp_path / "config.yaml").read_text() == "mine\n"
    kept = list((tmp_path / ".airflow-wizard").glob("manifest.*.damaged.json"))
    assert [p.read_bytes() for p in kept] == [damage]
    assert kept[0].name in report.notes[0][1]
    assert not manifest.load(tmp_path).damage


def test_a_lost_ancestor_means_keep_and_not_merge(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    for base in (tmp_path / ".airflow-wizard/base").iterdir():
        base.write_text("rotten")
    (tmp_path / "config.yaml").write_text(CONFIG.text + "mine\n")
    assert _write(tmp_path, replace(CONFIG, text="new\n")).conflicts == ("config.yaml",)


def test_a_manifest_of_a_newer_wizard_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    (tmp_path / ".airflow-wizard/manifest.json").write_text('{"schema": 99}')
    with pytest.raises(StackStateError, match="newer"):
        _write(tmp_path, replace(CONFIG, text="new\n"))
    assert (tmp_path / "config.yaml").read_text() == CONFIG.text


def test_ancestors_nobody_needs_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(4):
        _write(tmp_path, replace(CONFIG, text=f"{number}\n"))
    assert [p.read_text() for p in (tmp_path / ".airflow-wizard/base").iterdir()] == ["3\n"]


@pytest.mark.parametrize("kind", ["a folder", "a pipe"])
def test_something_else_under_the_name_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config.yaml"
    path.mkdir() if kind == "a folder" else os.mkfifo(path)
    with pytest.raises(WizardError, match=kind) as caught:
        _write(tmp_path, CONFIG)
    assert str(path) in caught.value.what
    assert path.exists()


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder, outside = tmp_path / "stack", tmp_path / "outside"
    outside.mkdir()
    folder.mkdir()
    (folder / "bin").symlink_to(outside)
    with pytest.raises(WizardError, match="symbolic link"):
        _write(folder, WRAPPER)
    assert list(outside.iterdir()) == []


def test_a_folder_of_the_person_that_is_a_link_is_used(tmp_path: Path) -> None:
    folder, dags = tmp_path / "stack", tmp_path / "my dags"
    dags.mkdir()
    folder.mkdir()
    (folder / "dags").symlink_to(dags)
    write_artifacts(folder, (CONFIG,), ("dags",))
    assert (folder / "dags").is_symlink()


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", ""])
def test_a_path_outside_the_folder_is_a_programming_error(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        _write(tmp_path, replace(CONFIG, path=path))


def test_the_report_as_json(tmp_path: Path) -> None:
    _write(tmp_path, CONFIG)
    (tmp_path / "config.yaml").write_text("mine\n")
    data = _write(tmp_path, CONFIG, WRAPPER).to_json()
    assert data["written"] == ["bin/airflow"]
    assert data["kept"] == ["config.yaml"]
    assert data["merged"] == []
