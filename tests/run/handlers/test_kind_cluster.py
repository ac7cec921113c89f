"""A kind cluster of the stack's own: made, continued, stopped and deleted; never one that somebody else made."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.cluster import Cluster
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import free_port, kind_cluster
from airflow_wizard.run.kube_actions import (
    CheckKindPort,
    KindCluster,
    LoadImages,
    MakeKindCluster,
    RemoveKindCluster,
    SwitchKindNodes,
)
from tests.engines.kube import NODES, FakeCluster, made
from tests.engines.loopback import free_port as a_free_port
from tests.engines.test_kind import container
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from collections.abc import Callable

CREATE = "kind create cluster --retain --config kind.yaml --kubeconfig"


@pytest.fixture
def kind(tmp_path: Path) -> KindCluster:
    """The cluster ``demo`` of one node; nothing of it is there yet."""
    (tmp_path / ".airflow-wizard").mkdir()
    return KindCluster(str(tmp_path), "demo", Cluster("kind-demo", str(tmp_path / "kubeconfig")))


def engine(cluster: FakeCluster, *, running: bool = True, port: str = "", there: bool = True) -> None:
    """Whether there is a node, as the engine tells of it."""
    cluster.says("ps --all", "1\n" if there else "")
    cluster.says("inspect", json.dumps([container("demo-control-plane", "control-plane", running=running, port=port)]))


def ours(kind: KindCluster) -> None:
    """It is noted that this stack made it."""
    (Path(kind.folder) / ".airflow-wizard" / "kind.json").write_text('{"name": "demo"}')
    Path(kind.cluster.kubeconfig).touch()


@pytest.mark.parametrize(
    "act",
    [
        lambda kind: Heard().done(MakeKindCluster(kind)),
        lambda kind: Heard().do(MakeKindCluster(kind)),
        lambda kind: Heard().done(SwitchKindNodes(kind, "stop")),
    ],
)
def test_a_cluster_of_somebody_else_is_refused(
    cluster: FakeCluster, kind: KindCluster, act: Callable[[KindCluster], str]
) -> None:
    engine(cluster)
    with pytest.raises(StepFailedError, match="this stack did not make it") as caught:
        act(kind)
    assert caught.value.evidence == ("demo-control-plane: control-plane, running",)
    assert "kind delete cluster --name demo" in caught.value.next
    assert not [command for command in cluster.commands if command.startswith("kind")]


def test_it_is_made_and_found_again(cluster: FakeCluster, kind: KindCluster) -> None:
    engine(cluster, there=False)
    assert Heard().done(MakeKindCluster(kind)) == ""
    cluster.says(
        "create cluster", " • Preparing nodes 📦  ...\n ✓ Preparing nodes 📦\n", more=f"touch {kind.cluster.kubeconfig}"
    )
    heard = Heard()
    assert heard.do(MakeKindCluster(kind)) == "1 node"
    assert heard.progress == ["Preparing nodes 📦", "Preparing nodes 📦"]
    assert f"{CREATE} {kind.cluster.kubeconfig}" in cluster.commands
    engine(cluster)
    cluster.put(NODES, made("demo-control-plane"))
    assert Heard().done(MakeKindCluster(kind)) == "1 node"


def test_nodes_that_are_stopped_are_started(cluster: FakeCluster, kind: KindCluster) -> None:
    ours(kind)
    engine(cluster, running=False)
    cluster.put(NODES, made("demo-control-plane"))
    assert Heard().done(MakeKindCluster(kind)) == "1 node"
    assert "docker start demo-control-plane" in cluster.commands


def test_what_a_killed_run_left_half_made_goes_first(cluster: FakeCluster, kind: KindCluster) -> None:
    ours(kind)
    Path(kind.cluster.kubeconfig).unlink()
    engine(cluster)
    assert Heard().done(MakeKindCluster(kind)) == ""
    heard = Heard()
    heard.do(MakeKindCluster(kind))
    assert [c for c in cluster.commands if c.startswith("kind")] == [
        "kind delete cluster --name demo", f"{CREATE} {kind.cluster.kubeconfig}",
    ]  # fmt: skip
    assert heard.progress[0] == "an earlier run left it half made; making it anew"


def test_a_node_that_does_not_come_up_says_why_and_is_out_of_the_way(cluster: FakeCluster, kind: KindCluster) -> None:
    ours(kind)
    engine(cluster)
    said = (
        'ERROR: failed to create cluster: failed to init node with kubeadm: command "docker exec" failed\n'
        "I1125 17:00:00.000000 1 init.go:1] progress\n[preflight] Running pre-flight checks\n"
        "k8s.io/kubernetes/cmd/kubeadm/app/cmd.run(...)\n\tcmd/kubeadm/app/cmd/init.go:77\n"
    )
    cluster.says("create cluster", said, 1)
    cluster.says("exec demo-control-plane", 'E1125 17:00:01.000000 1 run.go:72] "no \x1b[1mcgroup v1"\n')
    with pytest.raises(StepFailedError, match="kind could not make the cluster demo: exit 1") as caught:
        Heard().do(MakeKindCluster(kind))
    assert caught.value.why == "Kubernetes did not start in the node"
    assert caught.value.evidence == (said.splitlines()[0], '"no cgroup v1"')
    assert cluster.commands[-1] == "kind delete cluster --name demo"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('ERROR: could not find a log line that matches "Reached target"', "inotify"),
        ("Bind for 127.0.0.1:8080 failed: port is already allocated", "a port is taken"),
        ('ERROR: failed to pull image "kindest/node:v9"', "image cannot be had"),
        ('unknown field "nodez"', "does not know"),
        ("odd", "no cluster without it"),
    ],
)
def test_why_kind_failed_is_read_from_what_it_said(
    cluster: FakeCluster, kind: KindCluster, said: str, why: str
) -> None:
    engine(cluster, there=False)
    cluster.says("create cluster", said, 1)
    with pytest.raises(StepFailedError) as caught:
        Heard().do(MakeKindCluster(kind))
    assert why in caught.value.why
    assert caught.value.next


def test_it_is_deleted_with_all_that_points_to_it(cluster: FakeCluster, kind: KindCluster) -> None:
    engine(cluster)
    assert Heard().done(RemoveKindCluster(kind)) == "left alone: this stack did not make demo"
    ours(kind)
    assert Heard().done(RemoveKindCluster(kind)) == ""
    with pytest.raises(StepFailedError, match="demo-control-plane could not be removed"):
        Heard().do(RemoveKindCluster(kind))
    cluster.says("delete cluster", more=f"echo >{cluster.folder}/gone")
    cluster.says("ps --all", more=f"[ -e {cluster.folder}/gone ] || echo 1")
    assert Heard().do(RemoveKindCluster(kind)) == "cluster demo and everything in it"
    assert not Path(kind.cluster.kubeconfig).exists()
    assert Heard().done(RemoveKindCluster(kind)) == "there is no cluster"


def test_its_nodes_are_stopped_and_started(cluster: FakeCluster, kind: KindCluster) -> None:
    ours(kind)
    engine(cluster)
    assert Heard().done(SwitchKindNodes(kind, "start")) == "they run"
    assert Heard().done(SwitchKindNodes(kind, "stop")) == ""
    assert Heard().do(SwitchKindNodes(kind, "stop")) == "1 node"
    assert cluster.commands[-1] == "docker stop --time 20 demo-control-plane"
    engine(cluster, there=False)
    assert Heard().done(SwitchKindNodes(kind, "stop")) == "there is no cluster"
    with pytest.raises(StepFailedError, match="there is no cluster demo"):
        Heard().done(SwitchKindNodes(kind, "start"))


def test_a_port_that_leads_into_the_cluster_or_is_free(
    cluster: FakeCluster, kind: KindCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_port, "_PATIENCE", 0.0)
    port = a_free_port()
    action = CheckKindPort(kind, "127.0.0.1", port)
    engine(cluster, there=False)
    assert Heard().done(action) == ""
    assert Heard().do(action) == "free"
    ours(kind)
    engine(cluster, port=str(port))
    assert Heard().done(action) == "leads into this stack's cluster"
    engine(cluster, port="1")
    with pytest.raises(StepFailedError, match=f"the cluster demo does not have port {port}"):
        Heard().done(action)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(StepFailedError, match="cannot be used") as caught:
        Heard().do(action)
    assert f"--set port={port + 1}" in caught.value.next


def test_images_go_only_to_nodes_that_lack_them(cluster: FakeCluster, kind: KindCluster, tmp_path: Path) -> None:
    engine(cluster)
    action = LoadImages(kind, ("postgres:16",))
    cluster.says("image inspect", "[]\n", 1)
    with pytest.raises(StepFailedError, match="the engine does not have postgres:16") as caught:
        Heard().done(action)
    assert caught.value.next.startswith("docker pull postgres:16")
    cluster.says("image inspect", json.dumps([{"Id": "sha256:p", "Size": 3_000_000}]))
    row = "docker.io/library/postgres:16 t sha256:a 10 linux {}"
    cluster.says("images ls", f"REF\n{row.format('-')}\n")
    cluster.says("docker save", more="head -c 3000000 /dev/zero")
    cluster.says("save postgres:16", more="head -c 3000000 /dev/zero")
    cluster.says("exec --interactive", more=f"cat >{tmp_path}/got")
    assert Heard().done(action) == ""
    heard = Heard()
    assert heard.do(action) == "3 MB into demo-control-plane"
    assert (tmp_path / "got").stat().st_size == 3_000_000
    assert heard.commands[:2] == [
        "docker save postgres:16",
        "docker exec --interactive demo-control-plane ctr --namespace k8s.io images import --digests -",
    ]
    assert heard.commands[2:] == ["exit 0", "exit 0"]
    assert heard.progress[-1] == "the nodes unpack them"
    cluster.says("images ls", f"REF\n{row.format('airflow-wizard.image=sha256:p@sha256:a')}\n")
    assert Heard().done(action) == "1 images are in every node"
    assert kind_cluster.made_here(kind) is False
