"""What the checks say about machines that a cluster is made on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.checks.registry import judge
from airflow_wizard.finding import Level
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from tests.checks.facts import altered, machine

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import HostFacts, Json

OK, INFO, WARN, FAIL, UNKNOWN = Level.OK, Level.INFO, Level.WARN, Level.FAIL, Level.UNKNOWN


def of(facts: HostFacts, check: str, target: Target, **answers: Answer) -> Finding:
    return next(f for f in judge(facts, target, answers) if f.id == check)


@pytest.mark.parametrize(
    ("watches", "instances", "nodes", "level"),
    [(524288, 512, 1, OK), (192536, 128, 1, INFO), (192536, 128, 3, WARN), (8192, 512, 1, WARN)],
)
def test_inotify_has_to_do_for_all_nodes(watches: int, instances: int, nodes: int, level: Level) -> None:
    facts = altered("roomy-linux", "inotify", watches=watches, instances=instances)
    assert of(facts, "kind.inotify", Target.KIND, nodes=nodes).level is level


def test_inotify_of_a_virtual_machine_is_not_this_machines() -> None:
    assert of(machine("macos-docker-desktop"), "kind.inotify", Target.KIND).level is UNKNOWN


def test_the_image_store_of_newer_engines_is_told() -> None:
    finding = of(altered("roomy-linux", "docker", containerd_store=True), "kind.image-store", Target.KIND)
    assert finding.level is INFO
    assert finding.fixes[0].commands[0][:4] == ("docker", "pull", "--platform", "linux/amd64")


KUBELET: dict[str, Json] = {"of": "kubelet", "path": "/var/lib", "free": 10 << 30, "total": 900 << 30}
BARE: dict[str, Json] = {"missing": [], "ip_forward": "1", "swap": []}


@pytest.mark.parametrize(
    ("check", "values", "level"),
    [
        ("runtime", {}, WARN),
        ("runtime", {"runtime_version": "containerd github.com/containerd/containerd/v2 v2.3.0 abc"}, OK),
        ("runtime", {"runtime": ""}, WARN),
        ("runtime", {"runtime": "/run/crio/crio.sock", "runtime_version": ""}, OK),
        ("swap", {"swap": ["/swap.img"]}, WARN),
        ("swap", {}, OK),
        ("forwarding", {"ip_forward": "0"}, WARN),
        ("forwarding", {}, OK),
        ("programs", {"missing": ["socat"]}, INFO),
        ("programs", {"missing": ["iptables", "socat"]}, FAIL),
        ("programs", {}, OK),
        ("ports", {"ports": {"6443": "in use"}}, FAIL),
        ("ports", {}, OK),
        ("left", {"etcd_data": True}, FAIL),
        ("left", {}, OK),
        ("system", {"kernel": "4.18.0-553.el8", "cgroup": "2"}, FAIL),
        ("system", {"cgroup": "1"}, WARN),
        ("system", {}, OK),
        ("disk", {"disks": [KUBELET, {**KUBELET, "of": "images", "free": 8 << 30}]}, WARN),
        ("disk", {"disks": [{**KUBELET, "free": 2 << 30}]}, FAIL),
        ("disk", {"disks": [KUBELET]}, OK),
        ("disk", {"disks": []}, UNKNOWN),
        ("name", {"resolvable": False}, WARN),
        ("name", {}, OK),
    ],
)
def test_what_kubeadm_would_complain_about(check: str, values: dict[str, Json], level: Level) -> None:
    facts = altered("roomy-linux", "kubeadm_preflight", **{**BARE, **values})
    finding = of(facts, f"kubeadm.{check}", Target.KUBEADM)
    assert finding.level is level, finding
    made = altered("roomy-linux", "kubeadm_preflight", **{**BARE, **values, "made": True})
    assert of(made, f"kubeadm.{check}", Target.KUBEADM).level is OK


def test_a_bare_server_has_no_cluster_yet_and_that_is_nothing_to_solve() -> None:
    shut: dict[str, Json] = {"context": "kubernetes-admin@kubernetes", "error_kind": "no_context", "error": "no such"}
    facts = altered("roomy-linux", "cluster", **shut)
    assert {of(facts, f"kube.{name}", Target.KUBEADM).level for name in ("reachable", "nodes", "storage")} == {INFO}


def test_a_cluster_whose_kubeconfig_only_root_has_is_told_apart_from_none() -> None:
    shut: dict[str, Json] = {
        "context": "kubernetes-admin@kubernetes",
        "reachable": False,
        "error_kind": "no_context",
        "error": "no such",
    }
    closed = machine("kubeadm-box").with_fact("cluster", Fact({**shut}, "test"))
    finding = of(closed, "kube.reachable", Target.KUBEADM)
    assert finding.level is FAIL
    assert any("/etc/kubernetes/admin.conf" in command for fix in finding.fixes for command in fix.commands)


@pytest.mark.parametrize(
    ("status", "running", "addons"),
    [
        ({"permitted": False, "running": False, "addons": []}, FAIL, UNKNOWN),
        ({"permitted": True, "running": False, "addons": [], "error": "microk8s is not running"}, WARN, UNKNOWN),
        ({"permitted": True, "running": True, "addons": ["dns"]}, OK, WARN),
        ({"permitted": True, "running": True, "addons": ["dns", "storage"]}, OK, OK),
        ({"permitted": True, "running": True, "addons": ["dns", "hostpath-storage"]}, OK, OK),
    ],
)
def test_microk8s(status: Json, running: Level, addons: Level) -> None:
    facts = machine("roomy-linux").with_fact("microk8s_status", Fact(status, "microk8s status"))
    assert of(facts, "microk8s.running", Target.MICROK8S).level is running
    finding = of(facts, "microk8s.addons", Target.MICROK8S)
    assert finding.level is addons
    if addons is WARN:
        assert finding.fixes[0].commands == (("microk8s", "enable", "hostpath-storage"),)
