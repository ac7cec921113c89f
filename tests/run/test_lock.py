"""One wizard at a time; a killed one is in nobody's way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from airflow_wizard.errors import LockedError, WizardError
from airflow_wizard.run.lock import StackLock

_HOLDER = """
import sys
from pathlib import Path
from airflow_wizard.run.lock import StackLock
with StackLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
_ROOT = str(Path(__file__).parents[2])


def _hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder), "--set", "password=hunter2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": _ROOT},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_works_there_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "new stack"
    with _hold(folder) as process:
        with pytest.raises(LockedError) as caught, StackLock(folder):
            pass
        assert f"pid {process.pid}" in caught.value.what
        assert "--set" in caught.value.what
        assert "hunter2" not in caught.value.what
        assert caught.value.why
        assert str(process.pid) in caught.value.next
        process.send_signal(signal.SIGKILL)
        process.wait()
        with StackLock(folder):
            pass


def test_two_in_one_process_exclude_each_other_and_it_can_be_taken_again(tmp_path: Path) -> None:
    with StackLock(tmp_path), pytest.raises(LockedError), StackLock(tmp_path):
        pass
    with StackLock(tmp_path):
        pass


def test_an_error_inside_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), StackLock(tmp_path):
        _ = 1 // 0
    with StackLock(tmp_path):
        pass


def test_removing_the_folder_while_it_is_held_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    with StackLock(folder):
        shutil.rmtree(folder)
    assert not folder.exists()
    with StackLock(folder), pytest.raises(LockedError), StackLock(folder):
        pass


def test_what_we_start_does_not_inherit_it(tmp_path: Path) -> None:
    with StackLock(tmp_path):
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    with child, StackLock(tmp_path):
        assert child.poll() is None


def test_an_unreadable_signature_still_locks(tmp_path: Path) -> None:
    with StackLock(tmp_path):
        (tmp_path / ".airflow-wizard/lock").write_bytes(b"\xff{")
        with pytest.raises(LockedError, match="another airflow-wizard"), StackLock(tmp_path):
            pass


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WizardError, match="Cannot create"), StackLock(tmp_path / "file" / "stack"):
        pass
