"""A stack with the real supervisor, and tiny programs in place of Airflow's components."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import airflow_wizard
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD
from airflow_wizard.engines import supervised
from airflow_wizard.run.actions import Endpoint
from tests.engines.fake_airflow import HEALTH, FakeAirflow

SOURCE = Path(airflow_wizard.__file__).parent / "artifacts" / "files" / "supervisor"
SLEEP = "import time; print('up', flush=True); time.sleep(600)"


def make_stack(folder: Path, fingerprint: str = "one", **programs: str) -> str:
    """Its files; Python code by name of component. Returns its id."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "supervisor").exists():
        shutil.copytree(SOURCE, folder / "supervisor", ignore=shutil.ignore_patterns("__pycache__"))
    stack_id = f"test-{os.urandom(6).hex()}"
    if (folder / "supervisor.json").exists():
        stack_id = json.loads((folder / "supervisor.json").read_text())["stack_id"]
    config = {
        "stack_id": stack_id,
        "fingerprint": fingerprint,
        "components": [{"name": n, "argv": [sys.executable, "-c", code]} for n, code in programs.items()],
    }
    (folder / "supervisor.json").write_text(json.dumps(config))
    (folder / "stack").write_text(f'#!/bin/sh\ncd -- "$(dirname -- "$0")"\nexec {sys.executable} -m supervisor "$@"\n')
    (folder / "stack").chmod(0o755)
    fake = FakeAirflow()
    (folder / ".env").write_text(f"{PASSWORD}={fake.password}\n{IDENTITY}={fake.identity}\n")
    return stack_id


def endpoint(folder: Path, url: str, api: str = "v2") -> Endpoint:
    """Where the fake Airflow of this stack answers."""
    beats = ("metadatabase", "scheduler", "triggerer")
    components = (*beats, "dag_processor") if api == "v2" else beats
    return Endpoint(url, api, HEALTH[api], components, str(folder / ".env"))


def pids(folder: Path) -> set[int]:
    """Everything of the stack that is alive."""
    return {p.pid for p in supervised.processes_of(str(folder))}
