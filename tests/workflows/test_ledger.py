"""What a launch took is told in parts people know, and the last ones are kept in the stack's folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.run.step import Outcome
from airflow_wizard.workflows import ledger

if TYPE_CHECKING:
    from pathlib import Path


def outcome(seconds: float = 30.0, **steps: float) -> Outcome:
    return Outcome(True, "launch", "demo", "http://127.0.0.1:8080", seconds, steps)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".airflow-wizard").mkdir()
    return tmp_path


def test_the_parts_of_a_launch_are_told_in_order(folder: Path) -> None:
    took = {"files": 1.0, "pull": 90.0, "init": 14.0, "start": 2.1, "identity": 6.0, "heartbeats": 1.25, "login": 0.4}
    ledger.keep(folder, "3.3.2", outcome(114.75, **took, port=0.001))
    found = ledger.last(folder)
    assert found is not None
    assert found.words() == (
        "pull 1 m 30 s, init 14 s, start 2.1 s, first heartbeat 7.2 s, login 0.4 s, in all 1 m 55 s"
    )
    assert found.version == "3.3.2"


def test_what_was_done_before_is_not_told(folder: Path) -> None:
    ledger.keep(folder, "3.3.2", outcome(3.0, pull=0.01, init=0.04, start=1.0))
    found = ledger.last(folder)
    assert found is not None
    assert list(found.parts) == ["start"]


def test_the_newest_launches_are_kept(folder: Path) -> None:
    for number in range(ledger.KEPT + 3):
        ledger.keep(folder, "3.3.2", outcome(float(number), start=1.0))
    kept = json.loads((folder / ledger.FILE).read_text())
    assert [entry["total"] for entry in kept] == [float(n) for n in range(3, ledger.KEPT + 3)]


@pytest.mark.parametrize("damage", ["", "{", "[]", "[1, {}]", '[{"parts": 1}]', '{"when": 1}', "\x00"])
def test_a_damaged_file_tells_nothing_and_is_written_anew(folder: Path, damage: str) -> None:
    (folder / ledger.FILE).write_text(damage)
    assert ledger.last(folder) is None
    ledger.keep(folder, "3.3.2", outcome(start=1.0))
    assert ledger.last(folder) is not None


def test_a_folder_that_takes_no_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    ledger.keep(tmp_path / "gone", "3.3.2", outcome(start=1.0))
    assert ledger.last(tmp_path / "gone") is None
