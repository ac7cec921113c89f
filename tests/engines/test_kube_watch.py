from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from airflow_wizard.engines.kube_api import ApiRefusedError, NoClusterError
from airflow_wizard.engines.kube_watch import KubeWatch
from tests.engines.fake_kube import FakeCluster, Told, made

if TYPE_CHECKING:
    import queue
    from collections.abc import Callable, Iterator, Mapping


def name_of(found: Mapping[str, Any]) -> str | None:
    name: str = found["metadata"]["name"]
    return None if name.startswith("other") else f"{name}@{found['metadata']['resourceVersion']}"


class Seen:
    """A watch, and waiting for what it tells."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.told = threading.Condition()
        self.watch: KubeWatch[str] = KubeWatch(cluster.api, "/api/v1/pods", name_of, self._came, selector="release=x")

    def _came(self) -> None:
        with self.told:
            self.told.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self.told:
            assert self.told.wait_for(true, 5.0), (self.watch.all(), self.watch.problem, self.watch.refused)

    def has(self, *names: str) -> None:
        self.until(lambda: sorted(self.watch.all()) == sorted(names))

    def stream(self) -> queue.SimpleQueue[Told | Exception | None]:
        return self.cluster.watches.get(timeout=5.0)


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen(FakeCluster())
    yield found
    found.watch.close()


def page(*items: Told, version: int = 10, following: str = "") -> Told:
    return {"metadata": {"resourceVersion": str(version), "continue": following}, "items": list(items)}


def test_a_list_is_read_by_pages_and_then_only_changes_are_told(seen: Seen) -> None:
    seen.cluster.pages = [page(made("a", 1), made("other", 2), following="next"), page(made("b", 3))]
    seen.watch.start()
    stream = seen.stream()
    seen.has("a@1", "b@3")
    assert seen.watch.listed
    stream.put({"type": "MODIFIED", "object": made("a", 11)})
    stream.put({"type": "ADDED", "object": made("c", 12)})
    stream.put({"type": "DELETED", "object": made("b", 13)})
    seen.has("a@11", "c@12")
    (_, first), (_, second), (_, watch) = seen.cluster.asked
    assert (first["limit"], first["labelSelector"]) == ("100", "release=x")
    assert (second["limit"], second["continue"]) == ("250", "next")
    assert (watch["resourceVersion"], watch["allowWatchBookmarks"]) == ("10", "true")
    stream.put(None)


def test_it_goes_on_from_the_last_version_also_that_of_a_bookmark(seen: Seen) -> None:
    seen.watch.start()
    stream = seen.stream()
    stream.put({"type": "ADDED", "object": made("a", 20)})
    stream.put({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": "30"}}})
    stream.put(None)
    again = seen.stream()
    assert seen.cluster.asked[-1][1]["resourceVersion"] == "30"
    assert len([1 for _, query in seen.cluster.asked if "limit" in query]) == 1
    seen.has("a@20")
    again.put(None)


@pytest.mark.parametrize("in_stream", [True, False])
def test_a_version_that_is_too_old_is_listed_anew_and_what_is_gone_goes(seen: Seen, in_stream: bool) -> None:
    seen.cluster.pages = [page(made("a", 1), made("b", 2)), page(made("b", 2), version=50)]
    seen.watch.start()
    stream = seen.stream()
    seen.has("a@1", "b@2")
    told: Told | Exception = {"type": "ERROR", "object": {"code": 410, "reason": "Expired"}}
    stream.put(told if in_stream else ApiRefusedError(410, "Expired", "too old resource version"))
    again = seen.stream()
    seen.has("b@2")
    assert seen.cluster.asked[-1][1]["resourceVersion"] == "50"
    again.put(None)


def test_a_cluster_that_is_away_is_a_problem_until_it_answers(seen: Seen) -> None:
    seen.cluster.pages = [page(made("a", 1))]
    seen.watch.start()
    stream = seen.stream()
    seen.cluster.away = True
    stream.put(None)
    seen.until(lambda: seen.watch.problem is not None)
    assert seen.watch.all() == ("a@1",)
    seen.cluster.away = False
    # Nothing is told yet, but that it answers is enough.
    again = seen.stream()
    seen.until(lambda: seen.watch.problem is None)
    again.put(None)


def test_a_list_that_breaks_off_goes_on_where_it_was(seen: Seen) -> None:
    rest = page(made("b", 2), version=9)
    seen.cluster.pages = [page(made("a", 1), following="next"), NoClusterError("no answer within 15 s"), rest]
    seen.watch.start()
    stream = seen.stream()
    seen.has("a@1", "b@2")
    asked = [query.get("continue") for _, query in seen.cluster.asked if "limit" in query]
    assert asked == [None, "next", "next"]
    stream.put(None)


def test_what_may_not_be_seen_is_said_and_is_no_problem(seen: Seen) -> None:
    seen.cluster.pages = [ApiRefusedError(403, "Forbidden", "pods is forbidden")]
    seen.watch.start()
    seen.until(lambda: bool(seen.watch.refused))
    assert (seen.watch.refused, seen.watch.listed, seen.watch.problem) == ("pods is forbidden", True, None)


def test_once_is_enough_for_one_look(seen: Seen) -> None:
    seen.cluster.pages = [page(made("a", 1))]
    seen.watch.look()
    assert seen.watch.all() == ("a@1",)
    assert len(seen.cluster.asked) == 1


def test_a_change_that_shows_nothing_new_wakes_nobody(seen: Seen) -> None:
    seen.cluster.pages = [page(made("a", 1))]
    seen.watch.start()
    stream = seen.stream()
    seen.has("a@1")
    before = seen.watch.changes
    stream.put({"type": "MODIFIED", "object": made("a", 1)})
    stream.put({"type": "ADDED", "object": made("b", 2)})
    seen.has("a@1", "b@2")
    assert seen.watch.changes == before + 1
    stream.put(None)
