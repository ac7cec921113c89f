"""The services of a Compose stack, as values; the official file's names, so that its documentation fits."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import compose_health as checks
from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.compose_health import SCRIPTS, health
from airflow_wizard.artifacts.compose_settings import (
    DAG_PROCESSOR_2,
    DATABASE_PASSWORD,
    has_fab,
    is_airflow3,
    is_celery,
    is_external,
    needed,
)
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD, STACK_ID
from airflow_wizard.artifacts.yaml_text import Alias, Flow, Node, Why, escaped

if TYPE_CHECKING:
    from airflow_wizard.artifacts.compose_health import Check
    from airflow_wizard.artifacts.model import StackRequest

COMMON, COMMON_ENV, LOGGING, LIMITS = "airflow-common", "airflow-common-env", "logging", "limits"
INIT, CLI, FLOWER, WORKER = "airflow-init", "airflow-cli", "flower", "airflow-worker"
VOLUME, QUEUE = "postgres-db-volume", "redis-db-volume"
OWNER_LABEL = "airflow-wizard.stack"
REDIS_IMAGE = "redis:7.2-bookworm"
INSIDE = "/opt/airflow"
NOFILE_TRAP = 2**24  # see checks.engine: above it daemons walk through every file number


def web_name(request: StackRequest) -> str:
    """The service that answers people."""
    return "airflow-apiserver" if is_airflow3(request) else "airflow-webserver"


def components(request: StackRequest) -> dict[str, tuple[str, Check]]:
    """Command and health check of Airflow's long-running services, by name, in the order of the official file."""
    # On one machine task logs are read from the shared folder; servers for them would cost memory and a port.
    quiet = "" if is_celery(request) else " --skip-serve-logs"
    web = checks.page(f"http://127.0.0.1:8080{request.release.health_path}")
    beats = checks.page(checks.SCHEDULER_URL) if is_airflow3(request) else checks.heartbeat("SchedulerJob")
    found = {
        web_name(request): ("api-server" if is_airflow3(request) else "webserver", web),
        "airflow-scheduler": (f"scheduler{quiet}", beats),
        "airflow-dag-processor": (_dag_processor(request), checks.heartbeat("DagProcessorJob")),
    }
    if is_celery(request):
        found[WORKER] = ("celery worker", checks.worker())
    found["airflow-triggerer"] = (f"triggerer{quiet}", checks.heartbeat("TriggererJob"))
    return found


def _dag_processor(request: StackRequest) -> str:
    return "dag-processor" if is_airflow3(request) else f"bash -c {shlex.quote(DAG_PROCESSOR_2)}"


def services(request: StackRequest) -> dict[str, Node]:
    """Every service, in start order but for the ones that wait for a profile."""
    found: dict[str, Node] = {}
    if not is_external(request):
        found["postgres"] = _postgres(request)
    if is_celery(request):
        found["redis"] = _redis(request)
    found[INIT] = _init(request)
    for name, (command, check) in components(request).items():
        found[name] = _component(request, name, command, check)
    found[CLI] = _cli(request)
    if is_celery(request):
        found[FLOWER] = _flower(request)
    return found


def replicas(request: StackRequest) -> dict[str, int]:
    """How many containers a service has, where it is not one."""
    workers = request.answers.integer("workers") if is_celery(request) else 1
    return {WORKER: workers} if workers > 1 else {}


def images(request: StackRequest) -> tuple[str, ...]:
    """Images that have to come from a registry: the chosen one also where the stack's own is built on it."""
    stores = () if is_external(request) else (f"postgres:{postgres_major(request)}",)
    broker = (REDIS_IMAGE,) if is_celery(request) else ()
    return (request.answers.text("image"), *stores, *broker)


def published(request: StackRequest, host_port: int, port: int) -> Node:
    """A port on the address that was chosen, and on no other."""
    bind = request.answers.text("bind")
    return [f"{f'[{bind}]' if ':' in bind else bind}:{host_port}:{port}"]


def has_nofile_trap(request: StackRequest) -> bool:
    """Whether containers are known to inherit a limit of open files that daemons choke on."""
    limit = request.facts.number("nofile", "limit")
    return limit is not None and not 0 <= limit < NOFILE_TRAP


def mount(request: StackRequest, source: str, target: str, mode: str = "") -> str:
    """A bind mount; relabelled where SELinux would refuse it otherwise."""
    label = "z" if request.facts.text("selinux", "mode") == "enforcing" else ""
    options = ",".join(word for word in (mode, label) if word)
    return escaped(f"{source}:{target}") + (f":{options}" if options else "")


def dags_source(request: StackRequest) -> str:
    """The DAGs folder as Compose wants it: absolute, or beginning with a dot."""
    path = PurePosixPath(request.answers.text("dags") or "dags")
    return str(path) if path.is_absolute() else f"./{path}"


