"""A database of the person's own: real PostgreSQL, a password full of characters that addresses do not like."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.wizard import free_port, processes_in, stack_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.wizard import Wizard

pytestmark = pytest.mark.e2e

PASSWORD = "p@ss/wo:rd%1"


def _programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return debian[-1].parent if debian else None


@pytest.fixture
def server() -> Iterator[int]:
    """Port of a PostgreSQL with a user and a database for Airflow; PostgreSQL refuses to run as root."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here: apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="wizard-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)
    port = free_port()

    def run(program: str, *words: str, typed: str = "") -> None:
        env = {**os.environ, "PGPASSWORD": PASSWORD, "HOME": str(folder)}
        argv = [str(programs / program), *words]
        subprocess.run(argv, input=typed, text=True, env=env, user=user, cwd=folder, check=True, capture_output=True)

    pwfile = folder / "pw"
    pwfile.write_text(PASSWORD)
    if user is not None:
        shutil.chown(pwfile, user)
    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", str(pwfile), "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
        run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        sql = f"create user air password '{PASSWORD}'; create database airflow owner air;".replace("; ", ";\n")
        run("psql", "-h", "127.0.0.1", "-p", str(port), "-U", "owner", "-d", "postgres", typed=sql)
        yield port
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("version", ["3.3.2", "2.11.2"])
def test_airflow_on_a_database_of_ones_own(
    wizard: Wizard, server: int, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["--set", f"airflow_version={version}", "--set", "database=external"]
    answers += ["--set", f"database_url=postgresql://air@127.0.0.1:{server}/airflow", "--name", "demo"]
    without = wizard.run(*wizard.up(*answers))
    assert without.code == 2
    assert "AIRFLOW_WIZARD_DATABASE_PASSWORD" in without.err
    monkeypatch.setenv("AIRFLOW_WIZARD_DATABASE_PASSWORD", PASSWORD)
    launched = wizard.run(*wizard.up(*answers))
    assert launched.events()[-1]["event"] == "proven", launched.out + launched.err
    assert PASSWORD not in launched.out + launched.err
    beats = wizard.run("status", "demo", "--json").json()["airflow"]
    assert all(
        beats[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "triggerer", "dag_processor")
    )
    folder = stack_folder(wizard, "demo")
    assert not (folder / "airflow.db").exists()
    _the_dag_processor_stays_where_there_is_no_dag(wizard, folder)
    assert not any("p%40ss" in " ".join(p.cmdline()) for p in processes_in(folder))
    assert wizard.run("destroy", "demo", "--confirm", "demo").code == 0
    assert processes_in(folder) == []


def _the_dag_processor_stays_where_there_is_no_dag(wizard: Wizard, folder: Path) -> None:
    """Airflow 2's own ends then: it uses a module that only its first child process imports."""
    assert not list((folder / "dags").glob("*.py"))
    assert wizard.run("restart", "demo", "--unit", "dag-processor", "--yes").code == 0
    before = _dag_processor(wizard)
    end = time.monotonic() + 90
    while (now := _dag_processor(wizard))["health"] != "healthy":
        assert time.monotonic() < end, now
    # It has parsed, and beats; it is the process that was started then.
    assert now["restarts"] == before["restarts"]
    assert now["since"] == before["since"]


def _dag_processor(wizard: Wizard) -> dict[str, object]:
    units = wizard.run("status", "demo", "--json").json()["units"]
    return next(unit for unit in units if unit["id"] == "dag-processor")
