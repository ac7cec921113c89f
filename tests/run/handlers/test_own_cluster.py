"""A cluster of this machine: made once, never reset when it is whole, and given what it lacks."""

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
    KubeadmInit,
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
INIT = "kubeadm init --config kubeadm.yaml --ignore-preflight-errors=Swap"


def node(name: str = "one", *taints: str, ready: str = "True") -> Object:
    """A node, and whether it is ready."""
    conditions = [{"type": "Ready", "status": ready}]
    return {
        "metadata": {"name": name},
        "spec": {"taints": [{"key": key} for key in taints]},
        "status": {"conditions": conditions},
    }


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KubeadmInit:
    """A machine on which kubeadm has made nothing yet."""
    monkeypatch.setattr(own_cluster, "ADMIN_CONF", tmp_path / "admin.conf")
    monkeypatch.setattr(own_cluster, "_ANSWER_SECONDS", 0.0)
    (tmp_path / ".airflow-wizard").mkdir()
    return KubeadmInit(release_in(tmp_path), "kubeadm.yaml", ("Swap",))


def test_a_cluster_is_made_once(cluster: FakeCluster, init: KubeadmInit, tmp_path: Path) -> None:
    assert Heard().done(init) == ""
    cluster.says("kubeadm init", "[init] Using Kubernetes version: v1.36.3\nYour token is abc\n[addons] applied\n")
    cluster.says("init", more="touch admin.conf; echo '[addons] applied'")
    heard = Heard()
    assert heard.do(init) == "one node"
    assert cluster.commands == [INIT]
    assert heard.progress == ["[addons] applied"]
    cluster.put(NODES, node())
    assert Heard().done(init) == "there is one already, nodes: 1"
    assert (tmp_path / "admin.conf").exists()


def test_one_that_is_whole_is_never_reset(cluster: FakeCluster, init: KubeadmInit) -> None:
    """However long it does not answer: its database is in it."""
    cluster.says("init", more="touch admin.conf")
    Heard().do(init)
    cluster.away = "connection refused"
    with pytest.raises(StepFailedError, match="kubeadm has made a cluster on this machine, and it does not") as caught:
        Heard().done(init)
    assert "journalctl -u kubelet" in caught.value.next
    assert cluster.commands == [INIT]


RESET = "kubeadm reset --force"


def test_what_one_of_its_own_checks_refused_is_not_reset(cluster: FakeCluster, init: KubeadmInit) -> None:
    said = "[preflight] Running\n\t[ERROR Swap]: \x1b[31mrunning with swap on\n\t[ERROR Port-6443]: in use\n"
    cluster.says("init", said, 1)
    with pytest.raises(StepFailedError, match="could not make the cluster: exit 1") as caught:
        Heard().do(init)
    assert caught.value.evidence == ("[ERROR Swap]: running with swap on", "[ERROR Port-6443]: in use")
    assert caught.value.why == "this machine lacks what Kubernetes needs"
    assert cluster.commands == [INIT]
    cluster.says("init")
    assert Heard().do(init) == "one node"
    assert cluster.commands == [INIT, INIT]


def test_what_did_not_come_up_is_cleared_away(cluster: FakeCluster, init: KubeadmInit) -> None:
    cluster.says("init", "[wait-control-plane] Waiting\nerror execution phase wait-control-plane: timed out\n", 1)
    with pytest.raises(StepFailedError) as caught:
        Heard().do(init)
    assert caught.value.evidence == ("error execution phase wait-control-plane: timed out",)
    assert cluster.commands == [INIT, RESET]


def test_what_a_killed_run_left_half_made_is_cleared_away_first(
    cluster: FakeCluster, init: KubeadmInit, tmp_path: Path
) -> None:
    (tmp_path / ".airflow-wizard" / "kubeadm").write_text("begun\n")
    (tmp_path / "admin.conf").touch()
    assert Heard().done(init) == "", "it was this stack's own try"
    heard = Heard()
    assert heard.do(init) == "one node"
    assert cluster.commands == [RESET, INIT]
    assert heard.progress[0] == "an earlier try left it half made; clearing that away"


def test_a_node_of_another_cluster_is_left_there(cluster: FakeCluster, init: KubeadmInit, tmp_path: Path) -> None:
    (tmp_path / "kubelet.conf").touch()
    with pytest.raises(StepFailedError, match="is a node of another cluster already"):
        Heard().do(init)
    assert cluster.commands == []
    assert not (tmp_path / ".airflow-wizard" / "kubeadm").exists()


def test_a_network_is_brought_where_no_node_is_ready(cluster: FakeCluster, tmp_path: Path) -> None:
    action = PodNetwork(release_in(tmp_path), "https://example.org/flannel.yml")
    cluster.put(NODES, node(ready="False"))
    assert Heard().done(action) == ""
    assert Heard().do(action) == "https://example.org/flannel.yml"
    assert cluster.commands == ["kubectl --context mine apply -f https://example.org/flannel.yml"]
    cluster.put(NODES, node())
    assert Heard().done(action) == "there is one"


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
