"""``airflow standalone``, as a person would type it, proved by the same client that proves ours."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.smoke_dag import smoke_dag, smoke_marker
from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError, RefusedError
from airflow_wizard.status.airflow_health import health_of
from tests.bench.processes import UV, await_true, family, memory_mib, started
from tests.bench.session import free_port

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

    from tests.bench.session import Session

DAG = "bench_smoke"
_TASK = "say"
_PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Proved:
    """Seconds from nothing to each stage, and what runs then."""

    login: float
    log: float
    processes: int
    memory: float


def install(session: Session, home: Path, version: str, python: str) -> dict[str, str]:
    """The two commands of the manual; returns the environment Airflow is started with."""
    activated = f"{home / 'venv' / 'bin'}{os.pathsep}{session.env['PATH']}"
    env = session.env | {"AIRFLOW_HOME": str(home), "VIRTUAL_ENV": str(home / "venv"), "PATH": activated}
    for argv in (
        [UV, "venv", "--no-project", "--python", python, str(home / "venv")],
        [UV, "pip", "install", f"apache-airflow=={version}"],
    ):
        subprocess.run(argv, env=env, cwd=home, check=True, capture_output=True)
    return env


def run(session: Session, version: str, python: str) -> Proved:
    """From an empty folder to a task log read back, then everything is ended."""
    home = session.place / f"by-hand-{time.time_ns()}"
    dags = home / "dags"
    dags.mkdir(parents=True)
    (dags / f"{DAG}.py").write_text(smoke_dag(DAG, airflow3=True), encoding="utf-8")
    port = free_port()
    began = time.perf_counter()
    env = install(session, home, version, python)
    # Its own default is every address of the machine; a measurement must not open a door.
    env |= {"AIRFLOW__API__HOST": "127.0.0.1", "AIRFLOW__API__PORT": str(port)}
    env |= {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/"}
    argv = [str(home / "venv" / "bin" / "airflow"), "standalone"]
    log = home / "standalone.log"
    with started(argv, env=env, cwd=home, log=log) as child:
        try:
            return _prove(child, home, f"http://127.0.0.1:{port}", began)
        except RuntimeError as error:
            raise RuntimeError(f"{error}; its last words: {log.read_text(errors='replace')[-2000:]}") from error


def _prove(child: psutil.Popen, home: Path, url: str, began: float) -> Proved:
    def wait(ready: object, what: str) -> None:
        await_true(
            lambda: _quietly(ready),
            seconds=_PATIENCE,
            alive=lambda: child.poll() is None,
            what=f"by hand, {what}",
        )

    def beats() -> bool:
        health = health_of(AirflowApi(url, "v2", "/api/v2/monitor/health", Login("", "", "")).health())
        parts = (health.metadatabase, health.scheduler, health.triggerer, health.dag_processor) if health else (None,)
        return all(part is not None and part.status == "healthy" for part in parts)

    wait(beats, "four heartbeats")
    (user, password), *_ = json.loads(
        (home / "simple_auth_manager_passwords.json.generated").read_text(encoding="utf-8")
    ).items()
    api = AirflowApi(url, "v2", "/api/v2/monitor/health", Login(user, password, ""))
    api.log_in()
    login = time.perf_counter() - began
    wait(lambda: bool(api.dag_file(DAG)), "the DAG parsed")
    api.trigger(DAG, "bench")
    wait(lambda: api.run_state(DAG, "bench").state == "success", "the run succeeded")
    wait(lambda: smoke_marker(DAG) in api.task_log(DAG, "bench", _TASK, 1), "the log read back")
    log = time.perf_counter() - began
    processes, memory = settled(child.pid)
    return Proved(login, log, processes, memory)


def _quietly(ready: object) -> bool:
    with contextlib.suppress(NoAnswerError, ForeignError, RefusedError):
        return bool(callable(ready) and ready())
    return False


def settled(pid: int) -> tuple[int, float]:
    """Processes of a family and MiB they take, some seconds after its last task; the same moment for both sides."""
    time.sleep(5.0)
    members = family(pid)
    return len(members), memory_mib(members)
