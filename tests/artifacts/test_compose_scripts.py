"""What runs inside the containers and beside them, started as there, with stand-ins for Airflow and the driver."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.artifacts.compose_stacks import files, request

DRIVER = """
import json, os, pathlib
state = pathlib.Path(os.environ["STATE"])
def say(**what):
    with (state / "said").open("a") as file:
        file.write(json.dumps(what) + "\\n")
class Cursor:
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def execute(self, query, values=()):
        say(query=query, values=list(values))
        self.mark = "obj_description" in query
        if query.startswith("COMMENT"):
            (state / "mark").write_text(query)
    def fetchone(self):
        return (1,) if (state / ("mark" if self.mark else "row")).exists() else None
class Connection:
    def cursor(self): return Cursor()
    def commit(self): say(commit=True)
    def close(self): pass
def connect(address, **_):
    say(address=address)
    return Connection()
"""
AIRFLOW = """
import json, os, pathlib, sys
state = pathlib.Path(os.environ["STATE"])
class Args:
    def __init__(self, words): self.words = words
    def func(self, args):
        with (state / "ran").open("a") as file:
            file.write(json.dumps([args.words, sys.argv]) + "\\n")
        if os.environ.get("BROKEN") == args.words[0]:
            sys.exit(3)
        if args.words[0] == "users" and not os.environ.get("FORGETS"):
            (state / "row").touch()
def get_parser():
    class Parser:
        def parse_args(self, words): return Args(list(words))
    return Parser()
"""
PASSWORD = "a-password-of-this-test"


class Container:
    """A folder with the scripts and the stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path, text in files(request()).items():
            if path.startswith("scripts/"):
                (folder / Path(path).name).write_text(text)
        (folder / "psycopg2.py").write_text(DRIVER)
        (folder / "apache_airflow-3.3.2.dist-info").mkdir()
        (folder / "apache_airflow-3.3.2.dist-info/METADATA").write_text("Name: apache-airflow\nVersion: 3.3.2\n")
        (folder / "airflow/cli").mkdir(parents=True)
        (folder / "airflow/__init__.py").touch()
        (folder / "airflow/cli/__init__.py").touch()
        (folder / "airflow/cli/cli_parser.py").write_text(AIRFLOW)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """One of the scripts, as the user that runs the tests."""
        told = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://airflow:x@postgres/airflow",
            "_AIRFLOW_WWW_USER_PASSWORD": PASSWORD,
            "AIRFLOW_UID": str(os.getuid()),
            "STATE": str(self.folder),
            "PATH": os.environ["PATH"],
        }
        argv = [sys.executable, str(self.folder / words[0]), *words[1:]]
        return subprocess.run(argv, env=told | env, capture_output=True, text=True, timeout=30, check=False)

    def lines(self, name: str) -> list[Any]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def test_init_migrates_then_creates_the_login_with_no_password_on_a_command_line(container: Container) -> None:
    ended = container.run("init.py")
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "ready"), ended.stderr
    ran = container.lines("ran")
    assert [entry[0][:2] for entry in ran] == [["db", "migrate"], ["users", "create"]]
    assert [entry[1] for entry in ran] == [["airflow"], ["airflow"]]
    assert PASSWORD not in ended.stdout + ended.stderr


def test_a_login_that_is_there_stays_as_it_is(container: Container) -> None:
    (container.folder / "row").touch()
    assert container.run("init.py").returncode == 0
    assert [entry[0] for entry in container.lines("ran")] == [["db", "migrate"]]


def test_what_waits_for_the_database_goes_on_when_the_init_job_has_noted_its_version(container: Container) -> None:
    argv = [sys.executable, str(container.folder / "database.py")]
    env = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://x@y/z", "STATE": str(container.folder)}
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True) as waits:
        assert waits.stdout is not None
        assert (
            waits.stdout.readline() == "the database is not ready for Airflow 3.3.2 yet: the init job brings it there\n"
        )
        assert waits.poll() is None
        assert container.run("init.py").returncode == 0
        noted = (container.folder / "mark").read_text()
        assert noted == "COMMENT ON TABLE alembic_version IS 'ready for Airflow 3.3.2'"
        assert waits.wait(timeout=10) == 0
        assert waits.stdout.read() == ""


def test_a_failed_init_leaves_no_note(container: Container) -> None:
    assert container.run("init.py", BROKEN="db").returncode == 3
    assert not (container.folder / "mark").exists()


def test_sample_connections_only_when_asked(container: Container) -> None:
    assert container.run("init.py", AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS="true").returncode == 0
    words = [entry[0][0] for entry in container.lines("ran")]
    assert words == ["db", "connections", "users"]


@pytest.mark.parametrize("broken", ["db", "users"])
def test_what_fails_is_not_called_done(container: Container, broken: str) -> None:
    ended = container.run("init.py", BROKEN=broken)
    assert ended.returncode == 3
    assert "ready" not in ended.stdout


def test_a_login_that_is_not_there_afterwards_is_a_failure(container: Container) -> None:
    ended = container.run("init.py", FORGETS="1")
    assert ended.returncode == 1
    assert "the login admin was not created" in ended.stderr


def test_an_image_without_a_driver_is_told_at_once(container: Container) -> None:
    (container.folder / "psycopg2.py").unlink()
    ended = container.run("init.py")
    assert ended.returncode == 1
    assert "No module named 'psycopg'" in ended.stderr


def test_a_heartbeat_is_asked_of_this_container_alone(container: Container) -> None:
    assert container.run("heartbeat.py", "TriggererJob").returncode == 1
    (container.folder / "row").touch()
    assert container.run("heartbeat.py", "TriggererJob").returncode == 0
    address, asked = container.lines("said")[-2:]
    assert address == {"address": "postgresql://airflow:x@postgres/airflow"}
    values = asked["values"]
    assert values[0] == "TriggererJob"
    # In a cluster Airflow writes NAME.SERVICE.NAMESPACE…, and the host calls itself NAME.
    assert "split_part(hostname, '.', 1) = %s" in asked["query"]
    assert values[1] == socket.gethostname().partition(".")[0]
    assert len(values) == 3
