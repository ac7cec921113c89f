"""Nodes that are waited for, manifests that are applied, and a key that nobody sees."""

from __future__ import annotations

import base64
import stat
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers import kube_apply
from airflow_wizard.run.kube_actions import ApplyFiles, ApplyKey, AwaitNodes
from airflow_wizard.run.runner import Runner
from airflow_wizard.run.step import Plan, Step
from tests.engines.kube import NODES, PODS, Object, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import container, pod, waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engines.kube import FakeCluster

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"


def node(name: str = "one", status: str = "True", message: str = "kubelet is posting ready status") -> Object:
    """A node whose kubelet says so."""
    ready = {"type": "Ready", "status": status, "message": message, "reason": "KubeletReady"}
    return {"metadata": {"name": name}, "status": {"conditions": [ready]}}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks as often as it can."""
    monkeypatch.setattr(kube_apply, "_POLL", 0.001)


def test_nodes_are_waited_for_by_name_through_a_start(cluster: FakeCluster, tmp_path: Path) -> None:
    """As after a reboot: nobody answers, then nobody may do anything, then nodes come one by one."""

    def refusing() -> None:
        cluster.away = ""
        cluster.refused[NODES] = (403, "Forbidden", "nodes is forbidden")

    def half() -> None:
        cluster.refused.clear()
        cluster.put(NODES, node(), node("two", "False", "cni \x1b[31mnot ready"))

    states: list[Callable[[], None]] = [refusing, half, lambda: cluster.put(NODES, node(), node("two"))]
    cluster.away = "connection refused"
    heard = Heard()
    heard.on_progress = lambda: states.pop(0)() if states else None
    assert heard.do(AwaitNodes(release_in(tmp_path))) == "2 ready"
    assert heard.progress[0] == "the API does not answer yet"
    assert heard.progress[1] == "the API does not answer yet"  # its refusal is no answer so soon
    assert heard.progress[2] == "1 of 2 nodes are ready"
    assert heard.parts[2] == (("one", "ok", "ready"), ("two", "waiting", "cni not ready"))


def test_nodes_that_may_not_be_looked_at_are_left_alone(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube_apply, "_START_SECONDS", -1.0)
    cluster.refused[NODES] = (403, "Forbidden", "nodes is forbidden")
    assert Heard().do(AwaitNodes(release_in(tmp_path))) == "its nodes may not be looked at"
    cluster.refused[NODES] = (401, "Unauthorized", "Unauthorized")
    with pytest.raises(EngineUnreachableError, match="does not accept who you are"):
        Heard().do(AwaitNodes(release_in(tmp_path)))


@pytest.mark.parametrize("nodes", [[], [node("one", "Unknown", "")]])
def test_nodes_that_do_not_get_ready_end_it(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nodes: list[Object]
) -> None:
    monkeypatch.setattr(kube_apply, "_NODES_SECONDS", 0.0)
    cluster.put(NODES, *nodes)
    with pytest.raises(StepFailedError, match=f"0 of {len(nodes)} nodes are ready") as caught:
        Heard().do(AwaitNodes(release_in(tmp_path)))
    assert caught.value.next == "see why: kubectl --context mine describe nodes"


def test_a_node_that_stays_away_is_not_waited_for_where_another_is_ready(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube_apply, "_OTHERS_SECONDS", 0.0)
    cluster.put(NODES, node(), node("off", "Unknown", "Kubelet stopped posting node status."))
    assert Heard().do(AwaitNodes(release_in(tmp_path))) == "1 of 2 ready"


def test_a_cluster_that_never_answers_is_out_of_reach(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kube_apply, "_NODES_SECONDS", 0.0)
    cluster.away = "connection refused"
    with pytest.raises(EngineUnreachableError, match="connection refused"):
        Heard().do(AwaitNodes(release_in(tmp_path)))


def test_files_that_are_there_are_applied_in_order(cluster: FakeCluster, tmp_path: Path) -> None:
    for name in ("namespace.yaml", "scripts.yaml"):
        (tmp_path / name).touch()
    cluster.says("apply", "namespace/airflow serverside-applied\nconfigmap/x serverside-applied\nWarning: odd\n")
    heard = Heard()
    told = heard.do(ApplyFiles(release_in(tmp_path), ("namespace.yaml", "gone.yaml", "scripts.yaml")))
    assert told == "2 objects"
    assert heard.commands[0] == "kubectl --context mine apply --server-side -f namespace.yaml -f scripts.yaml"


def test_pods_that_could_not_get_their_image_are_made_anew(cluster: FakeCluster, tmp_path: Path) -> None:
    (tmp_path / "scripts.yaml").touch()
    stuck = container(state=waiting("ImagePullBackOff"))
    cluster.put(PODS, pod(stuck, name="one"), pod(stuck, name="two"), pod(name="well"))
    Heard().do(ApplyFiles(release_in(tmp_path), ("scripts.yaml",)))
    assert cluster.commands[-1] == "kubectl --context mine --namespace airflow delete pods one two --wait=false"
    cluster.refused[PODS] = (403, "Forbidden", "pods is forbidden")
    Heard().do(ApplyFiles(release_in(tmp_path), ("scripts.yaml",)))
    assert "apply" in cluster.commands[-1]


def test_a_key_of_ones_own_is_in_no_command_and_no_log(cluster: FakeCluster, tmp_path: Path, isolated: Path) -> None:
    (isolated / "deploy").write_text(KEY)
    action = ApplyKey(release_in(tmp_path), "demo-git", "~/deploy")
    events: list[object] = []
    plan = Plan("launch", "context", "demo", str(tmp_path), steps=(Step("git-key", "The deploy key", action),))
    assert Runner(plan, on_event=events.append).run().ok
    manifest = cluster.typed
    assert manifest["metadata"]["name"] == "demo-git"
    # ssh refuses a key whose last line does not end.
    assert base64.b64decode(manifest["data"]["gitSshKey"]).decode() == KEY + "\n"
    secret = ("b3BlbnNzaC1rZXk", manifest["data"]["gitSshKey"][:40])
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "commands.log" for path in written)
    told = [*cluster.commands, *map(str, events), *(path.read_text(errors="replace") for path in written)]
    assert not [text for text in told if any(part in text for part in secret)]
    assert stat.S_IMODE((tmp_path / ".airflow-wizard").stat().st_mode) == 0o700


def test_a_key_that_is_not_there_names_its_option(cluster: FakeCluster, tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="No such file") as caught:
        Heard().do(ApplyKey(release_in(tmp_path), "demo-git", str(tmp_path / "gone")))
    assert "git_key" in caught.value.next
    assert cluster.commands == []
