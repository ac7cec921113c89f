"""The profile commands, on a configuration folder of their own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import ExitCode
from tests.cli.given import ran

if TYPE_CHECKING:
    from pathlib import Path

BASE = ("--profile", "standalone-quickstart")


def test_a_profile_lives_from_save_to_delete(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert ran(capsys, "profiles", "save", "mine", *BASE, "--set", "port=8099").code == ExitCode.OK
    assert ran(capsys, "profiles", "save", "mine", *BASE).code != ExitCode.OK, (
        "a saved profile is not replaced silently"
    )
    assert "port: 8099" in ran(capsys, "profiles", "show", "mine").out
    rows = ran(capsys, "profiles", "diff", "standalone-quickstart", "mine", "--json").rows
    assert {"option": "port", "b": "8099"}.items() <= next(r for r in rows if r["option"] == "port").items()
    assert ran(capsys, "profiles", "edit", "mine", "--set", "port=8098").code == ExitCode.OK
    out = tmp_path / "shared.yaml"
    assert ran(capsys, "profiles", "export", "mine", "--out", str(out)).code == ExitCode.OK
    assert "port: 8098" in out.read_text()
    assert ran(capsys, "profiles", "import", str(out), "--name", "theirs").code == ExitCode.OK
    names = {str(r["name"]) for r in ran(capsys, "profiles", "list", "--json").rows}
    assert {"mine", "theirs", "standalone-quickstart"} <= names
    assert ran(capsys, "profiles", "delete", "mine", "--yes").code == ExitCode.OK
    assert ran(capsys, "profiles", "show", "mine").code == ExitCode.INVALID


def test_a_profile_can_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("schema: 1\nname: piped\ntarget: standalone\nport: 8077\n"))
    given = ran(capsys, "profiles", "show", "-", "--json").body["given"]
    assert given == {"port": 8077}


@pytest.mark.parametrize(
    "text",
    ["{", "port: 8080\n", "schema: 1\ntarget: standalone\nprot: 1\n", "schema: 99\ntarget: standalone\n", "\0", "[]"],
)
def test_a_corrupt_profile_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    result = ran(capsys, "plan", "--profile", str(path))
    assert result.code == ExitCode.INVALID
    assert str(path) in result.err


def test_a_secret_cannot_be_put_into_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, "profiles", "save", "mine", *BASE, "--set", "database_password=hunter2hunter2")
    assert result.code == ExitCode.INVALID
    assert "hunter2" not in result.err
