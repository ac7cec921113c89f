"""init-job.yaml: database and login in one process that imports Airflow once; what Helm starts waits for it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.compose_settings import DATABASE_URL, FAB
from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.database import CONFINED
from airflow_wizard.artifacts.kube.names import labels, named, namespace
from airflow_wizard.artifacts.kube.scripts import text_of
from airflow_wizard.artifacts.kube.secrets import secret_value
from airflow_wizard.artifacts.kube.settings import API_KEY, FERNET, HOME, JWT, SCRIPTS, WEB_KEY
from airflow_wizard.artifacts.yaml_text import Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

IMAGE_USER = 50000  # of the official image; what every component of the chart runs as


def init_job_yaml(request: StackRequest) -> str:
    """The text of the file."""
    head = (
        "Brings the database to this version of Airflow and makes the login; safe to repeat.\n"
        "Its name changes with what it runs: a Job cannot be changed, and another version needs another one."
    )
    return manifests([_job(request)], head)


def job_name(request: StackRequest) -> str:
    """Name of the Job; another one for another version, image or script."""
    parts = (str(request.release.version), request.answers.text("image"), text_of("init.py"), text_of("database.py"))
    digest = hashlib.sha256("\0".join((*parts, str(_writes_logs(request)))).encode()).hexdigest()[:8]
    return named(request, f"init-{digest}")


def _writes_logs(request: StackRequest) -> bool:
    """Whether it hands the folder of logs over, which needs root: nobody else may write to a node's new folder."""
    return settings.logs_folder(request) is not None


def _job(request: StackRequest) -> dict[str, Node]:
    found = labels(request, "init")
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job_name(request), "namespace": namespace(request), "labels": found},
        "spec": {
            "backoffLimit": 2,
            "ttlSecondsAfterFinished": Why(86400, "stays for a day, so that its log can be read"),
            "template": {"metadata": {"labels": found}, "spec": _pod(request)},
        },
    }


def _pod(request: StackRequest) -> Node:
    volumes: list[Node] = [{"name": "scripts", "configMap": {"name": named(request, "scripts")}}]
    if _writes_logs(request):
        volumes.append({"name": "logs", "persistentVolumeClaim": {"claimName": named(request, "logs")}})
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsUser": 0 if _writes_logs(request) else IMAGE_USER, "runAsGroup": 0},
        "containers": [_container(request)],
        "volumes": volumes,
    }


def _container(request: StackRequest) -> Node:
    mounts: list[Node] = [{"name": "scripts", "mountPath": SCRIPTS, "readOnly": True}]
    arguments: Node = ["python", f"{SCRIPTS}/init.py"]
    confined: dict[str, Node] = {"securityContext": CONFINED}
    if _writes_logs(request):
        mounts.append({"name": "logs", "mountPath": f"{HOME}/logs"})
        why = "root, only to hand the folder of logs over; then it goes on as Airflow's own user"
        arguments = Why(["python", f"{SCRIPTS}/init.py", "logs"], why)
        confined = {}
    return {
        "name": "init",
        "image": request.answers.text("image"),
        "args": arguments,
        "env": _environment(request),
        "volumeMounts": mounts,
        **confined,
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "1536Mi"}},
    }


def _environment(request: StackRequest) -> Node:
    found: list[Node] = [
        {"name": "CONNECTION_CHECK_MAX_COUNT", "value": "0"},
        {"name": "AIRFLOW_UID", "value": str(IMAGE_USER)},
        secret_value(request, DATABASE_URL, "metadata", "connection"),
        secret_value(request, FERNET, "keys", "fernet-key"),
    ]
    if settings.is_airflow3(request):
        found += [
            secret_value(request, API_KEY, "keys", "api-secret-key"),
            secret_value(request, JWT, "keys", "jwt-secret"),
        ]
    else:
        found.append(secret_value(request, WEB_KEY, "keys", "webserver-secret-key"))
    if request.answers.flag("load_default_connections"):
        found.append({"name": "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS", "value": "true"})
    if settings.has_fab(request):
        if settings.is_airflow3(request):
            found.append({"name": "AIRFLOW__CORE__AUTH_MANAGER", "value": FAB})
        found.append({"name": "_AIRFLOW_WWW_USER_USERNAME", "value": ADMIN})
        found.append(secret_value(request, "_AIRFLOW_WWW_USER_PASSWORD", "login", "password"))
    else:
        found.append({"name": "AIRFLOW__CORE__AUTH_MANAGER", "value": settings.SIMPLE})
    return found
