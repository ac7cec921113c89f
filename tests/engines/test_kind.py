"""Nodes of kind's clusters, as the engine's command tells of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.engines.kind import KindNode, kubelet_errors, nodes_of, noted_in
from airflow_wizard.errors import EngineUnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster


def container(name: str, role: str, *, running: bool = True, port: str = "") -> dict[str, Any]:
    """A node as ``docker inspect`` has it."""
    ports = {"6443/tcp": None, "30080/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]} if port else {}
    return {
        "Name": f"/{name}",
        "Config": {"Labels": {"io.x-k8s.kind.role": role}},
        "State": {"Running": running},
        "HostConfig": {"PortBindings": ports},
    }


def test_nodes_that_run_and_that_do_not(cluster: FakeCluster) -> None:
    assert nodes_of("demo") == ()
    found = [
        container("demo-worker", "worker", running=False),
        container("demo-control-plane", "control-plane", port="8080"),
    ]
    cluster.says("ps --all", "1\n2\n")
    cluster.says("inspect", json.dumps(found))
    assert nodes_of("demo") == (
        KindNode("demo-control-plane", "control-plane", running=True, ports=(("127.0.0.1", 8080),)),
        KindNode("demo-worker", "worker", running=False),
    )
    assert "label=io.x-k8s.kind.cluster=demo" in cluster.argvs[0]


def test_an_engine_that_does_not_answer_is_told(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.says("ps --all", more="echo 'Cannot connect to the \x1b[1mDocker daemon' >&2", code=1)
    with pytest.raises(EngineUnreachableError, match=r"`docker ps`: Cannot connect to the Docker daemon") as caught:
        nodes_of("demo")
    assert caught.value.next == "see that it runs: docker info"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineUnreachableError, match="gave no answer"):
        nodes_of("demo")


@pytest.mark.parametrize(
    ("content", "name"), [('{"name": "demo"}', "demo"), ("", ""), ("{}", ""), ("[1]", ""), ("\x00", ""), (None, "")]
)
def test_whose_cluster_it_is_stands_in_the_stack(tmp_path: Path, content: str | None, name: str) -> None:
    if content is not None:
        (tmp_path / ".airflow-wizard").mkdir()
        (tmp_path / ".airflow-wizard" / "kind.json").write_text(content)
    assert noted_in(tmp_path) == name


def test_only_the_node_itself_can_say_why_its_kubelet_ended(cluster: FakeCluster) -> None:
    lines = [
        "I1125 17:00:00.000000     100 server.go:77] starting",
        'E1125 17:00:01.000000     100 run.go:72] "command failed" err="kubelet is configured to not run on cgroup v1"',
        'E1125 17:00:02.000000     100 run.go:72] "command failed" err="kubelet is configured to not run on cgroup v1"',
        "E1125 17:00:03.000000     100 other.go:1] \x1b[31msomething else",
    ]
    cluster.says("exec one", "\n".join(lines))
    cluster.says("exec gone", "", 1)
    nodes = (KindNode("one", "control-plane", running=True), KindNode("gone", "worker", running=False))
    assert kubelet_errors(nodes) == (
        '"command failed" err="kubelet is configured to not run on cgroup v1"',
        "something else",
    )
    assert kubelet_errors(nodes[1:]) == ()
