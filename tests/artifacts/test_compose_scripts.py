"""What runs inside the containers and beside them, started as there, with stand-ins for Airflow and the driver."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.artifacts.container import PASSWORD, Container

if TYPE_CHECKING:
    from pathlib import Path


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
    (container.site / "psycopg2.py").unlink()
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
