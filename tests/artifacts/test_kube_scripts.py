"""What waits for the database in a cluster's pods, started as there, with stand-ins for Airflow and the driver."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.artifacts.container import Container

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


@contextlib.contextmanager
def started(container: Container, *argv: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    whole = [sys.executable, *argv]
    into: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(whole, env=container.env, cwd=container.folder, text=True, **into) as waits:
        assert waits.stdout is not None
        try:
            yield waits, waits.stdout
        finally:
            waits.kill()


def waiting(container: Container) -> contextlib.AbstractContextManager[tuple[subprocess.Popen[str], IO[str]]]:
    return started(container, "-c", "import database; database._SETTLED = 0.6; database.await_mark()")


NOT_YET = "the database is not ready for Airflow 3.3.2 yet: the init job brings it there\n"


def test_what_waits_for_the_database_goes_on_when_the_init_job_has_noted_its_version(container: Container) -> None:
    with waiting(container) as (waits, said):
        assert said.readline() == NOT_YET
        assert waits.poll() is None
        assert container.run("init.py").returncode == 0
        assert (container.folder / "note").read_text() == "ready for Airflow 3.3.2 at newest3"
        assert waits.wait(timeout=10) == 0
        assert said.read() == ""


@pytest.mark.parametrize("noted", ["3.2.2 at older2", "3.3.2 at newest3"])
def test_an_older_revision_is_waited_for(container: Container, noted: str) -> None:
    (container.folder / "revision").write_text("older2")
    (container.folder / "note").write_text(f"ready for Airflow {noted}")
    with waiting(container) as (waits, said):
        assert said.readline() == NOT_YET
        with pytest.raises(subprocess.TimeoutExpired):
            waits.wait(timeout=1.5)  # longer than the newest revision would have to stand
        assert container.run("init.py").returncode == 0
        assert waits.wait(timeout=10) == 0


def test_without_a_note_the_newest_revision_does_after_a_while(container: Container) -> None:
    """Its table belongs to somebody else, or a newer Airflow brought it back to this one."""
    (container.folder / "not-owner").touch()
    ended = container.run("init.py")
    assert ended.returncode == 0, ended.stderr
    assert "takes no note (must be owner of table alembic_version)" in ended.stdout
    (container.folder / "note").write_text("ready for Airflow 3.4.0 at unheardof4")
    with waiting(container) as (waits, said):
        assert said.readline() == NOT_YET
        assert waits.wait(timeout=10) == 0
        assert "stood at the revision of this Airflow" in said.read()


def test_a_database_of_a_newer_airflow_is_not_waited_for(container: Container) -> None:
    (container.folder / "revision").write_text("unheardof4")
    (container.folder / "note").write_text("ready for Airflow 3.4.0 at unheardof4")
    with waiting(container) as (waits, said):
        assert waits.wait(timeout=10) == 1
        text = said.read()
    assert "Can't locate revision identified by 'unheardof4'" in text
    assert "used by Airflow 3.4.0, and this is 3.3.2" in text
    assert "airflow db downgrade --to-version 3.3.2" in text


def test_a_failed_init_leaves_no_note(container: Container) -> None:
    assert container.run("init.py", BROKEN="db").returncode == 3
    assert not (container.folder / "note").exists()


def test_the_api_server_imports_first_and_serves_when_the_database_is_ready(container: Container) -> None:
    routes = container.site / "airflow/api_fastapi/execution_api"
    routes.mkdir(parents=True)
    (routes / "routes.py").write_text("print('imported', flush=True)\n")
    program = str(container.folder / "api_server.py")
    with started(container, program, "--proxy-headers") as (serves, said):
        assert [said.readline(), said.readline()] == ["imported\n", NOT_YET]
        assert not container.lines("served")
        assert container.run("init.py").returncode == 0
        assert serves.wait(timeout=10) == 0
    (served,) = container.lines("served")
    assert served == {"argv": ["airflow", "api-server", "--proxy-headers"], "gc": True, "beside": False}


def test_a_worker_of_the_api_server_only_imports(container: Container) -> None:
    """More than one are processes that import the program again."""
    with started(container, "-c", "import api_server") as (imports, said):
        assert (imports.wait(timeout=10), said.read()) == (0, "")


def test_a_database_that_answers_is_enough_to_begin_with(container: Container) -> None:
    program = str(container.folder / "database.py")
    with started(container, program, "answers") as (waits, said):
        assert (waits.wait(timeout=10), said.read()) == (0, "")
    (container.folder / "refuses").touch()
    with started(container, program, "answers") as (waits, said):
        assert waits.wait(timeout=10) == 1
        assert said.read() == 'the database does not answer: FATAL: password authentication failed for user "x"\n'
