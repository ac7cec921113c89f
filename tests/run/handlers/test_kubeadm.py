"""A cluster of kubeadm's: made once, never reset when it is whole, and taken away only when it is the stack's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import kubeadm as notes
from airflow_wizard.engines.kubeadm import Note, read_note, write_note
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers import kubeadm
from airflow_wizard.run.kube_actions import CheckOwnCluster, KubeadmInit, KubeadmReset
from tests.engines.kube import NODES, Object, made, release_in
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.kube import FakeCluster

SYSTEM, ALL_PODS, CLAIMS = "/api/v1/namespaces/kube-system", "/api/v1/pods", "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
INIT = "kubeadm init --config kubeadm.yaml --ignore-preflight-errors=Swap"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of this machine are a test's own."""
    monkeypatch.setattr(notes, "ADMIN_CONF", tmp_path / "admin.conf")
    monkeypatch.setattr(notes, "ETCD", tmp_path / "etcd")
    monkeypatch.setattr(notes, "NETWORKS", tmp_path / "net.d")
    monkeypatch.setattr(kubeadm, "_ANSWER_SECONDS", 0.0)
    (tmp_path / ".airflow-wizard").mkdir()
    (tmp_path / "net.d").mkdir()


@pytest.fixture
def init(tmp_path: Path) -> KubeadmInit:
    """For a machine on which kubeadm has made nothing yet."""
    return KubeadmInit(release_in(tmp_path), "kubeadm.yaml", ("Swap",))


def test_a_cluster_is_made_once(cluster: FakeCluster, init: KubeadmInit, tmp_path: Path) -> None:
    assert Heard().done(init) == ""
    cluster.says("kubeadm init", "[init] Using Kubernetes version: v1.36.3\nYour token is abc\n[addons] applied\n")
    cluster.says("init", more="touch admin.conf; echo '[addons] applied'")
    heard = Heard()
    assert heard.do(init) == "one node"
    assert cluster.commands == [INIT]
    assert heard.progress == ["[addons] applied"]
    cluster.put(NODES, made("one"))
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


def test_what_was_made_is_known_again_and_what_was_there_before(
    cluster: FakeCluster, init: KubeadmInit, tmp_path: Path
) -> None:
    (tmp_path / "net.d" / "87-podman.conflist").touch()
    cluster.put("/api/v1/namespaces", {"metadata": {"name": "kube-system", "uid": "u-1"}})
    Heard().do(init)
    assert read_note(tmp_path) == Note("made", "u-1", ("87-podman.conflist",))


def test_settings_of_a_network_that_went_with_the_last_cluster_are_cleared_away(
    cluster: FakeCluster, init: KubeadmInit, tmp_path: Path
) -> None:
    """Somebody reset it by hand: with them the next one's node would seem ready."""
    write_note(tmp_path, Note("made", "u-1", ("87-podman.conflist",)))
    for name in ("87-podman.conflist", "10-flannel.conflist"):
        (tmp_path / "net.d" / name).touch()
    Heard().do(init)
    assert [file.name for file in (tmp_path / "net.d").iterdir()] == ["87-podman.conflist"]
    assert cluster.commands == [INIT]


@pytest.fixture
def own(cluster: FakeCluster, tmp_path: Path) -> FakeCluster:
    """The cluster that was made for the stack ``demo``, with nothing but it and what is Kubernetes' own."""
    write_note(tmp_path, Note("made", "u-1", ("87-podman.conflist",)))
    for name in ("87-podman.conflist", "10-flannel.conflist"):
        (tmp_path / "net.d" / name).touch()
    (tmp_path / "99.conf").touch()
    cluster.put("/api/v1/namespaces", {"metadata": {"name": "kube-system", "uid": "u-1"}})
    cluster.put(NODES, made("one"))
    cluster.put(ALL_PODS, inside("coredns", "kube-system", "x"), inside("demo-scheduler-0", "airflow"))
    cluster.put(CLAIMS, inside("data-demo-postgres-0", "airflow"))
    cluster.put(VOLUMES)
    return cluster


def inside(name: str, namespace: str, release: str = "demo") -> Object:
    """Something of a release in a namespace."""
    one = made(name)
    one["metadata"] |= {"namespace": namespace, "labels": {"release": release}}
    return one


@pytest.mark.parametrize("begun", [Note("begun"), Note("begun", "u-1")])
def test_a_cluster_that_somebody_made_after_a_try_that_was_ended_is_left_alone(
    own: FakeCluster, init: KubeadmInit, tmp_path: Path, begun: Note
) -> None:
    write_note(tmp_path, begun)
    own.put("/api/v1/namespaces", {"metadata": {"name": "kube-system", "uid": "u-2"}})
    own.put(ALL_PODS, inside("shop-0", "shop"))
    for action in (init, KubeadmReset(release_in(tmp_path))):
        with pytest.raises(StepFailedError, match="that this stack did not make") as caught:
            Heard().do(action)
        assert caught.value.evidence == ("pod/shop-0 in shop",)
        assert str(tmp_path / notes.NOTE) in caught.value.next
    assert own.commands == []
    assert read_note(tmp_path) == begun


def test_a_cluster_that_answers_and_shows_nothing_is_not_reset(own: FakeCluster, tmp_path: Path) -> None:
    write_note(tmp_path, Note("begun"))
    own.refused = {ALL_PODS: (403, "Forbidden", "not yours")}
    with pytest.raises(StepFailedError, match="that this stack did not make"):
        Heard().do(KubeadmReset(release_in(tmp_path)))
    assert own.commands == []


