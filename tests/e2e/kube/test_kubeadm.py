"""A server of one's own, with nothing but a kubelet: its cluster is made, proven, kept from harm, and taken away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.kube.server import bare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.kube.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]
UP = ("up", "--profile", "/var/home.yaml", "--name", "home", "--json", "--yes")
DESTROY = ("destroy", "home", "--confirm", "home")
PROVISIONED = "/var/local-path-provisioner"
WHOLE = (*DESTROY, "--cluster", "--allow-privileged")


KUBECTL = ("kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf")


def test_from_a_bare_server_to_a_proven_airflow_and_back(kube_tools: None, chart: Path) -> None:
    del kube_tools
    with bare(chart) as server:
        refused = server.wizard(*UP)
        assert refused.code == 2, refused.err
        assert "kubeadm init --config kubeadm.yaml" in refused.err
        assert not server.has("/etc/kubernetes/admin.conf")
        _proven(server)
        assert server.said("ls", "/etc/cni/net.d").split()
        assert server.said("ls", PROVISIONED).split()

        # What somebody else put into the cluster keeps it, and then nothing else of the stack goes either.
        server.said(*KUBECTL, "run", "shop", "--image", "registry.k8s.io/pause:3.10.2")
        assert server.wizard(*DESTROY, "--cluster").code == 2
        kept = server.wizard(*WHOLE)
        assert kept.code != 0
        assert "pod/shop in default" in kept.out + kept.err
        assert "home-scheduler-0" in server.said(*KUBECTL, "--namespace", "airflow", "get", "pods", "-o", "name")
        assert server.has("/var/home/stacks/home/secrets")

        server.said(*KUBECTL, "delete", "pod", "shop", "--now")
        gone = server.wizard(*WHOLE, timeout=600)
        assert gone.code == 0, gone.out + gone.err
        for path in ("/etc/kubernetes/admin.conf", "/var/lib/etcd/member", "/var/home/stacks/home"):
            assert not server.has(path), path
        assert server.said("ls", "/etc/cni/net.d").split() == []
        assert server.said("ls", PROVISIONED).split() == []
        assert server.said("ctr", "--namespace", "k8s.io", "tasks", "ls", "-q").split() == []
        assert server.wizard("stacks", "--json").json() == []


@pytest.mark.long
def test_a_cluster_that_was_reset_by_hand_is_made_again_with_its_network(kube_tools: None, chart: Path) -> None:
    del kube_tools
    with bare(chart) as server:
        _proven(server)
        server.said("kubeadm", "reset", "--force")
        assert server.said("ls", "/etc/cni/net.d").split(), "kubeadm leaves them, and a node is ready with them"
        _proven(server)
        assert "node-network" in server.said(*KUBECTL, "get", "clusterroles", "-o", "name"), "the manifest was applied"

        server.said("kubeadm", "reset", "--force")
        gone = server.wizard(*DESTROY)
        assert gone.code == 0, gone.out + gone.err
        assert not server.has("/var/home/stacks/home")


@pytest.mark.long
def test_a_cluster_that_was_there_is_never_taken_away(kube_tools: None, chart: Path) -> None:
    del kube_tools
    with bare(chart) as server:
        _proven(server)
        server.said("rm", "/var/home/stacks/home/.airflow-wizard/kubeadm")
        refused = server.wizard(*WHOLE)
        assert refused.code == 2, refused.err
        assert "no cluster was made with kubeadm for home" in refused.err
        gone = server.wizard(*DESTROY)
        assert gone.code == 0, gone.out + gone.err
        assert "kubeadm reset" not in gone.out + gone.err
        assert server.said(*KUBECTL, "get", "nodes", "-o", "name").split() == ["node/home"]
        assert "airflow" not in server.said(*KUBECTL, "get", "namespaces", "-o", "name")


def _proven(server: Server) -> None:
    done = server.wizard(*UP, "--allow-privileged", timeout=900)
    last = done.events()[-1]
    assert (done.code, last["event"]) == (0, "proven"), done.err + json.dumps(last)
