"""A cluster of this machine is given what it lacks, and only that."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
import yaml

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import own_cluster
from airflow_wizard.run.kube_actions import (
    DefaultStorage,
    FreeControlPlane,
    PodNetwork,
    SaveKubeconfig,
    StartMicroK8s,
)
from airflow_wizard.run.runner import Runner
from airflow_wizard.run.step import Plan, Step
from tests.engines.kube import CLASSES, NODES, Object, made, release_in
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

TAINT = "node-role.kubernetes.io/control-plane"
DAEMONS = "/apis/apps/v1/daemonsets"


def node(name: str = "one", *taints: str, ready: str = "True") -> Object:
    """A node, and whether it is ready."""
    conditions = [{"type": "Ready", "status": ready}]
    return {
        "metadata": {"name": name},
        "spec": {"taints": [{"key": key} for key in taints]},
        "status": {"conditions": conditions},
    }


def test_a_network_is_brought_where_nothing_of_one_runs(cluster: FakeCluster, tmp_path: Path) -> None:
    """Settings of another one, Podman's for example, are enough for a node to be ready."""
    action = PodNetwork(release_in(tmp_path), "https://example.org/flannel.yml")
    cluster.put(NODES, node())
    cluster.put(DAEMONS, made("kube-proxy"))
    assert Heard().done(action) == ""
    assert Heard().do(action) == "https://example.org/flannel.yml"
    assert cluster.commands == ["kubectl --context mine apply -f https://example.org/flannel.yml"]
    cluster.put(DAEMONS, made("kube-proxy"), made("kube-flannel-ds"))
    assert Heard().done(action) == "there is one: kube-flannel-ds"


@pytest.mark.parametrize(
    ("nodes", "done"),
    [
        ([node("one", TAINT)], ""),
        ([node("one")], "there are nodes that take pods"),
        ([node("one", TAINT), node("two")], "there are nodes that take pods"),
    ],
)
def test_the_only_node_is_let_take_pods(cluster: FakeCluster, tmp_path: Path, nodes: list[Object], done: str) -> None:
    cluster.put(NODES, *nodes)
    action = FreeControlPlane(release_in(tmp_path))
    assert Heard().done(action) == done
    Heard().do(action)
    assert cluster.commands == [f"kubectl --context mine taint nodes --all {TAINT}-"]


def test_storage_is_brought_where_there_is_none_and_only_marked_where_there_is(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    action = DefaultStorage(release_in(tmp_path), "local-path.yaml", "local-path")
    default = {"metadata": {"name": "local-path", "annotations": {own_cluster._DEFAULT: "true"}}}
    cluster.effects.append(("annotate storageclass local-path", lambda: cluster.put(CLASSES, default)))
    cluster.effects.append(("apply -f local-path.yaml", lambda: cluster.put(CLASSES, made("local-path"))))
    assert Heard().done(action) == ""
    assert Heard().do(action) == "local-path is the default"
    assert [command.split()[3] for command in cluster.commands] == ["apply", "annotate"]
    assert Heard().done(action) == "local-path is the default"
    cluster.put(CLASSES, made("local-path"))
    assert Heard().do(action) == "local-path is the default"
    assert [command.split()[3] for command in cluster.commands] == ["apply", "annotate", "annotate"]


RUNS = yaml.safe_dump({
    "microk8s": {"running": True},
    "addons": [{"name": "dns", "status": "enabled"}, {"name": "hostpath-storage", "status": "disabled"}],
})  # fmt: skip
STOPPED = "microk8s is not running, try microk8s start\n"
NO = "Insufficient permissions to access MicroK8s.\nYou can either try again with sudo or add yourself to the group\n"


def test_microk8s_gets_the_add_ons_it_lacks(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.says("status", RUNS)
    assert Heard().do(StartMicroK8s(str(tmp_path), ("dns", "hostpath-storage"))) == "switched on: hostpath-storage"
    assert cluster.commands[-1] == "microk8s enable hostpath-storage"
    assert Heard().do(StartMicroK8s(str(tmp_path), ("dns",))) == "runs, with all that is needed"


def test_a_microk8s_that_is_stopped_is_started(cluster: FakeCluster, tmp_path: Path) -> None:
    """Its status says so with exit 0."""
    said = f"[ -e {tmp_path}/on ] && cat {tmp_path}/runs || printf '{STOPPED}'"
    (tmp_path / "runs").write_text(RUNS)
    cluster.says("status", more=said)
    cluster.says("start", more=f"touch {tmp_path}/on")
    assert Heard().do(StartMicroK8s(str(tmp_path), ("dns",))) == "runs, with all that is needed"
    assert [command.split()[1] for command in cluster.commands] == ["status", "start", "status"]


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [(NO, 1, "may not be used by this user"), (NO, 0, "may not be used by this user"), ("odd\n", 1, "is not ready")],
)
def test_a_microk8s_that_cannot_be_used_says_why(
    cluster: FakeCluster, tmp_path: Path, said: str, code: int, words: str
) -> None:
    cluster.says("status", said, code)
    with pytest.raises(StepFailedError, match=words) as caught:
        Heard().do(StartMicroK8s(str(tmp_path), ("dns",)))
    assert caught.value.next


def test_a_kubeconfig_is_kept_for_this_user_alone_and_is_in_no_log(cluster: FakeCluster, tmp_path: Path) -> None:
    content = "apiVersion: v1\nclusters: []\nusers:\n- user: {token: s3cr3t-t0ken}\n"
    cluster.says("config", content)
    file = tmp_path / "secrets" / "kubeconfig"
    action = SaveKubeconfig(str(tmp_path), ("microk8s", "config"), str(file))
    events: list[object] = []
    plan = Plan("launch", "microk8s", "demo", str(tmp_path), steps=(Step("kubeconfig", "The way", action),))
    assert Runner(plan, on_event=events.append).run().ok
    assert file.read_text() == content
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    logs = [path.read_text(errors="replace") for path in (tmp_path / ".airflow-wizard").iterdir() if path.is_file()]
    assert any("microk8s config" in text for text in logs)
    assert not [text for text in (*logs, json.dumps(list(map(str, events)))) if "s3cr3t" in text]


@pytest.mark.parametrize(("said", "code", "words"), [("", 0, "it is empty"), ("no\n", 1, "no"), ("x: 1\n", 0, "empty")])
def test_what_is_no_kubeconfig_is_not_kept(
    cluster: FakeCluster, tmp_path: Path, said: str, code: int, words: str
) -> None:
    cluster.says("config", said, code)
    file = tmp_path / "kubeconfig"
    with pytest.raises(StepFailedError, match=words):
        Heard().do(SaveKubeconfig(str(tmp_path), ("microk8s", "config"), str(file)))
    assert not file.exists()
