"""kubeadm.yaml: the cluster that kubeadm makes of one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.yaml_text import Why, manifests
from airflow_wizard.cluster import EVICTED_BELOW

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_HEAD = """\
A Kubernetes of this machine alone: kubeadm init --config kubeadm.yaml
Read once, when the cluster is made; one that is there already is taken as it is.
"""
POD_NETWORK = "10.244.0.0/16"  # what flannel expects, and kind
_FACT = "kubeadm_preflight"
# Below these a node throws out pods. All of them are named: what is left out counts as 0.
# Source: Kubernetes 1.36, pkg/kubelet/apis/config/v1beta1/defaults_linux.go (DefaultEvictionHard).
_EVICTED: dict[str, Node] = {
    "memory.available": "100Mi",
    "nodefs.available": f"{EVICTED_BELOW >> 30}Gi",
    "nodefs.inodesFree": "5%",
    "imagefs.available": f"{EVICTED_BELOW >> 30}Gi",
    "imagefs.inodesFree": "5%",
}


def kubeadm_yaml(request: StackRequest) -> str:
    """The text of the file. Kinds and versions: kubeadm.k8s.io/v1beta4, Kubernetes 1.31 and newer."""
    documents = [_init(), _cluster(request), _kubelet(request)]
    documents += [_proxy()] if request.facts.value(_FACT, "container") is True else []
    return manifests(documents, _HEAD)


def ignored(request: StackRequest) -> tuple[str, ...]:
    """Names of checks that kubeadm would stop at, although kubeadm.yaml takes care of what they look for."""
    return (
        *(("SystemVerification",) if _old_control_groups(request) else ()),
        *(("Swap",) if _has_swap(request) else ()),
    )


def _old_control_groups(request: StackRequest) -> bool:
    """Whether the machine has control groups v1, which the kubelet refuses from Kubernetes 1.35 on."""
    return request.facts.value(_FACT, "cgroup") == "1"


def _has_swap(request: StackRequest) -> bool:
    """Whether it swaps, which the kubelet refuses unless it is told to go on."""
    return bool(request.facts.value(_FACT, "swap"))


def _init() -> dict[str, Node]:
    timeouts = Why({"kubernetesAPICall": "4m0s"}, "a small server takes more than the usual minute to come up")
    return {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "InitConfiguration", "timeouts": timeouts}


def _cluster(request: StackRequest) -> dict[str, Node]:
    found: dict[str, Node] = {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration"}
    if version := request.facts.text("kubeadm", "version"):
        found["kubernetesVersion"] = Why(f"v{version}", "kubeadm's own; else it asks the internet which is the newest")
    return {**found, "networking": {"podSubnet": POD_NETWORK}}


def _kubelet(request: StackRequest) -> dict[str, Node]:
    found: dict[str, Node] = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
    if _old_control_groups(request):
        found["failCgroupV1"] = Why(value=False, text="this machine has control groups v1: it has to be told to go on")
    if _has_swap(request):
        found["failSwapOn"] = Why(value=False, text="this machine swaps; pods do not")
    found["evictionHard"] = Why(_EVICTED, "in bytes: by default a node takes no pods below 15 % free, of any disk")
    found["imageGCHighThresholdPercent"] = Why(100, "by default images are deleted from 85 % used on")
    return found


def _proxy() -> dict[str, Node]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "conntrack": Why({"maxPerCore": 0}, "in a container it may not change the kernel's tables"),
    }
