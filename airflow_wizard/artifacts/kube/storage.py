"""storage.yaml: folders of a node as volumes that several pods share, which most storage classes cannot give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.names import in_cluster, labels, named, namespace
from airflow_wizard.artifacts.yaml_text import Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.kube.settings import Folder
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_SIZE = "5Gi"
_HEAD = """\
Folders of a node, each as a volume and the claim that takes it. Their size is not enforced. What is in a folder stays
when its volume is deleted.
"""


def storage_yaml(request: StackRequest) -> str:
    """The text of the file; empty when no folder is shared."""
    folders = (
        ("dags", "ReadOnlyMany", settings.dags_folder(request)),
        ("logs", "ReadWriteMany", settings.logs_folder(request)),
    )
    documents: list[dict[str, Node]] = []
    for what, mode, folder in folders:
        if folder is not None:
            documents += [_volume(request, what, mode, folder), _claim(request, what, mode)]
    return manifests(documents, _HEAD) if documents else ""


def _volume(request: StackRequest, what: str, mode: str, folder: Folder) -> dict[str, Node]:
    spec: dict[str, Node] = {
        "capacity": {"storage": _SIZE},
        "accessModes": [mode],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": Why("", "no class: nothing but the claim below takes it"),
        "claimRef": {"namespace": namespace(request), "name": named(request, what)},
        "hostPath": {"path": folder.on_node, "type": "DirectoryOrCreate"},
    }
    if node := request.answers.text("storage_node"):
        term: Node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
        affinity: Node = {"required": {"nodeSelectorTerms": [{"matchExpressions": [term]}]}}
        spec["nodeAffinity"] = Why(affinity, "pods that need it are placed where the folder is")
    name = in_cluster(request, what)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": labels(request, what)},
        "spec": spec,
    }


def _claim(request: StackRequest, what: str, mode: str) -> dict[str, Node]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": named(request, what), "namespace": namespace(request), "labels": labels(request, what)},
        "spec": {
            "accessModes": [mode],
            "storageClassName": "",
            "volumeName": in_cluster(request, what),
            "resources": {"requests": {"storage": _SIZE}},
        },
    }
