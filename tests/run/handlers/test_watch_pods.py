"""Waiting while pods come up: what dies is told with its own words, a cluster that is away gets its time."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import EngineUnreachableError, InterruptedByUserError, StepFailedError
from airflow_wizard.run.handlers import watch_nodes, watch_pods
from airflow_wizard.run.handlers.watch_pods import PodWatch
from tests.engines.kube import NODES, PODS, release_in
from tests.run.handlers.context import Heard
from tests.run.handlers.pods import NOW, container, pod, terminated, unplaced, waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engines.kube import FakeCluster


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks as often as it can."""
    monkeypatch.setattr(watch_pods, "POLL", 0.001)
    monkeypatch.setattr(watch_pods, "_LOOK_EVERY", 0.0)


def looked(watch: PodWatch, heard: Heard, until: Callable[[], bool]) -> None:
    """Check until something is so; a test that waits in vain is ended by its own timeout."""
    while not until():
        watch.check(heard.context())


def test_each_pod_is_told_and_what_has_none_yet(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(
        PODS, pod(component="scheduler"), pod(container(ready=False), component="triggerer"), pod(component="x")
    )
    with closing(PodWatch(release_in(tmp_path, "postgres", "triggerer", "scheduler"))) as watch:
        parts = watch.parts()
        assert [(name, state) for name, state, _ in parts] == [
            ("triggerer", "waiting"), ("scheduler", "ok"), ("postgres", "waiting"),
        ]  # fmt: skip
        assert parts[-1][2] == "no pod yet"
        assert watch.up_for()["scheduler"] > 0


def test_what_it_writes_is_passed_on_as_it_comes(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(PODS, pod(now=time.time()))
    cluster.logs["demo-scheduler-0", "main", False] = "one\ntwo\n"
    heard = Heard()
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        looked(watch, heard, lambda: len(heard.output) == 2)
    assert heard.output == [("scheduler", "one"), ("scheduler", "two")]


def test_a_crash_loop_is_told_with_the_last_words_of_the_run_before(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(PODS, pod(now=time.time()))
    cluster.logs["demo-scheduler-0", "main", True] = 'File "x.py", line 3\nValueError: \x1b[31mthe reason\n'
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        watch.check(Heard().context())
        status = container(state=waiting("CrashLoopBackOff"), lastState=terminated(1), restartCount=1)
        cluster.put(PODS, pod(status, now=time.time()))
        with pytest.raises(StepFailedError, match="scheduler ended with exit 1 in main") as caught:
            watch.check(Heard().context())
    assert caught.value.evidence[-1] == "ValueError: the reason"
    assert "logs --unit scheduler" in caught.value.next


def test_what_happened_before_the_wait_is_no_news(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(PODS, pod(container(lastState=terminated(1), restartCount=4), now=time.time()))
    cluster.away = "connection refused"
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        heard = Heard()
        watch.check(heard.context())
        assert "has not answered for" in heard.progress[-1]
        assert watch.parts() == (("scheduler", "waiting", "no pod yet"),)
        cluster.away = ""
        looked(watch, heard, lambda: watch.parts()[0][1] == "ok")
        watch.check(heard.context())


def test_a_node_that_was_started_again_is_no_failure(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(PODS, pod(now=time.time()))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        cluster.put(PODS, pod(container(lastState=terminated(255, "Unknown"), restartCount=1), now=time.time()))
        watch.check(Heard().context())
        assert watch.parts() == (("scheduler", "ok", "ready"),)


def test_a_pod_that_no_node_takes_is_told_after_its_time(cluster: FakeCluster, tmp_path: Path) -> None:
    found = unplaced("0/1 nodes are available: 1 Insufficient cpu.")
    cluster.put(PODS, found)
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch, pytest.raises(StepFailedError) as caught:
        watch.check(Heard().context())
    assert caught.value.what == "scheduler finds no node: 0/1 nodes are available: 1 Insufficient cpu."


def full_disk(*, pressed: bool, taint: str = "node.kubernetes.io/disk-pressure") -> dict[str, object]:
    """The only node, ready, with a taint."""
    said = {"type": "DiskPressure", "status": str(pressed), "message": "kubelet has disk pressure\x1b[31m"}
    return {
        "metadata": {"name": "home"},
        "spec": {"taints": [{"key": taint, "effect": "NoSchedule"}]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}, said]},
    }


TAINTED = "0/1 nodes are available: 1 node(s) had untolerated taint(s)."


def test_a_node_whose_disk_is_full_is_the_reason_at_once(cluster: FakeCluster, tmp_path: Path) -> None:
    thrown_out = pod(
        container(state=terminated(137)),
        name="demo-init-0",
        component="scheduler",
        phase="Failed",
        reason="Evicted",
        message="The node was low on resource: ephemeral-storage.",
        now=time.time(),
    )
    cluster.put(PODS, unplaced(TAINTED, age=NOW - time.time()), thrown_out)
    cluster.put(NODES, full_disk(pressed=True))
    watching = closing(PodWatch(release_in(tmp_path, "scheduler"), fails=False))
    with watching as watch, pytest.raises(StepFailedError) as caught:
        watch.check(Heard().context())
    assert caught.value.what == "scheduler finds no node: node home has too little disk left"
    assert caught.value.evidence == (
        "node home has too little disk left: DiskPressure, kubelet has disk pressure",
        "scheduler: The node was low on resource: ephemeral-storage.",
    )


def test_what_keeps_pods_away_is_named_although_the_scheduler_does_not(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.put(PODS, unplaced(TAINTED))
    cluster.put(NODES, full_disk(pressed=False, taint="dedicated"))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch, pytest.raises(StepFailedError) as caught:
        watch.check(Heard().context())
    assert caught.value.evidence == ("node home keeps pods away by dedicated",)


def test_who_finds_no_place_waits_for_a_node_that_may_be_back(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_nodes, "_EVERY", 0.0)
    cluster.put(PODS, unplaced(TAINTED))
    cluster.put(NODES, node(ready=False))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        for _ in range(3):
            watch.check(Heard().context())
        monkeypatch.setattr(watch_nodes, "_PATIENCE", 0.0)
        with pytest.raises(StepFailedError, match=r"node worker-1 does not answer$"):
            looked(watch, Heard(), lambda: False)


def test_a_dead_node_is_not_the_reason_where_another_one_has_no_room(cluster: FakeCluster, tmp_path: Path) -> None:
    short = unplaced("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).")
    cluster.put(PODS, short)
    cluster.put(NODES, node(ready=False), node(ready=True))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch, pytest.raises(StepFailedError) as caught:
        watch.check(Heard().context())
    assert "Insufficient cpu" in caught.value.what
    assert caught.value.evidence == ("node worker-1 does not answer",)


def test_a_pod_that_leaves_does_not_count(cluster: FakeCluster, tmp_path: Path) -> None:
    leaving = pod(container(state=terminated(1)), phase="Failed", name="demo-scheduler-old", now=time.time())
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    cluster.put(PODS, leaving, pod(now=time.time()))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        watch.check(Heard().context())
        assert watch.parts() == (("scheduler", "ok", "ready"),)


def test_a_cluster_that_stays_away_ends_the_wait(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_pods, "_AWAY_SECONDS", 0.01)
    cluster.away = "connection refused"
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch, pytest.raises(EngineUnreachableError):
        looked(watch, Heard(), lambda: False)


def test_nothing_that_moves_ends_the_wait(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_pods, "_STALL_SECONDS", 0.05)
    cluster.put(PODS, pod(container(ready=False), now=time.time()))
    with (
        closing(PodWatch(release_in(tmp_path, "scheduler", "triggerer"))) as watch,
        pytest.raises(StepFailedError, match="nothing has moved for 0 s: no log line, no change of a pod") as caught,
    ):
        looked(watch, Heard(), lambda: False)
    assert caught.value.evidence[1] == "triggerer: no pod yet"


def test_who_may_not_look_at_pods_is_told_so(cluster: FakeCluster, tmp_path: Path) -> None:
    cluster.refused[PODS] = (403, "Forbidden", "pods is forbidden")
    with pytest.raises(StepFailedError, match="cannot be looked at: pods is forbidden"):
        PodWatch(release_in(tmp_path, "scheduler"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_api_that_is_busy_is_asked_again(cluster: FakeCluster, tmp_path: Path, status: int) -> None:
    cluster.refused[PODS] = (status, "Busy", "later")
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        watch.check(Heard().context())
        cluster.refused.clear()
        cluster.put(PODS, pod(now=time.time()))
        looked(watch, Heard(), lambda: watch.parts()[0][1] == "ok")


def test_nobody_waits_who_does_not_want_to(cluster: FakeCluster, tmp_path: Path) -> None:
    heard = Heard()
    heard.cancel.set()
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch, pytest.raises(InterruptedByUserError):
        watch.check(heard.context())
    assert cluster.asked


def node(*, ready: bool) -> dict[str, object]:
    """A node, as the cluster tells of it."""
    condition = {"type": "Ready", "status": "True" if ready else "Unknown", "message": "no news of it"}
    return {"metadata": {"name": "worker-1"}, "status": {"conditions": [condition]}}


def placed(*, ready: bool) -> dict[str, object]:
    """A pod on that node."""
    one = pod(container(ready=ready), component="scheduler", now=time.time())
    one["spec"]["nodeName"] = "worker-1"
    return one


def test_a_node_that_is_away_is_told_and_waited_for_a_while(
    cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_nodes, "_EVERY", 0.0)
    cluster.put(PODS, placed(ready=False))
    cluster.put(NODES, node(ready=False))
    told = ("scheduler", "failed", "its node worker-1 does not answer")
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        looked(watch, Heard(), lambda: watch.parts() == (told,))
        cluster.put(NODES, node(ready=True))
        looked(watch, Heard(), lambda: watch.parts() != (told,))
        monkeypatch.setattr(watch_nodes, "_PATIENCE", 0.0)
        cluster.put(NODES, node(ready=False))
        with pytest.raises(StepFailedError, match="node worker-1 does not answer; on it: scheduler"):
            looked(watch, Heard(), lambda: False)
        # What is ready answers, whatever is said of its node.
        cluster.put(PODS, placed(ready=True))
        asked = len(cluster.asked)
        looked(watch, Heard(), lambda: len(cluster.asked) > asked + 6)
        assert watch.parts() == (("scheduler", "ok", "ready"),)
        cluster.refused[NODES] = (403, "Forbidden", "nodes is forbidden")
        cluster.put(PODS, placed(ready=False))
        asked = len(cluster.asked)
        looked(watch, Heard(), lambda: len(cluster.asked) > asked + 6)


def test_a_container_that_cannot_be_started_again_gets_its_time_from_then_on(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    stuck = container(state=waiting("RunContainerError", "error mounting"), lastState=terminated(0, "Completed"))
    cluster.put(PODS, pod(stuck, age=600, now=time.time()))
    with closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch:
        watch.check(Heard().context())
        assert watch.parts()[0][1] == "failed"
        cluster.put(PODS, pod(now=time.time()))
        watch.check(Heard().context())
        assert watch.parts() == (("scheduler", "ok", "ready"),)
    cluster.put(PODS, pod(container(state=waiting("RunContainerError", "error mounting")), age=600, now=time.time()))
    with (
        closing(PodWatch(release_in(tmp_path, "scheduler"))) as watch,
        pytest.raises(StepFailedError, match="scheduler cannot start: RunContainerError: error mounting"),
    ):
        watch.check(Heard().context())
