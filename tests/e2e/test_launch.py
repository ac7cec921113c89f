"""The whole life of a stack without containers, with real Airflow: launch to proven, use, stop, start, destroy."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.catalog.load import release, releases
from tests.e2e.wizard import get, listeners, processes_in, stack_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.wizard import Wizard

pytestmark = pytest.mark.e2e

PROOF = ("identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log", "smoke-remove")


def newest(minor: str) -> str:
    """The newest known patch of a minor version."""
    return next(str(r.version) for r in releases() if r.minor == minor)


# 3.0 as well: the only line whose tokens need an issuer of ours, and the first with an API server.
@pytest.mark.parametrize("minor", ["3.3", "3.0", "2.11"])
def test_from_nothing_to_proven_and_gone(wizard: Wizard, minor: str) -> None:
    version = newest(minor)
    launched = wizard.run(*wizard.up("--set", f"airflow_version={version}", "--name", "demo"))
    events = launched.events()
    last = events[-1]
    assert (launched.code, last["event"]) == (0, "proven"), launched.out + launched.err
    assert last["url"] == f"http://127.0.0.1:{wizard.port}"
    done = [e["id"] for e in events[:-1] if e["state"] == "done"]
    assert [step for step in done if step in PROOF] == list(PROOF)
    assert set(last["ledger"]) >= set(PROOF)
    folder = stack_folder(wizard, "demo")
    _nothing_is_exposed(wizard, folder, launched.out + launched.err)
    _the_login_works(wizard, version)
    _status_tells_the_truth(wizard, version)
    assert not list((folder / "dags").iterdir()), "the smoke DAG was left behind"
    logs = wizard.run("logs", "demo", "--unit", "scheduler", "--json").events()
    assert logs
    assert {line["unit"] for line in logs} == {"scheduler"}
    doctor = wizard.run("doctor", "demo", "--json")
    assert [f for f in doctor.json()["findings"] if f["level"] == "fail"] == []

    again = wizard.run(*wizard.up("--set", f"airflow_version={version}", "--name", "demo"))
    assert again.code == 0
    skipped = {e["id"] for e in again.events()[:-1] if e["state"] == "skipped"}
    assert {"venv", "install", "migrate", "start"} <= skipped

    assert wizard.run("stop", "demo", "--yes").code == 0
    assert processes_in(folder) == []
    assert wizard.run("status", "demo", "--json").json()["state"] == "stopped"
    assert wizard.run("start", "demo", "--yes").code == 0
    assert wizard.run("status", "demo", "--json").json()["state"] == "running"

    (folder / "dags" / "mine.py").write_text("# my own work\n")
    refused = wizard.run("destroy", "demo", "--yes")
    assert refused.code == 2, "destroying must take more than --yes"
    assert wizard.run("destroy", "demo", "--confirm", "demo").code == 0
    assert processes_in(folder) == []
    assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == ["dags/mine.py"]
    assert wizard.run("stacks", "--json").json() == []


def _nothing_is_exposed(wizard: Wizard, folder: Path, shown: str) -> None:
    """Secrets are in 0600 files and nowhere else; only the loopback is listened on."""
    processes = processes_in(folder)
    assert processes
    assert set(listeners(processes)) == {("127.0.0.1", wizard.port)}
    env = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines() if not line.startswith("#"))
    secrets = [value for key, value in env.items() if key != "AIRFLOW_WIZARD_STACK_ID"]
    assert len(secrets) >= 4
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    for secret in secrets:
        assert secret not in shown
        assert not any(secret in " ".join(p.cmdline()) for p in processes)
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink() or "venv" in path.relative_to(folder).parts[:1]:
            continue
        text = path.read_bytes()
        if any(secret.encode() in text for secret in secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, f"{path} holds a secret"
            assert path.suffix not in (".log", ".jsonl"), f"{path} holds a secret"


def _the_login_works(wizard: Wizard, version: str) -> None:
    login = wizard.run("credentials", "demo", "--json").json()
    if release(version).api == "v2":
        body = json.dumps({"username": login["user"], "password": login["password"]}).encode()
        status, answer = get(f"{login['url']}/auth/token", {"Content-Type": "application/json"}, body)
        assert status == 201
        headers = {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}
        wrong = json.dumps({"username": login["user"], "password": "wrong"}).encode()
        assert get(f"{login['url']}/auth/token", {"Content-Type": "application/json"}, wrong)[0] == 401
    else:
        pair = base64.b64encode(f"{login['user']}:{login['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        assert get(f"{login['url']}/api/v1/pools")[0] in (401, 403)
    status, answer = get(f"{login['url']}/api/{release(version).api}/pools", headers)
    assert status == 200
    assert json.loads(answer)["pools"][0]["name"] == "default_pool"
    folder = stack_folder(wizard, "demo")
    by_hand = [str(folder / "stack"), "rest", f"/api/{release(version).api}/pools"]
    assert b"default_pool" in subprocess.run(by_hand, capture_output=True, check=True).stdout
    told = subprocess.run([str(folder / "airflow"), "version"], capture_output=True, check=True)
    assert version in told.stdout.decode()


def _status_tells_the_truth(wizard: Wizard, version: str) -> None:
    snapshot = wizard.run("status", "demo", "--json").json()
    assert snapshot["state"] == "running"
    web = "api-server" if release(version).api == "v2" else "webserver"
    units = {u["id"]: u for u in snapshot["units"]}
    assert {web, "scheduler", "triggerer"} <= set(units)
    for name in (web, "scheduler", "triggerer"):
        assert units[name]["state"] == "running"
        assert units[name]["restarts"] == 0
        assert units[name]["memory"] > 10_000_000
    assert snapshot["airflow"]["metadatabase"]["status"] == "healthy"
    assert snapshot["airflow"]["scheduler"]["heartbeat_age"] < 30
