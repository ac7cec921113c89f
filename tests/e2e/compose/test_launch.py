"""The whole life of a stack in containers on a real engine: launch to proven, use, stop, start, reset, destroy."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.catalog.load import release
from tests.e2e.compose.faults_helpers import until
from tests.e2e.wizard import get, stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.compose.engine import ComposeWizard, Engine

pytestmark = pytest.mark.e2e

PROOF = ("identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log", "smoke-remove")
LITE = {"postgres", "airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"}


def test_lite_from_nothing_to_proven_and_gone(engine: Engine, wizard: ComposeWizard) -> None:
    name = wizard.name
    launched = wizard.run(*wizard.up())
    _is_proven(wizard, launched.events())
    folder = stack_folder(wizard, name)
    _nothing_is_exposed(engine, wizard, folder, launched.out + launched.err)
    _the_api_answers(wizard, "3.3.2")
    assert not list((folder / "dags").glob("*.py")), "the smoke DAG was left behind"
    assert set(_services(engine, name)) == {*LITE, "airflow-init"}

    file = folder / "docker-compose.yaml"
    file.write_text(file.read_text() + "\nx-mine: kept\n")
    again = wizard.run(*wizard.up())
    assert file.read_text().endswith("x-mine: kept\n"), "an edit was overwritten"
    skipped = {e["id"] for e in again.events()[:-1] if e["state"] == "skipped"}
    assert again.events()[-1]["event"] == "proven"
    assert {"port", "pull", "init", "start"} <= skipped

    assert wizard.run("stop", name, "--yes").code == 0
    assert _running(engine, name) == []
    assert wizard.run("start", name, "--yes").code == 0
    assert set(_running(engine, name)) == LITE

    down = wizard.run("down", name)
    assert down.code == 0
    assert "airflow-scheduler-1" in down.err
    assert "container, running" in down.err
    assert _services(engine, name) == []
    volumes = ("volume", "ls", "--quiet", "--filter", f"name={name}")
    assert len(engine.names(*volumes)) == 1, "down keeps the database"
    refused = wizard.run("down", "--volumes", name, "--yes")
    assert refused.code == 2, "the database must take more than --yes"
    assert len(engine.names(*volumes)) == 1

    secrets = (folder / ".env").read_text()
    assert wizard.run("reset", name, "--yes").code == 2
    reset = wizard.run("reset", name, "--confirm", name, "--json", "--yes")
    assert reset.events()[-1]["event"] == "proven", reset.out + reset.err
    assert (folder / ".env").read_text() == secrets

    (folder / "dags" / "mine.py").write_text("# my own work\n")
    assert wizard.run("destroy", name, "--yes").code == 2
    told = wizard.run("destroy", name, "--confirm", name)
    assert told.code == 0
    assert f"{name}_postgres-db-volume" in told.err
    assert "MB" in told.err
    assert _services(engine, name) == []
    assert engine.names(*volumes) == []
    assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == ["dags/mine.py"]
    assert wizard.run("stacks", "--json").json() == []


@pytest.mark.parametrize(("version", "workers"), [("3.0.6", 1), ("2.11.2", 2)])
def test_celery_of_an_older_release_is_proven_through_its_workers(
    engine: Engine, wizard: ComposeWizard, version: str, workers: int
) -> None:
    answers = ("--set", f"airflow_version={version}", "--set", f"workers={workers}")
    words = wizard.up(*answers, profile="laptop-celery")
    _is_proven(wizard, wizard.run(*words).events())
    _the_api_answers(wizard, version)
    running = _running(engine, wizard.name)
    assert running.count("airflow-worker") == workers
    assert "redis" in running
    folder = stack_folder(wizard, wizard.name)
    told = subprocess.run([str(folder / "airflow"), "info"], capture_output=True, text=True, check=True)
    assert version in told.stdout
    assert "CeleryExecutor" in told.stdout
    # Celery writes this a moment after Airflow knows of the success, on which the proof stands.
    until(lambda: "succeeded" in _of_worker(engine, wizard), 30, "the task did not run in the worker")
    if workers == 2:
        _a_worker_that_was_stopped_is_started_again(engine, wizard, words)
    assert wizard.run("destroy", wizard.name, "--confirm", wizard.name).code == 0
    assert _services(engine, wizard.name) == []


def _of_worker(engine: Engine, wizard: ComposeWizard) -> str:
    return engine.docker("compose", "--project-name", wizard.name, "logs", "airflow-worker").out


def _a_worker_that_was_stopped_is_started_again(engine: Engine, wizard: ComposeWizard, words: tuple[str, ...]) -> None:
    containers = ("ps", "--quiet", "--filter", f"label=com.docker.compose.project={wizard.name}")
    before = sorted(engine.names(*containers))
    engine.names("stop", f"{wizard.name}-airflow-worker-2")
    assert _running(engine, wizard.name).count("airflow-worker") == 1
    assert wizard.run("status", wizard.name, "--json").json()["state"] == "degraded"
    again = wizard.run(*words).events()
    assert again[-1]["event"] == "proven", again[-5:]
    assert sorted(engine.names(*containers)) == before, "the same containers run again, none was made anew"


def _is_proven(wizard: ComposeWizard, events: list[dict[str, object]]) -> None:
    last = events[-1]
    assert last["event"] == "proven", events[-5:]
    assert last["url"] == f"http://127.0.0.1:{wizard.port}"
    done = [e["id"] for e in events[:-1] if e["state"] == "done"]
    assert [step for step in done if step in PROOF] == list(PROOF)
    ledger = last["ledger"]
    assert isinstance(ledger, dict)
    assert {"pull", "init", "start", *PROOF} <= set(ledger)


def _nothing_is_exposed(engine: Engine, wizard: ComposeWizard, folder: Path, shown: str) -> None:
    """Secrets are in 0600 files and in the containers' environment alone; one port is published, on the loopback."""
    env = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if not line.startswith("#"))
    public = ("AIRFLOW_WIZARD_STACK_ID", "AIRFLOW_UID")
    secrets = [value for key, value in env.items() if key not in public]
    assert len(secrets) >= 5
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    commands = engine.names("ps", "--no-trunc", "--format", "{{.Command}}")
    for secret in secrets:
        assert secret not in shown
        assert not any(secret in command for command in commands)
    for path in folder.rglob("*"):
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, f"{path} holds a secret"
            assert path.suffix not in (".log", ".jsonl"), f"{path} holds a secret"
    published = engine.names(
        "ps", "--filter", f"label=com.docker.compose.project={wizard.name}", "--format", "{{.Ports}}"
    )
    assert [line.split("->")[0] for line in published if "->" in line] == [f"127.0.0.1:{wizard.port}"]


def _the_api_answers(wizard: ComposeWizard, version: str) -> None:
    login = wizard.run("credentials", wizard.name, "--json").json()
    api = release(version).api
    if api == "v2":
        body = json.dumps({"username": login["user"], "password": login["password"]}).encode()
        status, answer = get(f"{login['url']}/auth/token", {"Content-Type": "application/json"}, body)
        assert status == 201
        headers = {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}
    else:
        pair = base64.b64encode(f"{login['user']}:{login['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
    status, answer = get(f"{login['url']}/api/{api}/pools", headers)
    assert status == 200
    assert json.loads(answer)["pools"][0]["name"] == "default_pool"


def _services(engine: Engine, project: str, *more: str) -> list[str]:
    label = "com.docker.compose"
    listed = ("ps", *(more or ("-a",)), "--filter", f"label={label}.project={project}")
    return engine.names(*listed, "--format", f'{{{{.Label "{label}.service"}}}}')


def _running(engine: Engine, project: str) -> list[str]:
    return _services(engine, project, "--filter", "status=running")
