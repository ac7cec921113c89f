"""A launch and a running stack in containers, as they were recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.log_line import LogLine
from airflow_wizard.options.model import Target
from airflow_wizard.run.step import OutputEvent, StepEvent, StepState
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from tests.tui import machine
from tests.tui.machine import MIB, NOW

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord

STEPS = (
    ("files", "Write the files", None, 0.1, "13 written"),
    ("register", "Remember the stack", None, 0.0, ""),
    ("port", "Look at the port", None, 0.1, "free"),
    ("leftovers", "Look for what is in the way", None, 0.0, "nothing is in the way"),
    ("pull", "Bring the images", ("docker", "compose", "pull"), 48.2, "512 MB in 2 images"),
    ("volume", "Look at the database's volume", None, 0.1, "none yet"),
    ("smoke-file", "Put the smoke DAG in place", None, 0.0, ""),
    ("init", "Create database and login", ("docker", "compose", "up", "--detach", "airflow-init"), 14.0, ""),
    ("start", "Start Airflow", ("docker", "compose", "up", "--detach", "--no-deps"), 2.1, "5 services"),
    ("identity", "Web page answers, and is ours", None, 9.4, "the token was seen"),
    ("heartbeats", "Heartbeats", None, 0.5, ""),
    ("login", "Login", None, 0.3, "accepted (token)"),
    ("dags-folder", "DAGs folder", None, 0.4, ""),
    ("smoke-run", "Run the smoke DAG", None, 3.1, "success"),
    ("smoke-log", "Read its log back", None, 0.2, "its line was read back"),
    ("smoke-remove", "Remove the smoke DAG", None, 0.1, "removed"),
)
USUAL = {"init": 15.0, "start": 2.0, "identity": 15.0, "heartbeats": 6.0, "dags-folder": 5.0, "smoke-run": 8.0}
PULLING = (
    ("apache/airflow:3.3.2", "waiting", "214 MB of 402 MB, downloading"),
    ("postgres:16", "ok", "pulled"),
    ("registry.example.com/team/redis:7.2-bookworm", "waiting", "asking the registry"),
)
BEGINNING = (("postgres", "ok", "healthy"), ("airflow-init", "waiting", "running, 5 s"))
STARTING = (
    ("postgres", "ok", "healthy"),
    ("redis", "ok", "healthy"),
    ("airflow-apiserver", "waiting", "starting, 7 s"),
    ("airflow-scheduler", "ok", "healthy"),
    ("airflow-dag-processor", "ok", "healthy"),
    ("airflow-worker", "failed", "unhealthy: its check fails"),
    ("airflow-triggerer", "waiting", "starting, 7 s"),
)
IN_THE_MIDDLE = {
    "pull": StepEvent("pull", "Bring the images", StepState.PROGRESS, 21.0, "324 MB of 512 MB, 11 MB/s", 0.63, PULLING),
    "init": StepEvent(
        "init", "Create database and login", StepState.PROGRESS, 6.2, "waiting for airflow-init", None, BEGINNING
    ),
    "identity": StepEvent(
        "identity", "Web page answers, and is ours", StepState.PROGRESS, 7.3,
        "no answer yet from http://127.0.0.1:8081", None, STARTING,
    ),
}  # fmt: skip
WRITTEN = {
    "init": ("airflow-init", "2026-11-21T13:34:17.110803Z [info     ] Creating tables [airflow.utils.db]"),
    "identity": ("airflow-apiserver", "2026-11-21T13:34:31.110803Z [info     ] Starting server"),
}


def launch_events(until: str = "") -> list[StepEvent | OutputEvent]:
    """A launch from the first step; with ``until`` it stands still in the middle of that step."""
    events: list[StepEvent | OutputEvent] = []
    for name, title, _, seconds, detail in STEPS:
        events.append(StepEvent(name, title, StepState.STARTED, 0.0))
        if name in WRITTEN:
            events.append(OutputEvent(*WRITTEN[name]))
        if name in IN_THE_MIDDLE:
            events.append(IN_THE_MIDDLE[name])
        if name == until:
            return events
        events.append(StepEvent(name, title, StepState.DONE, seconds, detail))
    return events


def record() -> StackRecord:
    """The stack that runs."""
    return replace(machine.record(), target=Target.COMPOSE, url="http://127.0.0.1:8081")


def snapshot() -> Snapshot:
    """The stack at one moment: the worker was killed for its memory."""
    up, fine = UnitState.RUNNING, Health.HEALTHY
    units: tuple[Unit, ...] = (
        Unit("postgres", "database", up, fine, 0, NOW - 240, None, 3001, 9, 0.021, 61 * MIB),
        Unit("redis", "broker", up, fine, 0, NOW - 240, None, 3002, 1, 0.004, 9 * MIB),
        Unit("airflow-init", "init", UnitState.DONE, Health.NONE, 0, NOW - 221, exit_code=0),
        Unit("airflow-apiserver", "api", up, fine, 0, NOW - 218, None, 3004, 2, 0.012, 288 * MIB),
        Unit("airflow-scheduler", "scheduler", up, fine, 0, NOW - 218, 2.1, 3005, 5, 0.031, 301 * MIB),
        Unit("airflow-dag-processor", "dag-processor", up, fine, 0, NOW - 218, 0.8, 3006, 2, 0.018, 176 * MIB),
        Unit(
            "airflow-worker", "worker", UnitState.EXITED, Health.UNHEALTHY, 3, NOW - 9, None, None, 0, None, None, 137,
            "killed by the kernel: out of memory",
        ),
        Unit("airflow-triggerer", "triggerer", up, fine, 0, NOW - 218, 3.0, 3008, 2, 0.006, 190 * MIB),
    )  # fmt: skip
    limits = {"postgres": 256 * MIB, "airflow-apiserver": 320 * MIB, "airflow-worker": 512 * MIB}
    units = tuple(
        replace(
            unit,
            image="postgres:16" if unit.id == "postgres" else "apache/airflow:3.3.2",
            container=f"airflow-demo-{unit.id}-1",
            memory_limit=limits.get(unit.id),
            ports=(("127.0.0.1", 8081),) if unit.role == "api" else (),
        )
        for unit in units
    )
    events = (
        (NOW - 190, "airflow-worker", "started"),
        (NOW - 97, "airflow-worker", "ran out of memory"),
        (NOW - 96, "airflow-worker", "died, exit 137"),
        (NOW - 95, "airflow-worker", "started"),
        (NOW - 9, "airflow-worker", "ran out of memory"),
        (NOW - 9, "airflow-worker", "died, exit 137"),
    )
    url = "http://127.0.0.1:8081"
    picture = machine.snapshot(state=StackState.DEGRADED)
    return replace(picture, target="compose", units=units, url=url, events=events)


FINDINGS = (
    Finding(
        "component.killed.airflow-worker", Level.FAIL, "Airflow-worker", "its memory ran out and the kernel killed it",
        why="No task runs.", evidence=("State.OOMKilled=true",),
        fixes=(Fix("See what takes the engine's memory", commands=(("docker", "stats", "--no-stream"),)),),
    ),
)  # fmt: skip

LOGS = [
    LogLine(NOW - 8, "airflow-scheduler", "[info     ] Starting the scheduler"),
    LogLine(NOW - 7, "airflow-dag-processor", "[info     ] Found 1 file in bundle dags-folder"),
    LogLine(NOW - 6, "postgres", "LOG:  database system is ready to accept connections"),
    LogLine(NOW - 5, "airflow-triggerer", "[warning  ] event loop was blocked for 0.23 s"),
    LogLine(NOW - 3, "airflow-worker", "[info     ] Task demo.extract[5e1f] received"),
    LogLine(NOW - 2, "airflow-worker", "[error    ] ERROR Process 'ForkPoolWorker-2' exited with 'signal 9 (SIGKILL)'"),
    LogLine(NOW - 1, "airflow-scheduler", "[info     ] Adopting or resetting orphaned tasks for active dag runs"),
]
