"""The `airflow` script of a Compose stack, started as a person does, with a stand-in for Docker's client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.artifacts.compose_stacks import files, request
from tests.engines.fake_airflow import FakeAirflow, running

PASSWORD = "a-password-of-this-test"
DOCKER = """\
#!/bin/sh
pwd >>"$SAID"
printf '%s\\n' "$@" >>"$SAID"
while [ $# -gt 0 ]; do case $1 in */rest.py) break ;; *) shift ;; esac; done
[ $# -gt 0 ] || exit 0
shift
exec "$PYTHON" "$REST" "$@"
"""


class Stack:
    """A stack's folder whose containers are this machine."""

    def __init__(self, folder: Path, version: str, url: str = "http://127.0.0.1:9") -> None:
        self.folder = folder / "Mein Stapel ä"
        self.folder.mkdir()
        made = files(request(version))
        (self.folder / "airflow").write_text(made["airflow"])
        (self.folder / "airflow").chmod(0o755)
        (self.folder / ".env").write_text(f"AIRFLOW_UID=1\nAIRFLOW_WIZARD_PASSWORD={PASSWORD}\nOTHER=x\n")
        self.rest = folder / "rest.py"
        self.rest.write_text(made["scripts/rest.py"].replace("http://127.0.0.1:8080", url))
        self._docker = folder / "docker"
        self._docker.write_text(DOCKER)
        self._docker.chmod(0o755)
        self.said = folder / "said"

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        shell = Path(shutil.which("sh") or "/bin/sh").parent
        env = {"PATH": f"{self._docker.parent}:{shell}:{os.environ['PATH']}", "SAID": str(self.said),
               "PYTHON": sys.executable, "REST": str(self.rest)}  # fmt: skip
        argv = [str(self.folder / "airflow"), *words]
        return subprocess.run(argv, env=env, input=given, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("words", [["info"], ["dags", "list", "--output", "a b"], []])
def test_words_are_passed_on_from_any_folder(tmp_path: Path, words: list[str]) -> None:
    stack = Stack(tmp_path, "3.3.2")
    assert stack.run(*words).returncode == 0
    assert stack.said.read_text().splitlines() == [
        str(stack.folder), "compose", "run", "--rm", "-T", "airflow-cli", *words,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "api", "service"), [("3.3.2", "v2", "airflow-apiserver"), ("2.11.2", "v1", "airflow-webserver")]
)
def test_a_rest_call_logs_in_and_no_command_line_has_the_password(
    tmp_path: Path, version: str, api: str, service: str
) -> None:
    with running(FakeAirflow(api=api, password=PASSWORD)) as server:
        stack = Stack(tmp_path, version, server.url)
        ended = stack.run("rest", f"/api/{api}/pools")
    assert (ended.returncode, json.loads(ended.stdout)) == (0, {"pools": [], "total_entries": 0}), ended.stderr
    words = stack.said.read_text()
    assert words.splitlines()[1:5] == ["compose", "exec", "-T", service]
    assert PASSWORD not in words


def test_a_rest_call_sends_what_is_on_its_input(tmp_path: Path) -> None:
    with running(FakeAirflow(password=PASSWORD, replies={"POST /api/v2/variables": (201, {"key": "a"})})) as server:
        stack = Stack(tmp_path, "3.3.2", server.url)
        ended = stack.run("rest", "post", "/api/v2/variables", "-", given='{"key": "a", "value": "of nobody else"}')
    assert json.loads(ended.stdout) == {"key": "a"}
    assert server.seen[-1].body == {"key": "a", "value": "of nobody else"}
    assert "of nobody else" not in stack.said.read_text()


def test_a_refused_call_is_a_failure_with_its_answer(tmp_path: Path) -> None:
    with running(FakeAirflow(password="another")) as server:
        stack = Stack(tmp_path, "3.3.2", server.url)
        refused = stack.run("rest", "/api/v2/pools")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Invalid credentials" in refused.stderr
    assert "changed in the web page" in refused.stderr
    silent = stack.run("rest", "/api/v2/pools")
    assert (silent.returncode, "does not answer" in silent.stderr) == (1, True)
    assert stack.run("rest").returncode == 2
    (stack.folder / ".env").write_text("AIRFLOW_UID=1\n")
    assert "no AIRFLOW_WIZARD_PASSWORD" in stack.run("rest", "/api/v2/pools").stderr
