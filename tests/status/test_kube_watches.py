from __future__ import annotations

from typing import Any

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.status.kube_usage import PodUsages, usages
from airflow_wizard.status.kube_watches import MOST, Events, ReleaseWatches
from tests.engines.fake_kube import FakeCluster, made
from tests.status.kube_values import RELEASE


def event(number: int, name: str = "demo-scheduler-1", about: str = "") -> dict[str, Any]:
    return {
        "metadata": {"uid": f"event-{number}"},
        "involvedObject": {"kind": "Pod", "name": name, "uid": about},
        "lastTimestamp": f"2026-11-25T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "reason": "BackOff",
        "count": number,
    }


def test_events_of_others_are_not_kept_and_of_ours_the_newest_few_thousand() -> None:
    events = Events("demo", lambda uid: uid == "task-pod")
    assert events.take(event(1, "demo2-scheduler")) is None
    assert events.take(event(2, "smoke-hello", "task-pod")) == 2
    assert events.all()[0].name == "smoke-hello"
    for number in range(3, MOST + 10):
        assert events.take(event(number)) == number
    kept = events.all()
    assert len(kept) == MOST
    assert [e.time for e in kept] == sorted(e.time for e in kept)
    assert kept[-1].uid == f"event-{MOST + 9}"
    # One that happens again is the same one.
    events.take(event(MOST + 9) | {"count": 99_999})
    assert events.all()[-1].count == 99_999


def test_an_event_that_is_heard_of_before_its_pod_is_not_lost() -> None:
    known: set[str] = set()
    events = Events("demo", known.__contains__)
    assert events.take(event(1, "smoke-hello", "task-pod")) is None
    assert events.all() == ()
    known.add("task-pod")
    assert [e.name for e in events.all()] == ["smoke-hello"]


def test_one_look_asks_for_each_kind_and_says_what_may_not_be_seen() -> None:
    cluster = FakeCluster()
    watches = ReleaseWatches(cluster.api, RELEASE, lambda: None)
    watches.look()
    asked = [(path.rpartition("/")[2], query.get("labelSelector", "")) for path, query in cluster.asked]
    assert sorted(asked) == [
        ("deployments", ""), ("events", ""), ("jobs", ""), ("nodes", ""), ("persistentvolumeclaims", ""),
        ("pods", "app.kubernetes.io/instance=demo"), ("pods", "release=demo"), ("services", ""), ("statefulsets", ""),
    ]  # fmt: skip
    assert watches.whole
    assert not watches.refused
    refusing = FakeCluster()
    refusing.pages = [ApiRefusedError(403, "Forbidden", "you may not") for _ in range(9)]
    watches = ReleaseWatches(refusing.api, RELEASE, lambda: None)
    watches.look()
    assert watches.refused == "pods, jobs, events, deployments may not be seen: you may not"


def test_a_pod_with_both_labels_is_one() -> None:
    cluster = FakeCluster()
    both = {"metadata": {"resourceVersion": "1"}, "items": [made("a", 1)]}
    cluster.pages = [both, both]
    watches = ReleaseWatches(cluster.api, RELEASE, lambda: None)
    for watch in watches.pods:
        watch.look()
    assert [pod.name for pod in watches.all_pods()] == ["a"]


def test_figures_are_those_of_all_containers_and_none_without_a_metrics_api() -> None:
    item = {
        "metadata": {"name": "p"},
        "containers": [{"usage": {"cpu": "250m", "memory": "1Mi"}}, {"usage": {"cpu": "5n", "memory": "1024Ki"}}],
    }
    (found,) = usages([item]).values()
    assert (round(found.cpu, 3), found.memory) == (0.25, 2 << 20)

    class Without(FakeCluster):
        def items(self, path: str, **query: str) -> list[object]:
            self.asked.append((path, query))
            raise ApiRefusedError(404, "NotFound", "the server could not find the requested resource")

    without = Without()
    assert PodUsages(without.api, RELEASE, lambda: None).look(patient=True) == {}
    assert len(without.asked) == 1
