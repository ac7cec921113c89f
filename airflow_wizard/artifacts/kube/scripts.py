"""scripts.yaml: the small programs that Airflow's pods run, and the plug-in they are recognised by."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.names import labels, named, namespace
from airflow_wizard.artifacts.yaml_text import Block, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

# Name in the ConfigMap and the file it is shipped as.
_FILES = {
    "init.py": ("containers", "init.py"),
    "heartbeat.py": ("containers", "heartbeat.py"),
    "database.py": ("containers", "database.py"),
    "api_server.py": ("containers", "api_server.py"),
    "rest.py": ("containers", "rest.py"),
    "identity_plugin.py": ("identity_plugin.py",),
}


def scripts_yaml(request: StackRequest) -> str:
    """The text of the file."""
    metadata: dict[str, Node] = {
        "name": named(request, "scripts"),
        "namespace": namespace(request),
        "labels": labels(request, "scripts"),
    }
    data: dict[str, Node] = {name: Block(text_of(name)) for name in _FILES}
    config_map: dict[str, Node] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    documents = [config_map, *([_smoke(request)] if settings.smoke_by_map(request) else [])]
    return manifests(documents, "First start, health checks, and what proves that an Airflow is this stack's.")


def _smoke(request: StackRequest) -> dict[str, Node]:
    """The place of the DAG that proves that tasks run; there is none in it but while that is proved."""
    what = "smoke"
    metadata: Node = {
        "name": named(request, what),
        "namespace": namespace(request),
        "labels": labels(request, what),
    }
    ignored = Block(settings.smoke_ignore(airflow3=settings.is_airflow3(request)))
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {".airflowignore": ignored}}


@cache
def text_of(name: str) -> str:
    """One of the programs."""
    path = resources.files("airflow_wizard.artifacts").joinpath("files", *_FILES[name])
    return path.read_text(encoding="utf-8")
