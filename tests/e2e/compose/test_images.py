"""What the other tests build on: the images answer as the official ones do, whoever made them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import containers
from tests.e2e.compose.engine import AIRFLOWS, BROKER, DATABASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.compose.engine import Engine

pytestmark = pytest.mark.e2e

NO_WAIT = ("-e", "CONNECTION_CHECK_MAX_COUNT=0")
NEWEST = f"apache/airflow:{AIRFLOWS[0]}"
SERVED = "until pg_isready -q -h $(hostname -i); do :; done"


@pytest.fixture
def volume(engine: Engine) -> Iterator[str]:
    """A volume that is gone after the test."""
    name = f"airflow-e2e-{secrets.token_hex(4)}"
    engine.names("volume", "create", name)
    yield name
    engine.names("volume", "rm", name)


@pytest.fixture
def container(engine: Engine) -> Iterator[str]:
    """Name of a container that the test starts, and that is gone after it."""
    name = f"airflow-e2e-{secrets.token_hex(4)}"
    yield name
    engine.names("rm", "-f", "-v", name)


@pytest.mark.parametrize("version", AIRFLOWS)
def test_the_group_must_be_root(engine: Engine, version: str) -> None:
    done = engine.docker("run", "--rm", "--user", "1234:5", f"apache/airflow:{version}", "version")
    assert done.code == 1
    assert "ERROR! You should run the image with GID=0" in done.err


@pytest.mark.parametrize("version", AIRFLOWS)
def test_a_command_of_airflow_needs_no_airflow_before_it(engine: Engine, version: str) -> None:
    bare = engine.docker("run", "--rm", *NO_WAIT, f"apache/airflow:{version}", "version")
    assert (bare.code, bare.out.splitlines()[-1]) == (0, version)


def test_any_user_of_group_root_has_a_name_a_home_and_folders(engine: Engine) -> None:
    script = "whoami; echo $HOME; pwd; touch logs/a dags/a plugins/a config/a; airflow version"
    done = engine.docker("run", "--rm", "--user", "1234:0", *NO_WAIT, NEWEST, "bash", "-c", script)
    assert done.out.split() == ["default", "/home/airflow", "/opt/airflow", AIRFLOWS[0]], done.err


def test_python_is_the_one_with_airflow(engine: Engine) -> None:
    script = "import importlib.metadata as m; print(m.version('apache-airflow'))"
    done = engine.docker("run", "--rm", *NO_WAIT, NEWEST, "python", "-c", script)
    assert (done.code, done.out.strip()) == (0, AIRFLOWS[0])


def test_a_database_that_does_not_answer_ends_the_start(engine: Engine) -> None:
    nowhere = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://airflow:secret@127.0.0.1:1/airflow"
    waits = ("-e", "CONNECTION_CHECK_MAX_COUNT=1", "-e", "CONNECTION_CHECK_SLEEP_TIME=0")
    done = engine.docker("run", "--rm", *waits, "-e", nowhere, NEWEST, "scheduler")
    assert done.code == 1
    assert "ERROR! Maximum number of retries (1) reached." in done.out + done.err
    assert "Connection refused" in done.out + done.err


@pytest.mark.parametrize("image", DATABASES)
def test_a_database_without_a_password_is_refused(engine: Engine, image: str) -> None:
    done = engine.docker("run", "--rm", image)
    assert done.code == 1
    assert "superuser password is not specified" in done.err


@pytest.mark.parametrize(("first", "then"), [DATABASES, DATABASES[::-1]])
def test_a_volume_of_another_major_is_refused_by_the_server(engine: Engine, volume: str, first: str, then: str) -> None:
    mount = ("-v", f"{volume}:/var/lib/postgresql/data")
    # Makes the cluster, answers one question instead of serving, ends.
    made = engine.docker(
        "run", "--rm", *mount, "-e", "POSTGRES_PASSWORD=secret", first, "postgres", "-C", "server_version"
    )
    major, other = first.partition(":")[2], then.partition(":")[2]
    assert made.out.splitlines()[-1].startswith(f"{major}."), made.err
    refused = engine.docker("run", "--rm", *mount, "-e", "POSTGRES_PASSWORD=secret", then)
    assert refused.code == 1
    assert "FATAL:  database files are incompatible with server" in refused.err
    assert (
        f"initialized by PostgreSQL version {major}, which is not compatible with this version {other}." in refused.err
    )


def test_a_volume_is_looked_into_and_the_look_leaves_nothing(engine: Engine, volume: str) -> None:
    mount = ("-v", f"{volume}:/x", "--entrypoint", "sh")
    engine.names("run", "--rm", *mount, DATABASES[0], "-c", "echo 16 >/x/PG_VERSION")
    before = engine.names("volume", "ls", "-q")
    with containers.Engine() as ours:
        assert ours.file_in_volume(volume, "PG_VERSION", DATABASES[0]) == "16\n"
        assert ours.file_in_volume(volume, "nothing", DATABASES[0]) == ""
    assert engine.names("volume", "ls", "-q") == before


@pytest.mark.parametrize("image", DATABASES)
def test_a_database_is_what_was_asked_for(engine: Engine, container: str, image: str) -> None:
    asked = ("-e", "POSTGRES_USER=air", "-e", "POSTGRES_PASSWORD=se cret", "-e", "POSTGRES_DB=flow")
    engine.names("run", "-d", "--name", container, *asked, image)
    ask = 'psql -h $(hostname -i) -U air -d flow -Atc "show server_encoding"'
    script = f"{SERVED}; PGPASSWORD='se cret' {ask}; PGPASSWORD=other {ask}"
    done = engine.docker("exec", container, "bash", "-c", script)
    assert done.out.split() == ["UTF8"]
    assert 'password authentication failed for user "air"' in done.err
    assert engine.names("exec", container, "cat", "/var/lib/postgresql/data/PG_VERSION") == [image.partition(":")[2]]


def test_the_broker_lets_other_containers_in(engine: Engine, container: str) -> None:
    engine.names("run", "-d", "--name", container, BROKER)
    script = "until redis-cli -h $(hostname -i) ping; do :; done 2>/dev/null"
    assert engine.names("exec", container, "timeout", "20", "bash", "-c", script)[-1] == "PONG"
