"""postgres.yaml: a PostgreSQL of the stack's own. The image the chart would take is no longer published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube.names import labels, named, namespace, selector
from airflow_wizard.artifacts.kube.sizes import sizes
from airflow_wizard.artifacts.yaml_text import Flow, Why, manifests
from airflow_wizard.cluster import POSTGRES_MAJOR

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

POSTGRES = "postgres"
IMAGE = f"{POSTGRES}:{POSTGRES_MAJOR}"
_DATA = "/var/lib/postgresql/data"
_USER = 999  # of the official image
CONFINED: dict[str, Node] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def postgres_yaml(request: StackRequest) -> str:
    """The text of the file: a Service, and a StatefulSet with its claim."""
    head = f"Airflow's database. Its password is in secrets/{POSTGRES}.yaml; its data stays when this is deleted."
    return manifests([_service(request), _stateful_set(request)], head)


def claim(request: StackRequest) -> str:
    """Name of the claim that holds the data; it outlives the StatefulSet."""
    return f"data-{named(request, POSTGRES)}-0"


def _metadata(request: StackRequest) -> dict[str, Node]:
    found: dict[str, Node] = {"name": named(request, POSTGRES), "namespace": namespace(request)}
    return {**found, "labels": labels(request, POSTGRES)}


def _service(request: StackRequest) -> dict[str, Node]:
    ports: Node = [{"name": POSTGRES, "port": 5432, "targetPort": POSTGRES}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(request),
        "spec": {"clusterIP": "None", "selector": selector(request, POSTGRES), "ports": ports},
    }


def _stateful_set(request: StackRequest) -> dict[str, Node]:
    storage: dict[str, Node] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}}
    if name := request.answers.text("storage_class"):
        storage["storageClassName"] = name
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _metadata(request),
        "spec": {
            "replicas": 1,
            "serviceName": named(request, POSTGRES),
            "selector": {"matchLabels": selector(request, POSTGRES)},
            "template": {"metadata": {"labels": labels(request, POSTGRES)}, "spec": _pod(request)},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": storage}],
        },
    }


def _pod(request: StackRequest) -> Node:
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsUser": _USER, "runAsGroup": _USER, "fsGroup": _USER, "runAsNonRoot": True},
        "terminationGracePeriodSeconds": 60,
        "containers": [_container(request)],
    }


def _container(request: StackRequest) -> Node:
    # The server that runs the first-time setup listens on a socket only; by TCP it is not taken for the real one.
    ready: dict[str, Node] = {"exec": {"command": Flow(("pg_isready", "-h", "127.0.0.1", "-U", "airflow"))}}
    password: Node = {"secretKeyRef": {"name": named(request, POSTGRES), "key": "password"}}
    return {
        "name": POSTGRES,
        "image": Why(IMAGE, "another major version cannot read the same claim"),
        "env": [
            {"name": "POSTGRES_USER", "value": "airflow"},
            {"name": "POSTGRES_DB", "value": "airflow"},
            {"name": "POSTGRES_PASSWORD", "valueFrom": password},
            # A volume may come with a folder of its own in it, and PostgreSQL wants an empty one.
            {"name": "PGDATA", "value": f"{_DATA}/pgdata"},
        ],
        "ports": [{"name": POSTGRES, "containerPort": 5432}],
        "volumeMounts": [{"name": "data", "mountPath": _DATA}],
        "startupProbe": {**ready, "periodSeconds": 1, "failureThreshold": 180, "timeoutSeconds": 5},
        "readinessProbe": {**ready, "periodSeconds": 10, "timeoutSeconds": 5},
        "livenessProbe": {**ready, "periodSeconds": 30, "failureThreshold": 5, "timeoutSeconds": 10},
        "securityContext": CONFINED,
        "resources": sizes(request)[POSTGRES].node(),
    }
