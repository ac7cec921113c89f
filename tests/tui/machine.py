"""A machine, its findings, a launch and a running stack, as they were recorded."""

from __future__ import annotations

from pathlib import Path

from airflow_wizard.artifacts.decision import FileState
from airflow_wizard.artifacts.preview import FilePreview
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.log_line import LogLine
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run.command_history import PastCommand
from airflow_wizard.run.step import OutputEvent, StepEvent, StepState
from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth, Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.targets.model import Fit, Verdict
from airflow_wizard.workflows.profiles import ProfileEntry
from airflow_wizard.workflows.stacks import StackRecord

GIB = 1024**3
MIB = 1024**2
NOW = 1_780_000_000.0

FACTS = HostFacts(
    {
        "os": Fact({"system": "Linux", "name": "Debian GNU/Linux 12", "architecture": "x86_64"}, "/etc/os-release"),
        "cpu": Fact({"count": 4}, "sched_getaffinity"),
        "memory": Fact({"total": 16 * GIB, "available": 9 * GIB}, "/proc/meminfo"),
        "disk": Fact({"free": 61 * GIB}, "statvfs"),
        "pythons": Fact({"found": [{"version": "3.12", "path": "/usr/bin/python3.12"}]}, "PATH"),
        "ports": Fact({"taken": {"8080": {"pid": 4121, "command": "node"}}}, "/proc/net/tcp"),
    }
)

FINDINGS = (
    Finding("os", Level.OK, "System", "Debian 12, x86_64"),
    Finding("cpu", Level.OK, "Processors", "4"),
    Finding(
        "memory", Level.WARN, "Memory", "3.6 GB", needed="4 GB, 8 GB is comfortable",
        why="Below 4 GB the scheduler is killed under load, and the page keeps restarting.",
        evidence=("MemTotal: 3774873 kB  (/proc/meminfo)",),
        fixes=(Fix("Give the virtual machine 8 GB: Settings, Resources, Memory"), Fix("Use the lite preset (2.1 GB)")),
    ),
    Finding("disk", Level.OK, "Disk", "61 GB free on /home", needed="4 GB"),
    Finding("python", Level.OK, "Python", "3.12 (/usr/bin/python3.12)"),
    Finding("uv", Level.OK, "Installer", "uv 0.9.18"),
    Finding("pypi", Level.OK, "Package index", "answers in 84 ms"),
    Finding(
        "port.taken", Level.FAIL, "Port 8080", "held by node (pid 4121)", needed="a free port",
        why="Airflow's page and API listen there. Two programs cannot share it.",
        evidence=("LISTEN 127.0.0.1:8080 pid=4121 node server.js", "checked again after 0.2 s: still held"),
        fixes=(
            Fix("Use port 8081, which is free", answers=(("port", 8081),), id="port.next"),
            Fix("End the program that holds it", risk=Risk.DISRUPTIVE, commands=(("kill", "4121"),)),
        ),
    ),
    Finding("docker.daemon", Level.OK, "Docker engine", "28.2.2, API 1.50, overlay2"),
    Finding("docker.compose", Level.OK, "Compose", "5.5.0", needed="2.14"),
    Finding("clock", Level.UNKNOWN, "Clock", "could not be compared", why="A wrong clock makes logins fail."),
)  # fmt: skip

FITS = [
    Fit(
        Target.STANDALONE, "No containers", Verdict.FITS, "Python 3.12 is here, uv installs the rest", 1.5, GIB,
        about="Airflow in a folder of its own, supervised, without Docker. Best for trying things out and for "
        "writing DAGs on a small machine.",
    ),
    Fit(
        Target.COMPOSE, "Docker Compose", Verdict.FITS, "Docker 28.2.2 with Compose 5.5.0", 1.0, int(2.1 * GIB),
        about="Seven containers on this machine, in one folder you can commit. Official topology, Postgres, "
        "optional Redis and workers.",
    ),
    Fit(Target.KIND, "kind", Verdict.NEEDS, "the kind CLI, and 6 GB for Docker", 4, 4 * GIB,
        about="A Kubernetes cluster inside Docker. Best for trying the Helm chart and KubernetesPodOperator."),
    Fit(Target.CONTEXT, "A cluster you have", Verdict.UNKNOWN, "no kube context was found", None, None,
        about="The official Helm chart on a cluster that exists: k3s, minikube, EKS, GKE, AKS."),
    Fit(Target.MICROK8S, "microk8s", Verdict.NEEDS, "snap install microk8s --classic", 5, 4 * GIB,
        about="One node, managed by snap. Git-sync, static secrets, a values file that is safe to commit."),
    Fit(Target.KUBEADM, "kubeadm", Verdict.CANNOT, "2 processors are needed, 1 is here", 12, 6 * GIB,
        about="Your own cluster from scratch, with storage and Traefik in front."),
]  # fmt: skip

