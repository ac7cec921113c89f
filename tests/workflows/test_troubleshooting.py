from __future__ import annotations

import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import NotYetError
from airflow_wizard.finding import Level
from airflow_wizard.workflows import troubleshooting
from tests.workflows.made_stack import log, made_stack

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stack_without_an_environment_is_told_so_and_nothing_else_is(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    found = troubleshooting.doctor(stack)
    assert {f.id for f in found if f.level is not Level.UNKNOWN} == {"venv.broken", "database.missing"}


def test_what_is_on_disk_is_judged(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    (tmp_path / "demo" / ".env").chmod(0o644)
    (tmp_path / "demo" / "login.json").write_text(json.dumps({"admin": "changed"}))
    (tmp_path / "demo" / "dags").rmdir()
    log(stack, "scheduler", "2026-11-21T10:00:01Z sqlite3.OperationalError: no such table: dag_run\n")
    ids = {f.id for f in troubleshooting.doctor(stack)}
    assert {"secrets.mode.env", "secrets.login", "dags.folder"} <= ids
    # The file itself was looked at; the line says no more than that.
    assert "database.missing" in ids
    assert "database.not_initialized" not in ids


def test_lines_of_an_earlier_run_do_not_count(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    log(stack, "supervisor", "[2026-11-21T10:00:00+0000] scheduler: started, pid 1\n")
    log(stack, "scheduler", "2026-11-21T10:00:01Z OSError: [Errno 28] No space left on device\n")
    assert "disk.full" in {f.id for f in troubleshooting.doctor(stack)}
    log(stack, "supervisor", "[2026-11-21T10:05:00+0000] scheduler: started, pid 2\n")
    log(stack, "scheduler", "2026-11-21T10:05:01Z fine\n")
    assert "disk.full" not in {f.id for f in troubleshooting.doctor(stack)}


def test_a_taken_port_is_named_with_its_holder(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        stack = made_stack(tmp_path / "demo", port=other.getsockname()[1])
        finding = next(f for f in troubleshooting.doctor(stack) if f.id == "port.foreign")
    assert "pid" in finding.found


def test_without_a_stack_all_of_them_and_the_registry(tmp_path: Path) -> None:
    assert troubleshooting.doctor(None) == []
    made_stack(tmp_path / "one", name="one", port=_free_port())
    made_stack(tmp_path / "two", name="two", port=_free_port())
    shutil.rmtree(tmp_path / "two")
    found = troubleshooting.doctor(None)
    assert any(f.title.startswith("one: ") for f in found)
    assert [f.id for f in found if f.title == "Stack two"] == ["stack.folder_gone"]


def test_a_damaged_state_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo")
    (tmp_path / "demo" / ".airflow-wizard" / "state.json").write_text("{")
    (finding,) = troubleshooting.doctor(stack)
    assert finding.id == "stack.state"
    assert finding.fixes


def test_labels_leave_consequences_out() -> None:
    text = "OSError: [Errno 28] No space left on device\nsqlite3.DatabaseError: database disk image is malformed"
    assert troubleshooting.labels(troubleshooting.explain(text)) == ["disk-full"]
    assert troubleshooting.labels([]) == []


def test_a_bundle_is_not_pretended(tmp_path: Path) -> None:
    with pytest.raises(NotYetError):
        troubleshooting.bundle(made_stack(tmp_path / "demo"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
