"""The cluster's API through kubectl: pages, refusals, silence; and nothing stays behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from airflow_wizard.engines import kube_api
from airflow_wizard.engines.kube_api import ApiRefusedError, Hangup, KubeApi, NoClusterError
from airflow_wizard.errors import EngineUnreachableError, WizardError
from tests.engines.kube import NODES, PODS, made

if TYPE_CHECKING:
    from tests.engines.kube import FakeCluster

KUBECTL = ("kubectl", "--context", "mine")


def test_a_list_is_read_to_its_end(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = made("one"), made("two")
    pages = [{"items": [one], "metadata": {"continue": "more"}}, {"items": [two], "metadata": {}}]
    asked: list[dict[str, str]] = []

    def answer(_: str, query: dict[str, str]) -> tuple[int, object]:
        asked.append(query)
        return 200, pages[len(asked) - 1]

    monkeypatch.setattr(cluster, "answer", answer)
    with KubeApi(KUBECTL) as api:
        assert api.items(PODS, page=1, labelSelector="a=b") == [one, two]
    assert asked == [
        {"labelSelector": "a=b", "limit": "1"},
        {"labelSelector": "a=b", "limit": "1", "continue": "more"},
    ]


def test_what_is_not_there_is_nothing_and_a_refusal_is_not(cluster: FakeCluster) -> None:
    cluster.put(PODS, made("one"))
    cluster.refused[NODES] = (403, "Forbidden", "nodes is forbidden: \x1b[31mno\x07")
    with KubeApi(KUBECTL) as api:
        assert api.find(f"{PODS}/one") == cluster.objects[PODS][0]
        assert api.find(f"{PODS}/two") is None
        with pytest.raises(ApiRefusedError) as caught:
            api.find(NODES)
    assert (caught.value.status, caught.value.reason) == (403, "Forbidden")
    assert str(caught.value).isprintable()
    assert isinstance(caught.value, WizardError), "whoever does not expect it still tells it in words"
    assert "rights" in caught.value.next


def test_a_cluster_that_is_away_is_told_with_the_next_command(cluster: FakeCluster) -> None:
    cluster.away = "dial tcp 127.0.0.1:6443: connect: \x1b]0;x\x07connection refused"
    with KubeApi(KUBECTL) as api, pytest.raises(NoClusterError, match="connection refused") as caught:
        api.get(NODES)
    assert "context mine" in caught.value.what
    assert caught.value.what.isprintable()
    assert caught.value.next == "see what kubectl says: kubectl --context mine get --raw /readyz"
    cluster.away = ""
    cluster.put(NODES, made("n"))
    with KubeApi(KUBECTL) as api:
        assert len(api.items(NODES)) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[1, 2]", b"[" * 100_000])
def test_what_does_not_speak_kubernetes_is_no_cluster(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(cluster, "answer", lambda *_: (200, body))
    with KubeApi(KUBECTL) as api, pytest.raises(NoClusterError, match="does not speak Kubernetes"):
        api.get(NODES)


def test_a_kubectl_that_ends_at_once_says_why(cluster: FakeCluster) -> None:
    (cluster.folder / "broken").write_text('error: context "mine" does not exist\n')
    with (
        KubeApi(KUBECTL) as api,
        pytest.raises(EngineUnreachableError, match='context "mine" does not exist') as caught,
    ):
        api.get(NODES)
    assert caught.value.next == "see what it says: kubectl --context mine version"


def test_nothing_of_it_stays(cluster: FakeCluster) -> None:
    cluster.put(NODES)
    with KubeApi(KUBECTL) as api:
        api.items(NODES)
        place = Path(api._proxy.socket).parent  # the only trace of it
        proxy = psutil.Process(int((cluster.folder / "proxy").read_text()))
        assert place.stat().st_mode & 0o777 == 0o700
    assert not place.exists()
    # Where process 1 reaps nobody it stays a zombie.
    assert not proxy.is_running() or proxy.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(NoClusterError, match="it was closed"):
        api.get(NODES)


def test_a_proxy_that_was_ended_is_started_again(cluster: FakeCluster) -> None:
    cluster.put(NODES)
    with KubeApi(KUBECTL) as api:
        api.items(NODES)
        Path(api._proxy.socket).unlink()
        assert api.items(NODES) == []


def test_a_log_that_goes_on_until_somebody_hangs_up(cluster: FakeCluster) -> None:
    cluster.logs["one", "main", False] = "first\nsecond\n"
    path, hangup = f"{PODS}/one/log", Hangup()
    with KubeApi(KUBECTL) as api:
        assert api.text(path, container="main") == "first\nsecond\n"
        lines = api.lines(path, hangup=hangup, container="main", follow="true")
        assert [next(lines), next(lines)] == [b"first\n", b"second\n"]
        hangup.up()
        assert list(lines) == []


def test_a_cluster_that_is_away_is_asked_again_for_as_long_as_it_is_waited_for(cluster: FakeCluster) -> None:
    cluster.put(PODS, made("one"))
    cluster.away = "connect: connection refused"
    told: list[str] = []

    def wait(reason: str) -> bool:
        told.append(reason)
        cluster.away = "" if len(told) == 2 else cluster.away
        return len(told) < 5

    with KubeApi(KUBECTL, wait=wait) as api:
        assert [pod["metadata"]["name"] for pod in api.items(PODS)] == ["one"]
        assert len(told) == 2
        cluster.away = "connect: connection refused"
        with pytest.raises(NoClusterError):
            api.items(PODS)
    assert len(told) == 5
    assert "connection refused" in told[0]


def test_one_that_has_only_just_come_back_refuses_for_a_moment(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.put(PODS, made("one"))
    cluster.away = "connect: connection refused"
    told: list[str] = []

    def wait(reason: str) -> bool:
        told.append(reason)
        cluster.away = ""
        if len(told) == 1:
            cluster.refused[PODS] = (403, "Forbidden", "pods is forbidden")
        else:
            cluster.refused.clear()
        return True

    with KubeApi(KUBECTL, wait=wait) as api:
        assert len(api.items(PODS)) == 1
        assert "it has only just come back, and refuses: pods is forbidden" in told[1]
        monkeypatch.setattr(kube_api, "_UNSURE_SECONDS", 0.0)
        cluster.refused[PODS] = (403, "Forbidden", "pods is forbidden")
        with pytest.raises(ApiRefusedError):
            api.items(PODS)