def test_where_nobody_looked_before_no_settings_are_taken_for_the_cluster_s(own: FakeCluster, tmp_path: Path) -> None:
    (tmp_path / notes.NOTE).write_text("begun\n")
    assert Heard().do(KubeadmReset(release_in(tmp_path))).startswith("the cluster is gone")
    assert len(list((tmp_path / "net.d").iterdir())) == 2
    assert own.commands == [RESET]


def test_a_cluster_of_the_stack_alone_may_go(own: FakeCluster, tmp_path: Path) -> None:
    assert Heard().done(CheckOwnCluster(release_in(tmp_path))) == ""
    assert Heard().do(CheckOwnCluster(release_in(tmp_path))).startswith("it was made for this stack")
    assert own.commands == []


@pytest.mark.parametrize(
    ("path", "strangers", "words"),
    [
        (ALL_PODS, [inside("shop-0", "shop", "demo")], "pod/shop-0 in shop"),
        (ALL_PODS, [inside("mine", "airflow", "other")], "pod/mine in airflow"),
        (ALL_PODS, [inside("mine", "default", "other")], "pod/mine in default"),
        (CLAIMS, [inside("photos", "default", "other")], "persistentvolumeclaim/photos in default"),
        (NODES, [made("one"), made("two")], "node/two"),
    ],
)
def test_nobody_else_loses_anything(
    own: FakeCluster, tmp_path: Path, path: str, strangers: list[Object], words: str
) -> None:
    own.put(path, *strangers)
    with pytest.raises(StepFailedError, match="others have something in the cluster") as caught:
        Heard().do(CheckOwnCluster(release_in(tmp_path)))
    assert caught.value.evidence == (words,)
    assert caught.value.next.endswith("airflow-wizard destroy demo --confirm demo")


@pytest.mark.parametrize("uid", ["u-1", ""])
def test_a_cluster_that_was_made_since_is_another_one(own: FakeCluster, tmp_path: Path, uid: str) -> None:
    own.put("/api/v1/namespaces", {"metadata": {"name": "kube-system", "uid": "u-2"}})
    write_note(tmp_path, Note("made", uid))
    with pytest.raises(StepFailedError, match="not the one that was made for this stack"):
        Heard().do(CheckOwnCluster(release_in(tmp_path)))


def test_what_cannot_be_seen_is_not_taken_for_nothing(own: FakeCluster, tmp_path: Path) -> None:
    for path in (CLAIMS, ""):
        own.refused = {path: (403, "Forbidden", "not yours")} if path else {}
        own.away = "" if path else "connection refused"
        with pytest.raises(StepFailedError, match="what else is in the cluster cannot be seen"):
            Heard().do(CheckOwnCluster(release_in(tmp_path)))


def test_with_the_cluster_goes_what_was_brought_for_it(own: FakeCluster, tmp_path: Path) -> None:
    action = KubeadmReset(release_in(tmp_path), (str(tmp_path / "99.conf"), str(tmp_path / "none.conf")))
    assert Heard().done(action) == ""
    heard = Heard()
    assert heard.do(action).startswith("the cluster is gone")
    assert own.commands == [RESET]
    assert f"rm -f {tmp_path}/net.d/10-flannel.conflist {tmp_path}/99.conf" in heard.commands
    assert [file.name for file in (tmp_path / "net.d").iterdir()] == ["87-podman.conflist"]
    assert not (tmp_path / "99.conf").exists()
    assert Heard().done(action) == "it has none"


def test_a_reset_that_was_ended_is_gone_on_with(own: FakeCluster, tmp_path: Path) -> None:
    own.says("reset", "[reset] Reading\nerror: no permission\n", 1)
    action = KubeadmReset(release_in(tmp_path))
    with pytest.raises(StepFailedError):
        Heard().do(action)
    assert read_note(tmp_path) == Note("begun", "u-1", ("87-podman.conflist",))
    own.says("reset")
    own.away = "the API went first"
    assert Heard().do(action).startswith("the cluster is gone")


def test_it_is_not_said_to_be_gone_while_anything_of_it_is_there(own: FakeCluster, tmp_path: Path) -> None:
    (tmp_path / "etcd" / "member").mkdir(parents=True)
    with pytest.raises(StepFailedError, match=r"kubeadm reset has left .*/etcd/member") as caught:
        Heard().do(KubeadmReset(release_in(tmp_path)))
    assert "systemctl stop kubelet" in caught.value.next
    assert read_note(tmp_path) == Note("begun", "u-1", ("87-podman.conflist",))
    assert own.commands == [RESET]


def test_data_is_deleted_before_nobody_would_know_of_it_any_more(
    own: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = made("pvc-1")
    volume["spec"] = {"claimRef": {"namespace": "airflow"}, "persistentVolumeReclaimPolicy": "Delete"}
    kept = made("pvc-2")
    kept["spec"] = {"claimRef": {"namespace": "airflow"}, "persistentVolumeReclaimPolicy": "Retain"}
    own.put(VOLUMES, volume, kept)
    heard = Heard(on_progress=lambda: own.put(VOLUMES, kept))
    assert heard.do(KubeadmReset(release_in(tmp_path))).startswith("the cluster is gone")
    assert heard.progress == ["waiting for the data of 1 volume to be deleted"]

    write_note(tmp_path, Note("made", "u-1"))
    own.put(VOLUMES, volume)
    monkeypatch.setattr(kubeadm, "_VOLUME_SECONDS", 0.0)
    with pytest.raises(StepFailedError, match="the data of pvc-1 is not deleted"):
        Heard().do(KubeadmReset(release_in(tmp_path)))
    assert own.commands == [RESET]
