"""Commands to their end: every line once, no terminal, and nothing of them left behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from airflow_wizard.engines.process import Finished, run_command
from airflow_wizard.errors import InterruptedByUserError, StepFailedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENV = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}


def python(
    code: str,
    folder: Path,
    *,
    typed: str = "",
    on_line: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
) -> Finished:
    """A Python program to its end."""
    argv = (sys.executable, "-c", code)
    return run_command(argv, cwd=str(folder), env=ENV, typed=typed, on_line=on_line, cancel=cancel)


def alive(pid: int) -> bool:
    """A zombie is dead, whoever should reap it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_both_streams_come_line_by_line_in_order(tmp_path: Path) -> None:
    seen: list[str] = []
    code = "import sys\nfor n in range(3): print('out', n); sys.stderr.write(f'err {n}\\n')"
    finished = python(code, tmp_path, on_line=seen.append)
    assert seen == [f"{word} {n}" for n in range(3) for word in ("out", "err")]
    assert finished.code == 0
    assert finished.tail == tuple(seen)
    assert finished.seconds > 0


def test_the_last_line_needs_no_end_and_bytes_need_not_be_text(tmp_path: Path) -> None:
    seen: list[str] = []
    python(r"import sys; sys.stdout.buffer.write(b'10%\r20%\r\xff\xfe done')", tmp_path, on_line=seen.append)
    assert seen == ["10%", "20%", "�� done"]


def test_a_flood_arrives_whole_and_only_its_end_is_kept(tmp_path: Path) -> None:
    seen: list[str] = []
    finished = python("for n in range(20_000): print(n, 'x' * 40)", tmp_path, on_line=seen.append)
    assert len(seen) == 20_000
    assert finished.tail == tuple(seen[-40:])


@pytest.mark.parametrize(("code", "wanted"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)])
def test_how_it_ended_is_told(code: str, wanted: int, tmp_path: Path) -> None:
    assert python(code, tmp_path).code == wanted


def test_lines_are_told_from_the_thread_that_waits(tmp_path: Path) -> None:
    threads: list[int] = []
    python("print(1)", tmp_path, on_line=lambda _: threads.append(threading.get_ident()))
    assert threads == [threading.get_ident()]


def test_a_listener_that_fails_ends_the_command_instead_of_blocking_it(tmp_path: Path) -> None:
    """A closed standard output, for one: nobody would empty the pipe any more."""

    def broken(line: str) -> None:
        (tmp_path / "pid").write_text(line)
        raise BrokenPipeError

    began = time.monotonic()
    with pytest.raises(BrokenPipeError):
        python("import os, sys\nprint(os.getpid())\nwhile True: print('x' * 1000)", tmp_path, on_line=broken)
    assert time.monotonic() - began < 4
    assert not alive(int((tmp_path / "pid").read_text()))


def test_without_a_terminal_a_password_is_read_from_standard_input(tmp_path: Path) -> None:
    code = "import getpass; print([getpass.getpass('Password: '), getpass.getpass('Again: ')])"
    finished = python(code, tmp_path, typed="s€cret 1\ns€cret 1\n")
    assert "['s€cret 1', 's€cret 1']" in finished.tail[-1]


def test_what_is_typed_may_go_unread(tmp_path: Path) -> None:
    assert python("import os; os.close(0)", tmp_path, typed="x" * 10).code == 0


def test_nothing_typed_is_an_empty_input_and_not_ours(tmp_path: Path) -> None:
    assert python("import sys; print(repr(sys.stdin.read()))", tmp_path).tail == ("''",)


def test_a_program_that_is_not_there_is_a_failed_step(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="no-such-program cannot be started: No such file") as caught:
        run_command(("no-such-program",), cwd=str(tmp_path), env=ENV)
    assert caught.value.next
    with pytest.raises(StepFailedError):
        run_command((sys.executable, "-c", ""), cwd=str(tmp_path / "gone"), env=ENV)


# It starts a grandchild that does not listen to TERM, and says both numbers.
FAMILY = """
import os, signal, subprocess, sys, time
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid)
time.sleep(600)
"""


@pytest.mark.parametrize("deaf", [False, True])
def test_cancelling_ends_the_command_and_what_it_started(
    deaf: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_wizard.engines.process._PATIENCE", 0.3)
    cancel = threading.Event()
    family: list[int] = []

    def look(line: str) -> None:
        family.extend(map(int, line.split()))
        cancel.set()

    code = FAMILY if deaf else FAMILY.replace("signal.SIG_IGN", "signal.SIG_DFL")
    try:
        with pytest.raises(InterruptedByUserError):
            python(code, tmp_path, on_line=look, cancel=cancel)
        assert len(family) == 2
        assert not [pid for pid in family if alive(pid)]
    finally:
        for pid in filter(alive, family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)


def test_what_stays_behind_on_purpose_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that keeps the pipe open must not keep us."""
    monkeypatch.setattr("airflow_wizard.engines.process._PATIENCE", 0.2)
    code = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)"
    finished = python(code, tmp_path)
    daemon = int(finished.tail[0])
    try:
        assert finished.code == 0
        assert finished.seconds < 3
        assert alive(daemon)
    finally:
        os.kill(daemon, 9)
