from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.diagnose.collectors import disk_files
from airflow_wizard.diagnose.collectors.together import Part, collect_together

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


def fernet_token(key: str) -> str:
    """A value as Fernet writes it; only its signature matters here."""
    signing = base64.urlsafe_b64decode(key)[:16]
    body = b"\x80" + bytes(8) + bytes(16) + bytes(32)
    return base64.urlsafe_b64encode(body + hmac.new(signing, body, hashlib.sha256).digest()).decode()


def database(folder: Path, *, token: str = "", migrated: bool = True) -> Path:
    path = folder / "airflow.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE connection (password TEXT, is_encrypted BOOLEAN)")
    connection.execute("CREATE TABLE variable (val TEXT, is_encrypted BOOLEAN)")
    if migrated:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('abc')")
    if token:
        connection.execute("INSERT INTO connection VALUES (?, 1)", (token,))
    connection.commit()
    connection.close()
    return path


def problem(path: Path, folder: Path) -> str:
    return disk_files.database_fact(path, folder).problem


def test_a_database_that_is_well_and_one_without_tables(tmp_path: Path) -> None:
    assert problem(tmp_path / "airflow.db", tmp_path) == "missing"
    assert problem(database(tmp_path), tmp_path) == "ok"
    other = tmp_path / "other"
    other.mkdir()
    assert problem(database(other, migrated=False), other) == "unmigrated"
    (other / "airflow.db").write_bytes(b"")
    assert problem(other / "airflow.db", other) == "empty"


def test_a_damaged_database(tmp_path: Path) -> None:
    path = database(tmp_path)
    path.write_bytes(b"not a database, although it is long enough to be one" * 100)
    assert problem(path, tmp_path) == "malformed"
    path.unlink()
    whole = database(tmp_path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 300)
    assert problem(path, tmp_path) in ("malformed", "unreadable")


def test_a_database_that_is_being_written_is_not_waited_for(tmp_path: Path) -> None:
    path = database(tmp_path)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    assert problem(path, tmp_path) == "locked"
    writer.close()


@pytest.mark.parametrize(
    ("key", "expected"), [(KEY, "ok"), (base64.urlsafe_b64encode(b"x" * 32).decode(), "other-key")]
)
def test_a_fernet_key_that_did_not_write_what_is_stored(tmp_path: Path, key: str, expected: str) -> None:
    path = database(tmp_path, token=fernet_token(KEY))
    (tmp_path / ".env").write_text(f"AIRFLOW__CORE__FERNET_KEY={key}\n", encoding="utf-8")
    assert problem(path, tmp_path) == expected


def test_secrets_are_judged_and_not_kept(tmp_path: Path) -> None:
    assert disk_files.secret_fact(tmp_path, (), as_launched=None) is None
    (tmp_path / ".env").write_text(f"AIRFLOW_WIZARD_PASSWORD=geheim99\nAIRFLOW__CORE__FERNET_KEY={KEY}\nEMPTY=\n")
    (tmp_path / "login.json").write_text(json.dumps({"admin": "geheim99"}))
    fact = disk_files.secret_fact(tmp_path, ("AIRFLOW_WIZARD_PASSWORD", "EMPTY", "NONE"), as_launched=True)
    assert fact is not None
    assert (fact.missing, fact.fernet_valid, fact.login_matches) == (("EMPTY", "NONE"), True, True)
    assert "geheim99" not in repr(fact)
    assert KEY not in repr(fact)
    (tmp_path / "login.json").write_text(json.dumps({"admin": "other"}))
    (tmp_path / ".env").write_text("AIRFLOW_WIZARD_PASSWORD=geheim99\nAIRFLOW__CORE__FERNET_KEY=short\n")
    fact = disk_files.secret_fact(tmp_path, (), as_launched=None)
    assert fact is not None
    assert (fact.fernet_valid, fact.login_matches) == (False, False)


def test_a_virtual_environment_whose_python_is_gone(tmp_path: Path) -> None:
    assert disk_files.venv_problem(tmp_path) == "there is none"
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    assert disk_files.venv_problem(tmp_path) == "it has no Python"
    (programs / "python").symlink_to(tmp_path / "python3.9")
    assert "that is gone" in disk_files.venv_problem(tmp_path)
    (tmp_path / "python3.9").touch(mode=0o755)
    assert disk_files.venv_problem(tmp_path) == "Airflow is not installed in it"
    (programs / "airflow").touch()
    assert disk_files.venv_problem(tmp_path) == ""


def journal(folder: Path, *lines: tuple[str, str]) -> None:
    (folder / ".airflow-wizard").mkdir(exist_ok=True)
    text = "".join(
        json.dumps({"time": 1.0 + n, "run": "r", "step": step, "state": state}) + "\n"
        for n, (step, state) in enumerate(lines)
    )
    (folder / ".airflow-wizard" / "journal.jsonl").write_text(text, encoding="utf-8")


def test_where_a_launch_stopped(tmp_path: Path) -> None:
    assert disk_files.unfinished_step(tmp_path) is None
    journal(tmp_path, ("files", "started"), ("files", "done"), ("venv", "started"))
    step = disk_files.unfinished_step(tmp_path)
    assert step is not None
    assert (step.id, step.state) == ("venv", "started")
    journal(tmp_path, ("venv", "started"), ("venv", "failed"), ("venv", "started"), ("venv", "done"))
    assert disk_files.unfinished_step(tmp_path) is None


def test_a_launch_at_work_is_not_unfinished(tmp_path: Path) -> None:
    from airflow_wizard.run.lock import StackLock

    journal(tmp_path, ("venv", "started"))
    with StackLock(tmp_path):
        assert disk_files.unfinished_step(tmp_path) is None
    assert disk_files.unfinished_step(tmp_path) is not None


def test_files_changed_after_the_start(tmp_path: Path) -> None:
    for name, moment in ((".env", 1000.0), ("airflow.cfg", 3000.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    assert disk_files.edited_since(tmp_path, 2000.0) == ("airflow.cfg",)
    assert disk_files.edited_since(tmp_path, None) == ()


def test_one_collector_cannot_take_another_down() -> None:
    stuck = threading.Event()

    def hang() -> Mapping[str, object]:
        stuck.wait(30)
        return {"port": "too late"}

    def crash() -> Mapping[str, object]:
        raise RuntimeError("\x1b[31mbroken")

    began = time.monotonic()
    parts = [Part("port", 0.1, hang), Part("files", 5.0, crash), Part("logs", 5.0, lambda: {"lines": 1})]
    found, unseen = collect_together(parts)
    stuck.set()
    assert found == {"lines": 1}
    assert dict(unseen) == {"port": "no answer within 0 s", "files": "RuntimeError: broken"}
    assert time.monotonic() - began < 3
