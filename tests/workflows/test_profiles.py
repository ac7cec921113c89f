from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from airflow_wizard import paths
from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from airflow_wizard.profile import shipped
from airflow_wizard.profile.model import Profile
from airflow_wizard.workflows import planning, profiles
from tests.options import machines

if TYPE_CHECKING:
    from pathlib import Path

SAVED = Profile("team", Target.STANDALONE, {"port": 8085})


def test_by_name_by_path_and_from_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("target: kind\n")
    assert profiles.load("laptop-lite").target is Target.COMPOSE
    assert profiles.load(str(file)).name == "mine"
    piped = profiles.load("-", stdin=io.StringIO("target: standalone\nport: 1\n"), sets=["port=2"])
    assert piped.given == {"port": 2}
    assert piped.source == "-"


def test_saved_is_found_by_name_and_hides_a_shipped_one() -> None:
    path = profiles.save(SAVED)
    assert path == paths.config_dir() / "profiles" / "team.yaml"
    assert profiles.load("team").given == SAVED.given
    profiles.save(Profile("laptop-lite", Target.STANDALONE))
    assert profiles.load("laptop-lite").target is Target.STANDALONE
    rows = profiles.known()
    assert len({row.name for row in rows}) == len(rows)
    assert {row.name: row.source for row in rows}["laptop-lite"] == "saved"
    assert {row.name: row.source for row in rows}["kind-dev"] == "shipped"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidError) as caught:
        profiles.load("laptop-lit")
    assert "did you mean 'laptop-lite'?" in caught.value.next


@pytest.mark.parametrize("ref", ["./none.yaml", "none.yml", "/", "a/\x00b.yaml"])
def test_a_file_that_cannot_be_read_is_named(ref: str) -> None:
    with pytest.raises(InvalidError) as caught:
        profiles.load(ref)
    assert "\x00" not in caught.value.what


def test_a_name_that_is_a_file_here_gets_told_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text("target: kind\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidError) as caught:
        profiles.load("mine")
    assert "./mine" in caught.value.next
    assert profiles.load("./mine").target is Target.KIND


def test_a_broken_saved_profile_is_listed_with_what_is_wrong() -> None:
    folder = paths.config_dir() / "profiles"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("port: [\n")
    (folder / "dir.yaml").mkdir()
    rows = {row.name: row for row in profiles.known()}
    assert rows["bad"].target is None
    assert "cannot be used" in rows["bad"].summary
    assert "cannot be used" in rows["dir"].summary
    assert rows["kind-dev"].summary


def test_delete_removes_only_saved_ones() -> None:
    path = profiles.save(SAVED)
    profiles.delete("team")
    assert not path.exists()
    with pytest.raises(InvalidError):
        profiles.delete("team")
    with pytest.raises(UsageError):
        profiles.delete("kind-dev")


def test_too_long_input_is_refused_not_cut() -> None:
    text = "target: standalone\n" + "# x\n" * 20_000 + "port: 1\n"
    with pytest.raises(InvalidError):
        profiles.load("-", stdin=io.StringIO(text))


def test_export_diff_and_answers_go_together() -> None:
    again = profiles.load("-", stdin=io.StringIO(profiles.export(SAVED)))
    assert profiles.diff(again, SAVED) == []
    assert profiles.answers_for(again, machines.LAPTOP).integer("port") == 8085


@pytest.mark.parametrize("name", shipped.files())
def test_every_shipped_profile_renders(name: str, tmp_path: Path) -> None:
    facts = machines.machine().with_fact("uv", Fact({"path": "/usr/bin/uv", "version": "0.9.0"}, "test"))
    profile = profiles.load(name)
    plan = planning.make_plan(planning.make_request(profile, facts, folder=tmp_path / name, for_display=True))
    assert plan.artifacts
    assert plan.steps
    assert not (tmp_path / name).exists()
