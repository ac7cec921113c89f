"""values.yaml: what differs from the defaults of one release of the official chart, each with its reason. No secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import components, config, names, settings
from airflow_wizard.artifacts.kube.code import dags
from airflow_wizard.artifacts.kube.names import named
from airflow_wizard.artifacts.kube.sizes import sizes
from airflow_wizard.artifacts.yaml_text import Why, render

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_HEAD = """\
# Apache Airflow {version} with {executor}, for the official Helm chart {chart}.
# Only what differs from the chart's defaults. No secret stands here: they are named, and come from the folder secrets/.
# What you change is kept when airflow-wizard writes this file again.
"""


def values_yaml(request: StackRequest) -> str:
    """The text of the file."""
    answers = request.answers
    head = _HEAD.format(
        chart=answers.text("chart_version"), version=request.release.version, executor=answers.text("executor")
    )
    return f"{head}\n{render(values(request))}"


def values(request: StackRequest) -> dict[str, Node]:
    """The chart's values, with comments."""
    repository, tag = image(request.answers.text("image"))
    room = sizes(request)
    found: dict[str, Node] = {
        "defaultAirflowRepository": repository,
        "defaultAirflowTag": tag,
        "airflowVersion": Why(str(request.release.version), "decides what the chart renders; must fit the image"),
        "executor": request.answers.text("executor"),
        "labels": names.common_labels(request),
        "env": _environment(request),
        **_smoke(request),
        **_secrets(request),
        "postgresql": Why({"enabled": False}, "the image it names is gone; postgres.yaml or your own takes its place"),
        "migrateDatabaseJob": Why(
            {"enabled": False, "useHelmHooks": False, "applyCustomEnv": False},
            "init-job.yaml migrates and makes the login in one process; a hook waits for pods that wait",
        ),
        "createUserJob": _create_user(request),
        "statsd": Why({"enabled": False}, "nothing reads its metrics yet, and it is one more image"),
        **components.components(request, room),
    }
    if not settings.chart_from(request, 19):
        # The switch of the job that makes the login was with the web server.
        web = found.get("webserver", {})
        disabled: dict[str, Node] = {"defaultUser": {"enabled": False}}
        found["webserver"] = {**(web if isinstance(web, dict) else {}), **disabled}
    found["redis"] = Why({"enabled": False}, "nothing uses a queue, and the chart would leave its password behind")
    if settings.has_celery(request):
        found["redis"] = _redis(request, room["redis"].node())
    found["dags"] = dags(request)
    if not found["dags"]:
        del found["dags"]
    if logs := _logs(request):
        found["logs"] = logs
    if settings.loses_logs(request):
        found["cleanup"] = Why(
            {"enabled": True, "schedule": "17 3 * * *"},
            "removes ended pods once a day; every quarter of an hour loses logs",
        )
    found["config"] = config.config(request)
    return found


def image(reference: str) -> tuple[str, str]:
    """Repository and tag as the chart joins them with a colon; a digest is the tag of ``NAME@sha256``."""
    name, _, digest = reference.partition("@")
    if digest:
        kind, _, value = digest.partition(":")
        return f"{name}@{kind}", value
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "latest")


def _environment(request: StackRequest) -> Node:
    found: list[Node] = [
        Why(
            {"name": "CONNECTION_CHECK_MAX_COUNT", "value": "0"},
            "the init job waited for the database; each check of the image takes seconds",
        )
    ]
    if request.answers.flag("examples"):
        why = "the image sets this to false, and its environment wins over the configuration file"
        found.append(Why({"name": "AIRFLOW__CORE__LOAD_EXAMPLES", "value": "true"}, why))
    return found


def _smoke(request: StackRequest) -> dict[str, Node]:
    """A place for the DAG of the proof, where no folder of DAGs can be written to."""
    if not settings.smoke_by_map(request):
        return {}
    name = "airflow-wizard-smoke"
    volume: Node = {"name": name, "configMap": {"name": named(request, "smoke")}}
    mount: Node = {"name": name, "mountPath": settings.SMOKE, "readOnly": True}
    return {
        "volumes": Why([volume], "the DAG that proves that tasks run; there only while it is proved"),
        "volumeMounts": [mount],
    }


def _secrets(request: StackRequest) -> dict[str, Node]:
    keys = named(request, "keys")
    found: dict[str, Node] = {
        "fernetKeySecretName": Why(keys, "the same over every reinstall, or what it encrypted is lost")
    }
    if settings.is_airflow3(request):
        found["apiSecretKeySecretName"] = Why(keys, "generated anew by each upgrade otherwise, and running tasks end")
        found["jwtSecretName"] = keys
    else:
        found["webserverSecretKeySecretName"] = Why(keys, "generated anew by each upgrade otherwise")
    data: dict[str, Node] = {"metadataSecretName": named(request, "metadata")}
    broker = named(request, "broker")
    if settings.has_celery(request):
        data |= {"resultBackendSecretName": named(request, "result-backend"), "brokerUrlSecretName": broker}
    else:
        why = "nothing reads it; without a name the chart makes one that no uninstall removes"
        data["brokerUrlSecretName"] = Why(broker, why)
    found["data"] = data
    found["enableBuiltInSecretEnvVars"] = {
        "AIRFLOW_CONN_AIRFLOW_DB": Why(value=False, text="no task needs a way into Airflow's own database")
    }
    return found


def _create_user(request: StackRequest) -> Node:
    quiet: dict[str, Node] = {"useHelmHooks": False, "applyCustomEnv": False}
    return {"enabled": False, **quiet} if settings.chart_from(request, 19) else quiet


def _redis(request: StackRequest, resources: Node) -> Node:
    found: dict[str, Node] = {"passwordSecretName": named(request, "redis"), "resources": resources}
    if name := request.answers.text("storage_class"):
        found["persistence"] = {"storageClassName": name}
    return found


def _logs(request: StackRequest) -> Node | None:
    if not settings.shares_logs(request):
        return None
    if settings.logs_folder(request):
        claim = Why(named(request, "logs"), "made by storage.yaml: few storage classes give a volume to several pods")
        return {"persistence": {"enabled": True, "existingClaim": claim}}
    found: dict[str, Node] = {"enabled": Why(value=True, text="a task's log would go with its pod"), "size": "5Gi"}
    if name := request.answers.text("storage_class"):
        found["storageClassName"] = name
    return {"persistence": found}
