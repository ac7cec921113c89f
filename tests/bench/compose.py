"""In containers: ``airflow-wizard up`` beside ``docker compose up -d`` of Airflow's own file, with the same images."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError, RefusedError
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.airflow_health import health_of
from tests.bench.figures import Pair, compared
from tests.bench.processes import PROGRAM, await_true, family, memory_mib
from tests.bench.session import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from tests.bench.figures import Row
    from tests.bench.session import Session

VERSION, OFFICIAL = "3.3.2", "3.3.0.yaml"
IMAGES = (f"apache/airflow:{VERSION}", "postgres:16", "redis:7.2-bookworm")
FILES = Path(__file__).parents[1] / "data" / "compose"
BUDGETS = {"laptop-lite": 0.5, "laptop-celery": 0.7}
BUDGET_MEMORY = 0.7
_PATIENCE = 400.0
_NOTE = "docker compose up -d of the official file"


@dataclass(frozen=True, slots=True)
class Reached:
    """Seconds from the command to four heartbeats and a login, and MiB of all containers some seconds later."""

    login: float
    memory: float


def measure(session: Session) -> list[Row]:
    missing = _missing()
    if missing:
        raise RuntimeError(f"{missing}; bash .ci/engine.sh && bash .ci/images.sh brings it")
    rows = []
    pairs: dict[str, list[tuple[Reached, Reached]]] = {profile: [] for profile in BUDGETS}
    for _ in range(session.long_pairs):
        theirs = _official(session)
        for profile in BUDGETS:
            pairs[profile].append((_ours(session, profile), theirs))
    for profile, budget in BUDGETS.items():
        kept = pairs[profile][1:] or pairs[profile]
        name = profile.removeprefix("laptop-")
        times = [Pair(a.login, b.login) for a, b in kept]
        memory = [Pair(a.memory, b.memory) for a, b in kept]
        rows.append(compared(f"compose {name}: to four heartbeats + login", times, budget, "s", _NOTE))
        limit = BUDGET_MEMORY if profile == "laptop-lite" else None
        rows.append(compared(f"compose {name}: memory (PSS)", memory, limit, "MiB", _NOTE))
    return rows


def _missing() -> str:
    try:
        with Engine() as engine:
            absent = [name for name in IMAGES if engine.image_size(name) is None]
    except EngineUnreachableError as error:
        return error.what
    return f"no image {', '.join(absent)}" if absent else ""


def _ours(session: Session, profile: str) -> Reached:
    name = f"bench-{time.time_ns() % 10**9}"
    folder = session.place / name
    argv = [PROGRAM, "up", "--profile", profile, "--name", name, "--dir", str(folder), "--yes", "--json"]
    argv += ["--set", f"port={free_port()}", "--set", f"airflow_version={VERSION}"]
    try:
        began = time.perf_counter()
        child = subprocess.Popen(argv, env=session.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        login = 0.0
        last: dict[str, object] = {}
        for line in child.stdout or ():
            last = json.loads(line)
            if last.get("id") == "login" and last.get("state") == "done":
                login = time.perf_counter() - began
        if child.wait() != 0 or not login:
            raise RuntimeError(f"the launch was not proven: {last}")
        # As the other side is measured: started, and no task run yet. The proof has run one.
        for verb in ("stop", "start"):
            subprocess.run([PROGRAM, verb, name, "--json"], env=session.env, check=True, capture_output=True)
        return Reached(login, _settled(f"airflow-{name}"))
    finally:
        _call(["docker", "compose", "--project-name", f"airflow-{name}", "down", "--volumes"], session.place)
        shutil.rmtree(folder, ignore_errors=True)


def _official(session: Session) -> Reached:
    name = f"bench-official-{time.time_ns() % 10**9}"
    folder, port = session.place / name, free_port()
    for part in ("dags", "logs", "plugins", "config"):
        (folder / part).mkdir(parents=True)
    text = (FILES / OFFICIAL).read_text(encoding="utf-8")
    # Nothing else is changed: an address of this machine only, and a port that is free.
    (folder / "docker-compose.yaml").write_text(text.replace('"8080:8080"', f'"127.0.0.1:{port}:8080"'))
    uid = os.getuid() or 50000
    (folder / ".env").write_text(
        f"AIRFLOW_UID={uid}\nAIRFLOW_IMAGE_NAME={IMAGES[0]}\nFERNET_KEY=\nCOMPOSE_PROJECT_NAME={name}\n"
    )
    api = AirflowApi(f"http://127.0.0.1:{port}", "v2", "/api/v2/monitor/health", Login("airflow", "airflow", ""))
    try:
        began = time.perf_counter()
        child = subprocess.Popen(
            ["docker", "compose", "up", "-d"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await_true(lambda: _beats(api), seconds=_PATIENCE, what="the official file, four heartbeats")
        api.log_in()
        login = time.perf_counter() - began
        child.wait()
        return Reached(login, _settled(name))
    finally:
        _call(["docker", "compose", "--project-name", name, "down", "--volumes"], session.place)
        shutil.rmtree(folder, ignore_errors=True)


def _beats(api: AirflowApi) -> bool:
    with contextlib.suppress(NoAnswerError, ForeignError, RefusedError):
        health = health_of(api.health())
        parts = (health.metadatabase, health.scheduler, health.triggerer, health.dag_processor) if health else (None,)
        return all(part is not None and part.status == "healthy" for part in parts)
    return False


def _settled(project: str) -> float:
    """MiB of all processes in the project's containers once all of them are healthy, the same for both sides."""
    with Engine() as engine:

        def healthy() -> bool:
            return all(c.health in ("healthy", "") for c in engine.project(project) if c.running)

        await_true(healthy, seconds=_PATIENCE, what=f"{project}, every container healthy")
        time.sleep(5.0)
        return memory_mib(list(_members(engine, project)))


def _members(engine: Engine, project: str) -> Iterator[psutil.Process]:
    for container in engine.project(project):
        if container.pid:
            yield from family(container.pid)


def _call(argv: list[str], cwd: Path) -> None:
    subprocess.run(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