def _postgres(request: StackRequest) -> Node:
    body: dict[str, Node] = {
        "image": Why(f"postgres:{postgres_major(request)}", "another major version cannot read the same volume"),
        "environment": {
            "POSTGRES_USER": "airflow",
            DATABASE_PASSWORD: needed(DATABASE_PASSWORD),
            "POSTGRES_DB": "airflow",
        },
        "volumes": [f"{VOLUME}:/var/lib/postgresql/data"],
    }
    if request.answers.flag("publish_database"):
        body["ports"] = published(request, request.answers.integer("database_port"), 5432)
    return {**body, "healthcheck": health(checks.POSTGRES, request.facts), **_kept_running(request)}


def postgres_major(request: StackRequest) -> int:
    """The official file's: 13, and 16 from Airflow 3.1 on."""
    version = request.release.version
    return 16 if (version.major, version.minor) >= (3, 1) else 13


def _redis(request: StackRequest) -> Node:
    return {
        "image": Why(REDIS_IMAGE, "the last one under a free licence"),
        "expose": [6379],
        "volumes": Why([f"{QUEUE}:/data"], "without a name each new container would leave a volume behind"),
        "healthcheck": health(checks.REDIS, request.facts),
        **_kept_running(request),
    }


def _kept_running(request: StackRequest) -> dict[str, Node]:
    limits: dict[str, Node] = {"ulimits": Alias(LIMITS)} if has_nofile_trap(request) else {}
    return {"restart": "unless-stopped", "logging": Alias(LOGGING), **limits}


def _stores(request: StackRequest) -> dict[str, Node]:
    healthy: Node = {"condition": "service_healthy"}
    names = (["redis"] if is_celery(request) else []) + ([] if is_external(request) else ["postgres"])
    return dict.fromkeys(names, healthy)


def _waits(found: dict[str, Node]) -> dict[str, Node]:
    return {"depends_on": found} if found else {}


def _ready(request: StackRequest) -> dict[str, Node]:
    return _waits({**_stores(request), INIT: {"condition": "service_completed_successfully"}})


def _init(request: StackRequest) -> Node:
    environment: dict[str, Node] = {"<<": Alias(COMMON_ENV), "AIRFLOW_UID": "${AIRFLOW_UID:-50000}"}
    if has_fab(request):
        environment["_AIRFLOW_WWW_USER_USERNAME"] = ADMIN
        environment["_AIRFLOW_WWW_USER_PASSWORD"] = needed(PASSWORD)
    folders = ["logs", "config", "plugins"]
    # A folder outside the stack is the person's own: read, never changed.
    folders += [] if PurePosixPath(request.answers.text("dags")).is_absolute() else ["dags"]
    return {
        "<<": Alias(COMMON),
        "command": Why(
            Flow(("python", f"{SCRIPTS}/init.py", *folders)),
            "folders, database and login in one process; fails when one of them fails",
        ),
        "environment": environment,
        "user": Why("0:0", "only to hand folders over; the rest runs as AIRFLOW_UID"),
        "restart": "no",
        **_waits(_stores(request)),
    }


def _component(request: StackRequest, name: str, command: str, check: Check) -> Node:
    body: dict[str, Node] = {"<<": Alias(COMMON), "command": command}
    own: dict[str, Node] = {}
    if name == web_name(request):
        body["ports"] = published(request, request.answers.integer("port"), 8080)
        own = {
            IDENTITY: Why(needed(IDENTITY), "lets it prove that it is this stack's Airflow"),
            STACK_ID: needed(STACK_ID),
        }
    elif name == WORKER:
        own = {"DUMB_INIT_SETSID": Why("0", "lets running tasks end when the worker is stopped")}
        if request.answers.integer("workers") > 1:
            body["deploy"] = {"replicas": request.answers.integer("workers")}
    if own:
        body["environment"] = {"<<": Alias(COMMON_ENV), **own}
    return {**body, "healthcheck": health(check, request.facts), **_ready(request)}


def _cli(request: StackRequest) -> Node:
    return {
        "<<": Alias(COMMON),
        "profiles": Why(["debug"], "started only by ./airflow"),
        "command": Flow(("bash", "-c", "airflow")),
        "restart": "no",
        **_waits(_stores(request)),
    }


def _flower(request: StackRequest) -> Node:
    body: dict[str, Node] = {"<<": Alias(COMMON), "command": "celery flower"}
    if not request.answers.flag("flower"):
        body["profiles"] = Why(["flower"], "started only by: docker compose --profile flower up -d")
    return {
        **body,
        "ports": published(request, request.answers.integer("flower_port"), 5555),
        "environment": {
            "<<": Alias(COMMON_ENV),
            "FLOWER_BASIC_AUTH": Why(f"{ADMIN}:{needed(PASSWORD)}", "Airflow's login; workers can be shut down here"),
        },
        "healthcheck": health(checks.page(checks.FLOWER_URL), request.facts),
        **_ready(request),
    }


def install_command(request: StackRequest) -> str:
    """The words of ``pip install`` that a custom image is built with; empty when the image is used as it is."""
    words = list(request.answers.items("packages"))
    if request.answers.text("requirements"):
        words += ["-r", "/tmp/requirements.txt"]  # noqa: S108 - inside the image
    return shlex.join(words)
