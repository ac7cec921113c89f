"""A Compose project as the engine would tell it, for tests without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from airflow_wizard.engines.container_facts import Container
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.status.compose_assemble import SeenProject
from airflow_wizard.status.place import Place
from airflow_wizard.status.rules import Answer, Heard, UsageNow

NOW = 1_800_000_000.0
BEATS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
ORDER = (
    "postgres",
    "redis",
    "airflow-init",
    "airflow-apiserver",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-worker",
    "airflow-triggerer",
    "airflow-cli",
    "flower",
)
EXPECTED = tuple(s for s in ORDER if s not in ("airflow-init", "airflow-cli", "flower"))
PLACE = Place(
    stack="demo",
    target="compose",
    folder="/stacks/demo",
    url="http://127.0.0.1:8080",
    api="v2",
    health_path="/api/v2/monitor/health",
    expected=EXPECTED,
    beats=BEATS,
    project="airflow-demo",
    order=ORDER,
    once="airflow-init",
)


def container(service: str, *, age: float = 300.0, number: int = 1, **more: object) -> Container:
    """A container that is fine, but for what is said; ``age`` is that of its state."""
    running = more.get("state", "running") in ("running", "paused", "restarting")
    values: dict[str, object] = {
        "id": f"{service}{number}".ljust(64, "0"),
        "name": f"airflow-demo-{service}-{number}",
        "service": service,
        "number": number,
        "project": "airflow-demo",
        "folder": "/stacks/demo",
        "config_hash": "x",
        "one_off": False,
        "image": "apache/airflow:3.3.2",
        "state": "running",
        "health": "healthy" if running else "",
        "health_said": "",
        "exit_code": None if running else 0,
        "restarts": 0,
        "oom": False,
        "error": "",
        "pid": 100 + number if running else 0,
        "started": NOW - age if running else NOW - age - 60,
        "finished": None if running else NOW - age,
        "ports": (),
    }
    return Container(**(values | more))  # type: ignore[arg-type]


INIT = container("airflow-init", state="exited")


def heard(answer: Answer = Answer.OURS, words: str = "", **ages: float | None) -> Heard:
    """Airflow's word: seconds since each heartbeat, 2 for those not named."""
    body: dict[str, object] = {"metadatabase": {"status": "healthy"}}
    for name in BEATS[1:]:
        age = ages.get(name, 2.0)
        stamp = None if age is None else datetime.fromtimestamp(NOW - age, UTC).isoformat()
        status = None if age is None else "healthy" if age < 30 else "unhealthy"
        body[name] = {"status": status, f"latest_{name}_heartbeat": stamp}
    return Heard(answer, words, health_of(body, now=NOW) if answer is Answer.OURS else None, BEATS)


def project(*changed: Container, without: tuple[str, ...] = (), **more: object) -> SeenProject:
    """A project where everything is fine, but for what is said."""
    services = {c.service for c in changed}
    there = [container(s) for s in EXPECTED if s not in services and s not in without]
    there += [] if {"airflow-init"} & {*services, *without} else [INIT]
    found = (*there, *changed)
    seen = SeenProject(
        place=PLACE,
        now=NOW,
        containers=found,
        heard=heard(),
        usage={c.id: UsageNow(5, 0.031, 160 << 20, c.started) for c in found if c.running},
        here=frozenset(c.id for c in found if c.running),
    )
    return replace(seen, **more)  # type: ignore[arg-type]
