"""The chart's values for each long-running component: probes that cost nothing, sizes, what each may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.compose_settings import DAG_PROCESSOR_2, DATABASE_URL
from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.database import CONFINED
from airflow_wizard.artifacts.kube.names import named
from airflow_wizard.artifacts.kube.secrets import LOGIN_FILE, secret_value
from airflow_wizard.artifacts.kube.settings import HOME, SCRIPTS
from airflow_wizard.artifacts.standalone import IDENTITY, STACK_ID
from airflow_wizard.artifacts.yaml_text import Flow, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.artifacts.kube.sizes import Size
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_VOLUME = "airflow-wizard"
_OURS = "lets it prove that it is this stack's Airflow"
_NO_WAIT = Why({"enabled": False}, "the container below waits for the same without importing Airflow")


def components(request: StackRequest, sizes: Mapping[str, Size]) -> dict[str, Node]:
    """Sections by the chart's keys, in the order of a start."""
    key = "apiServer" if settings.is_airflow3(request) else "webserver"
    found: dict[str, Node] = {
        key: _web(request, sizes[settings.web(request)]),
        "scheduler": _scheduler(request, sizes["scheduler"]),
        "dagProcessor": _dag_processor(request, sizes["dag-processor"]),
        "triggerer": _triggerer(request, sizes["triggerer"]),
    }
    if workers := _workers(request, sizes):
        found["workers"] = _new(workers) if settings.chart_from(request, 21) else _old(workers)
    return found


def _web(request: StackRequest, size: Size) -> Node:
    body: dict[str, Node] = _waits(request, "answers" if _starts_early(request) else "")
    if arguments := _web_arguments(request):
        body["args"] = arguments
    if environment := _web_environment(request):
        body["env"] = environment
    body["startupProbe"] = Why(
        {"periodSeconds": 1, "timeoutSeconds": 10, "failureThreshold": 180},
        "known to be up when it is, and three minutes of patience instead of one",
    )
    body["readinessProbe"] = {"initialDelaySeconds": 0, "timeoutSeconds": 10}
    body["livenessProbe"] = {"initialDelaySeconds": 0, "periodSeconds": 30}
    plugin = f"{HOME}/plugins/airflow_wizard_identity.py"
    mounts: list[Node] = [
        {"name": _VOLUME, "mountPath": SCRIPTS, "readOnly": True},
        {"name": _VOLUME, "mountPath": plugin, "subPath": "identity_plugin.py", "readOnly": True},
    ]
    volumes: list[Node] = [{"name": _VOLUME, "configMap": {"name": named(request, "scripts")}}]
    for what, needed in (("login", not settings.has_fab(request)), ("identity", not _takes_references(request))):
        if needed:
            mounts.append({"name": what, "mountPath": f"{SCRIPTS}/{what}", "readOnly": True})
            volumes.append({"name": what, "secret": {"secretName": named(request, what)}})
    body |= {"extraVolumeMounts": mounts, "extraVolumes": volumes}
    if service := _service(request):
        body["service"] = service
    return {**body, "resources": size.node()}


def _web_environment(request: StackRequest) -> list[Node]:
    found: list[Node] = []
    if _takes_references(request):
        found = [Why(_from_secret(request, IDENTITY), _OURS), _from_secret(request, STACK_ID)]
    if request.answers.text("ingress_host") and settings.is_airflow3(request):
        why = "the ingress asks from an address of the cluster's network, and only 127.0.0.1 would be believed"
        found.append(Why({"name": "FORWARDED_ALLOW_IPS", "value": "*"}, why))
    return found


def _starts_early(request: StackRequest) -> bool:
    """Whether it starts before the database is migrated; with several workers each of them would import again."""
    return settings.is_airflow3(request) and request.answers.integer("api_workers") == 1


def _takes_references(request: StackRequest) -> bool:
    """Whether the environment of one component may come from a Secret; charts before 1.15 take plain values only."""
    return settings.chart_from(request, 15)


def _from_secret(request: StackRequest, name: str) -> Node:
    return secret_value(request, name, "identity", name)


def _web_arguments(request: StackRequest) -> Node | None:
    """What it is started with, where that is not the chart's own: each need adds to the same command."""
    proxied = bool(request.answers.text("ingress_host")) and settings.is_airflow3(request)
    command = "exec airflow api-server" if settings.is_airflow3(request) else "exec airflow webserver"
    why = []
    if _starts_early(request):
        command = f"exec python {SCRIPTS}/api_server.py"
        why.append("imports while the database is being migrated")
    if proxied:
        command += " --proxy-headers"
        why.append("believes the ingress about host and scheme")
    if not settings.has_fab(request):
        # Airflow opens the file for writing, and a Secret is mounted read-only.
        command = f"install -m 600 {SCRIPTS}/login/login.json {LOGIN_FILE} && {command}"
        why.append("this image has no FAB provider: the login is in a file")
    if not _takes_references(request):
        read = " ".join(f"{name}=$(cat {SCRIPTS}/identity/{name})" for name in (IDENTITY, STACK_ID))
        command = f"export {read}; {command}"
        why.append(_OURS)
    return Why(["bash", "-c", command], "; ".join(why)) if why else None