PROFILES = [
    ProfileEntry("standalone-quickstart", Target.STANDALONE, "shipped", Path("profiles/standalone-quickstart.yaml"),
                 "Airflow in a folder, no containers"),
    ProfileEntry("laptop-lite", Target.COMPOSE, "shipped", Path("profiles/laptop-lite.yaml"),
                 "Docker Compose, LocalExecutor, 2.1 GB"),
    ProfileEntry("laptop-celery", Target.COMPOSE, "shipped", Path("profiles/laptop-celery.yaml"),
                 "Docker Compose with Redis and workers"),
    ProfileEntry("my-team", Target.STANDALONE, "saved", Path("profiles/my-team.yaml"),
                 "standalone, Airflow 3.3.2, port 8090"),
]  # fmt: skip


def record(name: str = "demo", folder: str = "/home/ana/airflow-demo") -> StackRecord:
    """The stack that runs."""
    return StackRecord(
        name=name, target=Target.STANDALONE, folder=folder, url="http://localhost:8081", airflow_version="3.3.2",
        created="2026-05-28T18:00:00Z",
    )  # fmt: skip


def units(*, broken: bool = False) -> tuple[Unit, ...]:
    """Components of the stack."""
    up, fine = UnitState.RUNNING, Health.HEALTHY
    scheduler = Unit("scheduler", "scheduler", up, fine, 0, NOW - 130, 2.1, 4010, 5, 0.031, 301 * MIB)
    if broken:
        scheduler = Unit(
            "scheduler", "scheduler", UnitState.EXITED, Health.UNHEALTHY, 3, NOW - 9, None, None, 0, None, None, 137,
            "killed by the kernel: out of memory",
        )  # fmt: skip
    return (
        Unit("supervisor", "supervisor", up, fine, 0, NOW - 140, None, 4001, 1, 0.001, 14 * MIB),
        Unit("api-server", "api", up, fine, 0, NOW - 132, None, 4008, 2, 0.012, 288 * MIB),
        scheduler,
        Unit("dag-processor", "dag-processor", up, fine, 0, NOW - 130, 0.8, 4011, 2, 0.018, 176 * MIB),
        Unit("triggerer", "triggerer", up, fine, 1, NOW - 61, 3.0, 4012, 2, 0.006, 190 * MIB),
    )


def snapshot(name: str = "demo", *, state: StackState = StackState.RUNNING, broken: bool = False) -> Snapshot:
    """The stack at one moment."""
    healthy = ComponentHealth("healthy", 2.1)
    return Snapshot(
        name, "standalone", state, units(broken=broken) if state is not StackState.STOPPED else (),
        AirflowHealth(ComponentHealth("healthy"), healthy, healthy, ComponentHealth("healthy", 0.8)),
        "http://localhost:8081", NOW,
    )  # fmt: skip


LOGS = [
    LogLine(NOW - 8, "scheduler", "[INFO] Starting the scheduler"),
    LogLine(NOW - 7, "dag-processor", "[INFO] Found 1 file in bundle dags-folder"),
    LogLine(NOW - 6, "api-server", '[INFO] "GET /api/v2/monitor/health HTTP/1.1" 200 OK'),
    LogLine(NOW - 5, "triggerer", "[WARNING] event loop was blocked for 0.23 s"),
    LogLine(NOW - 3, "scheduler", "[INFO] 1 tasks up for execution: smoke.hello [scheduled]"),
    LogLine(NOW - 2, "scheduler", "[ERROR] Executor LocalExecutor reported that the task finished (failed)"),
    LogLine(NOW - 1, "scheduler", "[INFO] Adopting or resetting orphaned tasks for active dag runs"),
]

