"""Can a folder be written? Seen by writing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.host.probe import Ask
from airflow_wizard.host.probes import disk, folder

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json


def look(path: Path) -> dict[str, Json]:
    value = folder.probe(Ask(path))["folder"]
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("name", ["plain", "with space", "déjà vu ☂"])
def test_a_new_folder_can_be_made_and_nothing_is_left_behind(tmp_path: Path, name: str) -> None:
    value = look(tmp_path / name / "stack")
    assert (value["writable"], value["exists"], value["tested"]) == (True, False, str(tmp_path))
    assert isinstance(value["free"], int)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_tried_itself(tmp_path: Path) -> None:
    value = look(tmp_path)
    assert (value["writable"], value["exists"], value["tested"]) == (True, True, str(tmp_path))


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "stack").write_text("mine")
    value = look(tmp_path / "stack" / "below")
    assert value["writable"] is False
    assert "is not a folder" in str(value["reason"])
    assert (tmp_path / "stack").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc here")
def test_a_file_system_that_takes_no_files_is_said() -> None:
    value = look(Path("/proc/airflow-demo"))
    assert value["writable"] is False
    assert value["reason"]


def test_a_relative_folder_is_read_from_where_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert look(Path("stack"))["path"] == str(tmp_path / "stack")


def test_free_space_is_that_of_the_nearest_folder(tmp_path: Path) -> None:
    value = disk.probe(Ask(tmp_path / "a" / "b"))["disk"]
    assert isinstance(value, dict)
    assert value["path"] == str(tmp_path)
    assert 0 <= float(str(value["free"])) <= float(str(value["total"]))
    assert str(tmp_path).startswith(str(value["mount"]))
