"""The program as a process: start-up, modules, streams, signals, bugs."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from airflow_wizard import __version__
from airflow_wizard.cli import crash
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "airflow_wizard")
HEAVY = {"textual", "rich", "docker", "kubernetes", "questionary", "prompt_toolkit", "yaml", "psutil", "asyncio"}


def program(*argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *argv], capture_output=True, text=True, input=stdin, check=False, timeout=50)


def loaded_by(*argv: str) -> set[str]:
    code = (
        "import json, sys\n"
        f"sys.argv = ['airflow-wizard', *{list(argv)!r}]\n"
        "from airflow_wizard.__main__ import main\n"
        "main()\n"
        "sys.stderr.write(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(result.stderr.splitlines()[-1]))


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("up", "--help"), ("stacks",)])
def test_nothing_heavy_is_loaded(argv: tuple[str, ...]) -> None:
    assert not loaded_by(*argv) & HEAVY


def test_the_version_loads_next_to_nothing() -> None:
    assert "argparse" not in loaded_by("--version")


def test_version_and_help() -> None:
    version = program("--version")
    assert (version.returncode, version.stdout) == (0, f"airflow-wizard {__version__}\n")
    shown = program("--help")
    assert shown.returncode == 0
    for code in ExitCode:
        assert code.meaning in shown.stdout
    assert shown.stderr == ""


def test_without_a_terminal_nothing_is_asked() -> None:
    for argv in ((), ("--plain",), ("up",)):
        result = program(*argv, stdin="1\n1\n1\n")
        assert result.returncode == ExitCode.USAGE
        assert result.stdout == ""
        assert "up --profile" in result.stderr


def test_a_reader_that_leaves_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        result = subprocess.run([*PROGRAM, "options"], stdout=out, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 141
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("redirection", "code"), [(">&-", 0), ("2>&-", 0), ("<&-", 0), ("> /dev/full", 1), ("2> /dev/full", 0)]
)
def test_odd_streams_are_no_bug(redirection: str, code: int, isolated: Path) -> None:
    command = f"{shlex.join(PROGRAM)} options {redirection}"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    assert ("Next:" in result.stderr) == (code != 0)
    assert not (isolated / "wizard").exists(), "no bug was recorded"


def test_an_ascii_terminal_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    result = program("versions")
    assert result.returncode == 0
    assert "3.3" in result.stdout


def test_a_bug_is_a_short_message_with_a_private_file(capsys: pytest.CaptureFixture[str], isolated: Path) -> None:
    message = "password=hunter2hunter2 at postgresql://airflow:hunter3hunter3@db/x \x1b[31m"
    with pytest.raises(ValueError, match="hunter2") as caught:
        int(message)
    assert crash.report(caught.value) == ExitCode.FAILED
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    log = isolated / "wizard" / "state" / "last-error.log"
    assert str(log) in shown
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    details = log.read_text()
    assert "Traceback" in details
    for text in (shown, details):
        assert "hunter2hunter2" not in text
        assert "hunter3hunter3" not in text
        assert "\x1b" not in text


def test_a_bug_without_a_place_for_its_file_is_still_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv("AIRFLOW_WIZARD_HOME", str(blocked))
    assert crash.report(ValueError("x")) == ExitCode.FAILED
    assert "nowhere" in capsys.readouterr().err