STEPS = (
    ("files", "Write the files", None, 0.1, ""),
    ("venv", "Make the Python environment", ("uv", "venv", ".venv"), 0.6, "Python 3.12"),
    ("install", "Install Airflow 3.3.2", ("uv", "pip", "install", "apache-airflow==3.3.2"), 21.4, "142 packages"),
    ("database", "Migrate the database", ("airflow", "db", "migrate"), 4.0, "190 migrations applied"),
    ("supervisor", "Start the supervisor", ("python", "-m", "supervisor"), 0.3, "pid 4001"),
    ("identity", "See that it is this stack", None, 4.2, ""),
    ("heartbeats", "Wait for every heartbeat", None, 3.1, "4 of 4 fresh"),
    ("login", "Try the login", None, 0.2, "a token was given"),
    ("smoke", "Run a smoke DAG and read its log", None, 5.3, "task succeeded"),
)
PARTS = (
    ("scheduler", "done", "heartbeat 1 s ago"),
    ("dag-processor", "done", "heartbeat 0 s ago"),
    ("triggerer", "done", "heartbeat 2 s ago"),
    ("api-server", "working", "starting, usual 6 s, 5 s"),
)


def launch_events(until: str = "") -> list[StepEvent | OutputEvent]:
    """A launch from the first step; with ``until`` it stands still in the middle of that step."""
    events: list[StepEvent | OutputEvent] = []
    for name, title, _, seconds, detail in STEPS:
        events.append(StepEvent(name, title, StepState.STARTED, 0.0))
        if name == "install":
            events += [OutputEvent("uv", f" + package-{n}==1.{n}") for n in range(30)]
        if name == "heartbeats":
            events += [OutputEvent(line.unit, line.text) for line in LOGS]
            events.append(StepEvent(name, title, StepState.PROGRESS, 2.5, "3 of 4", 0.75, PARTS))
        if name == until:
            return events
        parts = tuple((n, "done", "heartbeat 1 s ago") for n, _, _ in PARTS) if name == "heartbeats" else ()
        events.append(StepEvent(name, title, StepState.DONE, seconds, detail, None, parts))
    return events


RAN = (
    PastCommand(NOW - 60, "uv venv .venv", "/home/ana/airflow-demo", 0, "0.6 s"),
    PastCommand(NOW - 50, "uv pip install apache-airflow==3.3.2", "/home/ana/airflow-demo", 1, "21 s", ("no space",)),
    PastCommand(NOW - 9, "./stack start", "/home/ana/airflow-demo"),
)

FAILURE = Finding(
    "component.exited", Level.FAIL, "The scheduler died", "exit code 1 after 3 starts",
    why="Without it no task is ever run.",
    evidence=("ModuleNotFoundError: No module named 'acme_plugin'", "  File dags/plugins/acme.py, line 3"),
    fixes=(Fix("Remove the plug-in, or add the package it needs",
               commands=(("airflow-wizard", "up", "--profile", "demo"),)),),
)  # fmt: skip


CFG = (
    "[core]\nexecutor = LocalExecutor\nload_examples = False\nparallelism = 8\n\n[api]\nhost = 127.0.0.1\nport = 8081\n"
)
PREVIEWS = [
    FilePreview("airflow.cfg", FileState.NEW, CFG, "", 412, secret=False, purpose="Airflow's configuration"),
    FilePreview("secrets.env", FileState.NEW, "FERNET_KEY=••••••••\nADMIN_PASSWORD=••••••••\n", "", 188, secret=True,
            purpose="keys and the admin password, only for you"),
    FilePreview("airflow", FileState.SAME, '#!/bin/sh\nexec .venv/bin/airflow "$@"\n', "", 96, secret=False,
            purpose="Airflow's own command line"),
    FilePreview("README.md", FileState.EDITED, "# Airflow demo\n",
            "--- on disk\n+++ planned\n@@ -1 +1 @@\n-# My notes\n+# Airflow demo\n",
            1433, secret=False, purpose="how to use it without the wizard"),
]  # fmt: skip
