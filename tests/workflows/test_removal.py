"""What destroy takes: told in bytes before, and gone afterwards without the person's own files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.standalone import PASSWORD
from airflow_wizard.workflows.lifecycle import ALL, plan_for, removal_report, run
from airflow_wizard.workflows.secrets import read_secrets
from airflow_wizard.workflows.stacks import list_stacks
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.run.step import OutputEvent, StepEvent


def test_the_report_counts_what_is_on_disk_and_follows_no_link(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    stack = made_stack(folder)
    big = tmp_path / "elsewhere"
    big.mkdir()
    (big / "big").write_bytes(os.urandom(3_000_000))
    (folder / "venv" / "lib").mkdir(parents=True)
    (folder / "venv" / "lib" / "x.so").write_bytes(os.urandom(1_000_000))
    (folder / "venv" / "link").symlink_to(big)
    (folder / "run").rmdir()
    (folder / "run").symlink_to(big)
    report = {path.removeprefix(f"{folder}/"): (size, what) for path, size, what in removal_report("destroy", stack)}
    assert 1_000_000 <= report["venv"][0] < 1_500_000
    assert report["run"][0] < 100_000
    assert report["venv"][1] == "virtual environment with Airflow"
    assert "keys" in report[".env"][1]
    assert "airflow.db" not in report, "only what is there is named"
    assert not {"dags", "plugins"} & report.keys()


def test_destroy_takes_the_stack_and_leaves_what_is_not_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    stack = made_stack(folder)
    (folder / "dags" / "mine.py").write_text("mine")
    events: list[StepEvent | OutputEvent] = []
    outcome = run(plan_for("destroy", stack), on_event=events.append)
    assert outcome.ok, outcome.findings
    assert [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*"))] == ["dags", "dags/mine.py"]
    assert list_stacks() == []


def test_what_a_stacks_own_script_prints_is_masked(tmp_path: Path) -> None:
    """A stop has no request with keys in it; they are read where they are kept."""
    stack = made_stack(tmp_path)
    password = read_secrets(tmp_path)[PASSWORD]
    _finish(tmp_path)
    (tmp_path / "stack").write_text(f"#!/bin/sh\necho 'it was {password}'\nexit 3\n")
    (tmp_path / "stack").chmod(0o755)
    events: list[StepEvent | OutputEvent] = []
    outcome = run(plan_for("restart", stack, ALL), on_event=events.append)
    assert not outcome.ok
    assert "it was" in repr(events)
    assert password not in repr(events) + repr(outcome)


def _finish(folder: Path) -> None:
    """Stamps and results as a finished installation leaves them."""
    for name in ("venv/bin/python", "venv/bin/airflow", "airflow.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    stamps = folder / ".airflow-wizard" / "stamps"
    stamps.mkdir(parents=True, exist_ok=True)
    for name in ("venv", "install", "migrate", "wal"):
        (stamps / name).touch()