def _service(request: StackRequest) -> Node | None:
    port = request.answers.integer("node_port")
    if not port:
        return None
    name, key = ("api-server", "apiServer") if settings.is_airflow3(request) else ("airflow-ui", "airflowUI")
    ports: Node = [{"name": name, "port": f"{{{{ .Values.ports.{key} }}}}", "nodePort": port}]
    return Why({"type": "NodePort", "ports": ports}, "every node answers on this port")


def _beats(job: str) -> Flow:
    return Flow(("python", f"{SCRIPTS}/heartbeat.py", job))


def _waits(request: StackRequest, until: str = "") -> dict[str, Node]:
    """Before anything else: until the init job has brought the database to this Airflow, or as database.py is told."""
    container: Node = {
        "name": "wait-for-airflow-migrations",
        "image": request.answers.text("image"),
        "command": Flow(("python", f"{SCRIPTS}/database.py", *([until] if until else []))),
        "env": [secret_value(request, DATABASE_URL, "metadata", "connection")],
        "volumeMounts": [{"name": _VOLUME, "mountPath": SCRIPTS, "readOnly": True}],
        "securityContext": CONFINED,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
    }
    return {"waitForMigrations": _NO_WAIT, "extraInitContainers": [container]}


def _scripts(request: StackRequest) -> dict[str, Node]:
    return {
        "extraVolumeMounts": [{"name": _VOLUME, "mountPath": SCRIPTS, "readOnly": True}],
        "extraVolumes": [{"name": _VOLUME, "configMap": {"name": named(request, "scripts")}}],
    }


def _scheduler(request: StackRequest, size: Size) -> Node:
    beats = _beats("SchedulerJob")
    return {
        **_waits(request),
        "startupProbe": Why(
            {"command": beats, "periodSeconds": 5, "timeoutSeconds": 10, "failureThreshold": 36},
            "its heartbeat, read without importing Airflow: the chart's own check takes seconds of a CPU each time",
        ),
        "livenessProbe": {"command": beats, "periodSeconds": 30},
        **_scripts(request),
        "resources": size.node(),
    }


def _dag_processor(request: StackRequest, size: Size) -> Node:
    own: dict[str, Node] = {}
    if not settings.is_airflow3(request):
        own["enabled"] = Why(value=True, text="a bad DAG cannot hold the scheduler up")
        own["args"] = Why(
            ["bash", "-c", DAG_PROCESSOR_2], "without a single DAG file it would end: it uses a module unasked"
        )
    elif settings.smoke_by_map(request) and settings.chart_from(request, 19):
        own["dagBundleConfigList"] = Why(list(settings.BUNDLES), "the second one is empty but while the proof runs")
    return {
        **own,
        **_waits(request),
        "livenessProbe": {"command": _beats("DagProcessorJob"), "periodSeconds": 30},
        **_scripts(request),
        "resources": size.node(),
    }


def _triggerer(request: StackRequest, size: Size) -> Node:
    return {
        **_waits(request),
        "livenessProbe": {"command": _beats("TriggererJob"), "periodSeconds": 30},
        "persistence": persistence(request, "2Gi"),
        **_scripts(request),
        "resources": size.node(),
    }


def persistence(request: StackRequest, size: str) -> Node:
    """A claim of its own, of a size that is there; nothing of it where all share a volume."""
    if settings.shares_logs(request):
        return Why({"enabled": False}, "all pods share one volume of logs")
    found: dict[str, Node] = {"size": Why(size, "the chart asks for 100Gi; no claim can be made smaller later")}
    if name := request.answers.text("storage_class"):
        found["storageClassName"] = name
    return found


def _workers(request: StackRequest, sizes: Mapping[str, Size]) -> tuple[dict[str, Node], dict[str, Node]] | None:
    """What concerns Celery's workers (and the claim of a scheduler that runs tasks), and what a task's own pod."""
    own: dict[str, Node] = {}
    if settings.has_celery(request):
        beats: Node = {"command": _beats("worker")}
        many = request.answers.integer("workers")
        own = {
            **({"replicas": many} if many > 1 else {}),
            **_waits(request),
            "livenessProbe": Why(beats, "asked over the broker, without importing Airflow"),
            "persistence": persistence(request, "5Gi"),
            **_scripts(request),
            "resources": sizes["worker"].node(),
        }
    elif settings.has_local(request):
        own = {"persistence": persistence(request, "5Gi")}
    pods: dict[str, Node] = {}
    if settings.has_pods(request):
        pods = {"kubernetes": {"resources": Why(sizes["task"].node(), "of one task; executor_config asks for more")}}
    return (own, pods) if own or pods else None


def _new(workers: tuple[dict[str, Node], dict[str, Node]]) -> Node:
    own, pods = workers
    return {**({"celery": own} if own else {}), **pods}


def _old(workers: tuple[dict[str, Node], dict[str, Node]]) -> Node:
    """Charts before 1.21 have one section for both kinds of workers."""
    own, pods = workers
    kubernetes = pods.get("kubernetes", {})
    task = kubernetes.get("resources") if isinstance(kubernetes, dict) else None
    return {**({"resources": task} if task is not None else {}), **own}
