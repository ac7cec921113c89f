"""The launch as a script: plain shell, no secret, and what it writes is what the wizard would have written."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts import standalone
from airflow_wizard.artifacts.airflow_cfg import render
from airflow_wizard.workflows.exporting import export_script, script_name
from tests.artifacts.requests import DATABASE, request

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = {
    "3": request(),
    "3 external": request(database="external", database_url=DATABASE),
    "2": request("2.11.2"),
    "packages": request(packages=("pandas==2.3.3", "httpx[http2]>=0.27"), requirements="my reqs.txt"),
}


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
@pytest.mark.parametrize("name", REQUESTS)
def test_it_is_plain_shell_without_a_secret(name: str, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    given = REQUESTS[name]
    script = export_script(given)
    checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert not [key for key, value in given.secrets.items() if value in script]
    assert "<<" not in script.replace("<<'END_OF_FILE'", "").replace("<<END", "")
    assert export_script(given) == script
    assert script_name(given) == "launch-stack.sh"


def run_script(given_folder: Path, tmp_path: Path, name: str = "3") -> tuple[Path, list[str]]:
    """Run it with stand-ins for uv, python and curl; returns its folder and the commands that were called."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    calls = tmp_path / "calls"
    # The virtual environment's python stands in for airflow too; curl answers as a healthy Airflow does.
    body = json.dumps({k: {"status": "healthy"} for k in ("metadatabase", "scheduler", "triggerer", "dag_processor")})
    (tools / "fake").write_text(
        '#!/bin/sh\nprintf "%s " "${0##*/}" "$@" >> "$CALLS"; echo >> "$CALLS"\n'
        '[ "${0##*/} $1" != "uv venv" ] || { mkdir -p venv/bin; cp "$0" venv/bin/python; }\n'
        f"[ \"${{0##*/}}\" != curl ] || printf '%s' '{body}'\n"
    )
    (tools / "fake").chmod(0o755)
    for tool in ("uv", "curl"):
        shutil.copy(tools / "fake", tools / tool)
    ran = subprocess.run(
        ["sh", "-c", export_script(REQUESTS[name]), "script", str(given_folder)],
        env={"PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(calls)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return given_folder, calls.read_text().splitlines()


@pytest.mark.parametrize("folder", ["stack", "a b", "a&b|c", "größe ☃", "it's", "back\\slash"])
def test_it_writes_the_very_files_into_any_folder(folder: str, tmp_path: Path) -> None:
    made, calls = run_script(tmp_path / folder, tmp_path)
    here = request(folder=str(made))
    assert (made / "airflow.cfg").read_text() == render(here)
    for artifact in standalone.artifacts(here):
        assert (made / artifact.path).is_file(), artifact.path
        assert stat.S_IMODE((made / artifact.path).stat().st_mode) == artifact.mode, artifact.path
    env = dict(line.split("=", 1) for line in (made / ".env").read_text().splitlines() if "=" in line)
    assert env.keys() == here.secrets.keys()
    assert json.loads((made / "login.json").read_text()) == {"admin": env[standalone.PASSWORD]}
    assert json.loads((made / "supervisor.json").read_text())["stack_id"] == env[standalone.STACK_ID]
    assert "python -m supervisor start " in calls
    assert "@" not in (made / "airflow.cfg").read_text()
    assert not list(made.rglob("*.part"))


def test_a_second_run_keeps_keys_and_edits(tmp_path: Path) -> None:
    made, _ = run_script(tmp_path / "stack", tmp_path)
    before = (made / ".env").read_text()
    (made / "airflow.cfg").write_text("mine\n")
    run_script(made, tmp_path)
    assert (made / ".env").read_text() == before
    assert (made / "airflow.cfg").read_text() == "mine\n"


def test_the_persons_own_requirements_are_found_in_its_folder(tmp_path: Path) -> None:
    _, calls = run_script(tmp_path / "stack", tmp_path, "packages")
    (install,) = [call for call in calls if call.startswith("uv pip install")]
    assert install.endswith("--requirements my reqs.txt ")
    assert "pandas==2.3.3 httpx[http2]>=0.27" in install


def test_a_password_is_typed_and_never_an_argument(tmp_path: Path) -> None:
    made, calls = run_script(tmp_path / "stack", tmp_path, "2")
    env = dict(line.split("=", 1) for line in (made / ".env").read_text().splitlines() if "=" in line)
    assert any("users create" in call for call in calls)
    assert not [call for call in calls if env[standalone.PASSWORD] in call]
