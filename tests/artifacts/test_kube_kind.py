"""kind.yaml: strict keys, ports of this machine alone, folders on every node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.options.model import Target
from tests.artifacts.kube_stacks import LOCAL, PODS, facts, files, request
from tests.artifacts.read_yaml import StrictLoader, read, read_all

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

# kind.x-k8s.io/v1alpha4; its reader refuses every other key.
CLUSTER = {"kind", "apiVersion", "name", "nodes", "kubeadmConfigPatches", "networking", "featureGates", "runtimeConfig"}
NODE = {"role", "image", "labels", "extraMounts", "extraPortMappings", "kubeadmConfigPatches"}
MOUNT = {"hostPath", "containerPath", "readOnly", "selinuxRelabel", "propagation"}
PORT = {"containerPort", "hostPort", "listenAddress", "protocol"}
V1 = {"docker": {"cgroup_version": "1"}}
V2 = {"docker": {"cgroup_version": "2"}}


def loaded(asked: StackRequest) -> dict[str, Any]:
    found: dict[str, Any] = read(files(asked)["kind.yaml"], StrictLoader)
    assert found.keys() <= CLUSTER
    for node in found["nodes"]:
        assert node.keys() <= NODE
        assert all(mount.keys() <= MOUNT for mount in node.get("extraMounts", ()))
        assert all(port.keys() <= PORT for port in node.get("extraPortMappings", ()))
    return found


def test_a_port_of_this_machine_leads_to_the_port_of_the_node() -> None:
    (node,) = loaded(request(port=8099, node_port=30123))["nodes"]
    assert node["extraPortMappings"] == [{"containerPort": 30123, "hostPort": 8099, "listenAddress": "127.0.0.1"}]
    (closed,) = loaded(request(node_port=0))["nodes"]
    assert "extraPortMappings" not in closed


def test_every_node_has_the_folders_and_only_the_first_the_port() -> None:
    nodes = loaded(request(nodes=3, executor=PODS, dags="/home/ana/my dags"))["nodes"]
    assert [node["role"] for node in nodes] == ["control-plane", "worker", "worker"]
    assert ["extraPortMappings" in node for node in nodes] == [True, False, False]
    for node in nodes:
        dags, logs = node["extraMounts"]
        assert (dags["hostPath"], dags["readOnly"]) == ("/home/ana/my dags", True)
        assert (logs["hostPath"], logs.get("readOnly", False)) == ("./logs", False)
    where = {m["containerPath"] for m in nodes[0]["extraMounts"]}
    volumes = read_all(files(request(executor=PODS))["storage.yaml"])
    assert {o["spec"]["hostPath"]["path"] for o in volumes if o["kind"] == "PersistentVolume"} == where


def test_nothing_is_mounted_for_a_repository_and_a_scheduler_with_a_claim_of_its_own() -> None:
    (node,) = loaded(request(git_repo="https://h/r", executor=LOCAL))["nodes"]
    assert "extraMounts" not in node


@pytest.mark.parametrize(
    ("machine", "image", "patched"),
    [(V1, "kindest/node:v1.35.8@sha256:" + "a" * 64, True), (V1, "kindest/node:v1.34.11", False),
     (V1, "kindest/node:v1.37.0", True), (V1, "mine/node:latest", True), (V2, "kindest/node:v1.37.0", False),
     ({}, "kindest/node:v1.37.0", False)],
)  # fmt: skip
def test_the_kubelet_is_told_to_accept_old_control_groups_only_where_they_are(
    machine: dict[str, Any], image: str, patched: bool
) -> None:
    found = loaded(request(machine=facts(**machine), node_image=image))
    assert ("kubeadmConfigPatches" in found) is patched
    if patched:
        (patch,) = found["kubeadmConfigPatches"]
        assert read(patch) == {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "failCgroupV1": False,
        }  # fmt: skip


def test_the_image_fits_the_kind_that_is_here() -> None:
    for version, tag in (("0.33.0", "v1.35.8"), ("0.32.0", "v1.36.1"), ("0.31.0", "v1.35.0")):
        (node,) = loaded(request(machine=facts(kind={"version": version})))["nodes"]
        assert node["image"].startswith(f"kindest/node:{tag}@sha256:")


def test_where_selinux_is_enforcing_folders_are_relabelled() -> None:
    (node,) = loaded(request(machine=facts(selinux={"mode": "enforcing"})))["nodes"]
    assert all(mount["selinuxRelabel"] for mount in node["extraMounts"])


def test_only_kind_makes_a_cluster() -> None:
    assert "kind.yaml" not in files(request(where=Target.KUBEADM))
