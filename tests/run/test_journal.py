"""The journal can always be read, whatever happened while it was written."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import WizardError
from airflow_wizard.run.journal import Journal, read
from airflow_wizard.run.masks import Masker
from airflow_wizard.run.step import StepState


def _file(folder: Path) -> Path:
    return folder / ".airflow-wizard/journal.jsonl"


def test_what_was_recorded_is_there_for_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    first = Journal.open(folder)
    first.record("install", StepState.STARTED)
    first.record("install", StepState.DONE, elapsed=12.5, detail="done “well”\n")
    first.record("login", StepState.STARTED)
    second = Journal.open(folder)
    assert [(e.step, e.state, e.run) for e in second.entries] == [
        ("install", StepState.STARTED, first.run),
        ("install", StepState.DONE, first.run),
        ("login", StepState.STARTED, first.run),
    ]
    assert second.entries[1].detail == "done “well”\n"
    assert second.skipped == 0
    assert second.run != first.run
    assert second.last_states() == {"install": StepState.DONE, "login": StepState.STARTED}
    assert stat.S_IMODE(_file(folder).stat().st_mode) == 0o600


def test_the_ledger_holds_the_last_time_a_step_was_done(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.record("b", StepState.DONE, elapsed=9.0)
    journal.record("a", StepState.DONE, elapsed=1.0)
    journal.record("b", StepState.DONE, elapsed=2.0)
    journal.record("a", StepState.SKIPPED, elapsed=0.0)
    journal.record("c", StepState.FAILED, elapsed=5.0)
    assert Journal.open(tmp_path).ledger() == {"a": 1.0, "b": 2.0}


def test_secrets_stay_out(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, mask=Masker(["hunter2-hunter2"]).mask)
    journal.record("login", StepState.FAILED, detail="wrong: hunter2-hunter2")
    assert "hunter2" not in _file(tmp_path).read_text()
    assert "hunter2" not in journal.entries[0].detail


@given(st.integers(0, 400), st.sampled_from([b"", b"\n", b"garbage\n", b"\xff\n", b"[1]\n", b'{"time": "x"}\n']))
def test_torn_anywhere_the_whole_lines_before_and_after_count(cut: int, garbage: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal.open(folder)
        for step in ("one", "two", "three"):
            journal.record(step, StepState.DONE, elapsed=1.0)
        whole = _file(folder).read_bytes()
        torn = whole[:cut]
        _file(folder).write_bytes(torn + garbage)
        again = Journal.open(folder)
        again.record("after", StepState.DONE, elapsed=2.0)
        entries, skipped = read(folder)
        complete = torn.count(b"\n")
        steps = [entry.step for entry in entries]
        assert steps[:complete] == ["one", "two", "three"][:complete]
        assert steps[-1] == "after"
        assert skipped <= 2
        assert len(steps) + skipped >= complete + 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", '"x"', "[]", "1e999"])
def test_impossible_times_are_skipped(tmp_path: Path, number: str) -> None:
    Journal.open(tmp_path)
    line = f'{{"time": 1, "run": "r", "step": "s", "state": "done", "elapsed": {number}}}\n'
    _file(tmp_path).write_text(line)
    journal = Journal.open(tmp_path)
    assert (journal.entries, journal.skipped) == ([], 1)


def test_reading_creates_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none") == ([], 0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    _file(tmp_path).mkdir(parents=True)
    with pytest.raises(WizardError, match="Cannot read"):
        Journal.open(tmp_path)
