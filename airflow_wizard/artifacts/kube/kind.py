"""kind.yaml: the cluster that kind makes. Its reader refuses every key it does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.yaml_text import Block, Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.kube.settings import Folder
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_HEAD = """\
A Kubernetes cluster inside containers, for this stack alone: kind create cluster --config kind.yaml
Run it in this folder: the folders named here are meant from where it is run.
"""
# From this release on the kubelet refuses to start on control groups v1, unless it is told to.
_REFUSES_V1 = (1, 35)
_ACCEPT_V1 = """\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
"""


def kind_yaml(request: StackRequest) -> str:
    """The text of the file."""
    nodes: list[Node] = [_node(request, first=number == 0) for number in range(request.answers.integer("nodes"))]
    document: dict[str, Node] = {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "name": settings.cluster(request),
    }
    if request.facts.text("docker", "cgroup_version") == "1" and _kubernetes(request) >= _REFUSES_V1:
        why = "this machine has control groups v1, which Kubernetes gives up: it has to be told to go on"
        document["kubeadmConfigPatches"] = Why([Block(_ACCEPT_V1)], why)
    document["nodes"] = nodes
    return manifests([document], _HEAD)


def _kubernetes(request: StackRequest) -> tuple[int, int]:
    """Release of Kubernetes by the image's tag; of one without a number the newest is expected."""
    found = re.search(r":v?(\d+)\.(\d+)", request.answers.text("node_image"))
    return (int(found[1]), int(found[2])) if found else (1, 99)


def _node(request: StackRequest, *, first: bool) -> Node:
    body: dict[str, Node] = {
        "role": "control-plane" if first else "worker",
        "image": request.answers.text("node_image"),
        "labels": {"airflow-wizard.stack": settings.cluster(request)},
    }
    if mounts := _mounts(request):
        body["extraMounts"] = mounts
    port = request.answers.integer("node_port")
    if first and port:
        mapping: Node = {
            "containerPort": port,
            "hostPort": request.answers.integer("port"),
            "listenAddress": request.answers.text("bind"),
        }
        body["extraPortMappings"] = [mapping]
    return body


def _mounts(request: StackRequest) -> list[Node]:
    def mount(folder: Folder | None, *, read_only: bool) -> list[Node]:
        if folder is None:
            return []
        found: dict[str, Node] = {"hostPath": folder.on_machine, "containerPath": folder.on_node}
        if request.facts.text("selinux", "mode") == "enforcing":
            found["selinuxRelabel"] = True
        return [{**found, "readOnly": True} if read_only else found]

    return [
        *mount(settings.dags_folder(request), read_only=True),
        *mount(settings.logs_folder(request), read_only=False),
    ]
