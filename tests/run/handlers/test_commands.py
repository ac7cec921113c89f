"""Commands once per what they depend on, in an environment that leaks nothing into the stack."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InterruptedByUserError, StepFailedError
from airflow_wizard.run.actions import RunCommand
from airflow_wizard.run.handlers.commands import clean_environment
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path


def python(folder: Path, code: str, *, stamp: str = "", stamp_of: str = "") -> RunCommand:
    """A Python program as an action that makes ``out``."""
    return RunCommand((sys.executable, "-c", code), str(folder), stamp, stamp_of, ("out",))


def test_a_stamp_stands_for_its_inputs_and_for_what_was_made(tmp_path: Path) -> None:
    heard = Heard()
    action = python(tmp_path, "open('out', 'w')", stamp="stamp", stamp_of="sha 1")
    assert heard.done(action) == ""
    heard.do(action)
    assert heard.done(action)
    assert heard.done(python(tmp_path, "", stamp="stamp", stamp_of="sha 2")) == ""
    assert heard.done(python(tmp_path, "")) == "", "without a stamp it runs every time"
    (tmp_path / "out").unlink()
    assert heard.done(action) == "", "what it made is gone"
    (tmp_path / "out").touch()
    (tmp_path / "stamp").write_bytes(b"\xff\xfe")
    assert heard.done(action) == ""


def test_an_empty_input_is_an_input(tmp_path: Path) -> None:
    action = python(tmp_path, "open('out', 'w')", stamp="stamp", stamp_of="")
    Heard().do(action)
    assert Heard().done(action)


def test_a_failure_takes_the_old_stamp_along(tmp_path: Path) -> None:
    """What it left half-made is not what was stamped before."""
    Heard().do(python(tmp_path, "open('out', 'w')", stamp="stamp", stamp_of="1"))
    heard = Heard()
    with pytest.raises(StepFailedError, match="exit 2"):
        heard.do(python(tmp_path, "raise SystemExit(2)", stamp="stamp", stamp_of="2"))
    assert heard.done(python(tmp_path, "", stamp="stamp", stamp_of="1")) == ""
    assert heard.commands[-1] == "exit 2"


def test_an_interrupted_command_is_not_stamped(tmp_path: Path) -> None:
    heard = Heard()
    heard.on_progress = heard.cancel.set
    with pytest.raises(InterruptedByUserError):
        heard.do(python(tmp_path, "import time; print(1, flush=True); time.sleep(600)", stamp="stamp"))
    assert not (tmp_path / "stamp").exists()
    assert heard.commands[-1] == "exit -15"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("error: No space left on device (os error 28)", "the disk is full"),
        ("error: Failed to fetch: `https://example.org`", "the package index cannot be reached"),
        ("odd", "the steps after it build on its result"),
    ],
)
def test_why_it_failed_is_read_from_what_it_said(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(StepFailedError) as caught:
        Heard().do(python(tmp_path, f"import sys; sys.exit({said!r})"))
    assert caught.value.why == why
    assert caught.value.evidence == (said,)
    assert caught.value.next


def test_a_signal_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="signal 9"):
        Heard().do(python(tmp_path, "import os; os.kill(os.getpid(), 9)"))


def test_a_password_is_typed_twice_and_stands_on_no_command_line(tmp_path: Path) -> None:
    """As `airflow users create` reads it; it must find no terminal, or it would wait there."""
    secret = 'p%ss $w"rd=\\x'
    (tmp_path / ".env").write_text(f"# keys\nOTHER=1\nPASSWORD={secret}\n")
    code = (
        "import getpass, json, sys; "
        "json.dump([getpass.getpass('Password:'), getpass.getpass('Repeat:'), sys.argv], open('out', 'w'))"
    )
    heard = Heard()
    heard.do(replace(python(tmp_path, code), secrets_file=str(tmp_path / ".env"), stdin_key="PASSWORD"))
    first, second, argv = json.loads((tmp_path / "out").read_text())
    assert first == second == secret
    assert secret not in " ".join(argv)
    assert not [line for line in heard.commands if secret in line]
    assert not [text for _, text in heard.output if secret in text]


def test_lines_go_to_the_pane_of_their_unit_without_their_stamp(tmp_path: Path) -> None:
    heard = Heard()
    heard.do(replace(python(tmp_path, "print('[2026-01-01T00:00:00+0000] {cli.py:1} INFO - hello')"), unit="migrate"))
    assert heard.output == [("migrate", "hello")]
    assert heard.progress == ["hello"]


FOREIGN = (
    "AIRFLOW__CORE__DAGS_FOLDER",
    "_AIRFLOW_X",
    "AIRFLOW_CTX_DAG_ID",
    "AIRFLOW_HOME",
    "AIRFLOW_CONFIG",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
)


def test_nothing_of_the_shell_leaks_into_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN:
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("AIRFLOW_CONN_MINE", "kept")
    clean = clean_environment()
    assert not clean.keys() & set(FOREIGN)
    assert clean["HTTPS_PROXY"] == "http://proxy:3128"
    assert clean["AIRFLOW_CONN_MINE"] == "kept"
    assert clean["PATH"] == os.environ["PATH"]


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nobody configured an index."""
    for name in list(os.environ):
        if name.startswith(("UV_", "PIP_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "none"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.mark.usefixtures("no_index")
def test_uv_is_told_the_index_that_was_configured_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "UV_DEFAULT_INDEX" not in clean_environment()
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.org/pypi")
    assert clean_environment()["UV_DEFAULT_INDEX"] == "https://index.example.org/pypi"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example.org/pypi")
    assert clean_environment()["UV_DEFAULT_INDEX"] == "https://uv.example.org/pypi"
