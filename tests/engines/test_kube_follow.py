"""Logs of pods over restarts, cut connections and removals: nothing twice, nothing left out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from airflow_wizard.engines.container_frames import Mark
from airflow_wizard.engines.kube_follow import PodFollowing
from airflow_wizard.engines.kube_logs import LogSource, log_path, read_tail
from airflow_wizard.engines.kube_pods import Part, Pod, PodContainer
from airflow_wizard.engines.kube_runs import known, runs
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.workflows.log_boundaries import words
from tests.engines.fake_kube import FakeCluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_wizard.engines.kube_watch import KubeWatch

BASE = 1_795_626_000  # 2026-11-25T17:00:00Z


def stamped(second: int, text: str) -> bytes:
    return f"2026-11-25T17:{second // 60:02}:{second % 60:02}.123456789Z {text}\n".encode()


def container(run: str, **more: object) -> PodContainer:
    values: dict[str, object] = {
        "name": "scheduler",
        "part": Part.MAIN,
        "state": "running",
        "since": float(BASE),
        "run": run,
    }
    return PodContainer(**(values | more))  # type: ignore[arg-type]


def pod(*containers: PodContainer) -> Pod:
    return Pod("demo-scheduler-1", "uid-1", "scheduler", phase="Running", containers=containers)


class Pods:
    """What a watch would tell."""

    problem = None
    listed = True

    def __init__(self) -> None:
        self.changes = 0
        self._pods: tuple[Pod, ...] = ()
        self._came: Callable[[], None] = lambda: None

    def tell(self, came: Callable[[], None]) -> None:
        self._came = came

    def start(self) -> None:
        return

    def close(self) -> None:
        return

    def all(self) -> tuple[Pod, ...]:
        return self._pods

    def are(self, *pods: Pod) -> None:
        self._pods = pods
        self.changes += 1
        self._came()


class Story:
    """A cluster with one pod, and its log as it is followed."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.pods = Pods()
        self.lines: list[LogLine] = []
        self.following = PodFollowing(
            self.cluster.api,
            "demo",
            [cast("KubeWatch[Pod]", self.pods)],
            lambda pods: {p.uid: "scheduler" for p in pods},
            None,
            {},
            lambda unit, what, code, oom: words(unit, what, code, oom=oom or None),
        )

    def writes(self, *parts: bytes | Exception | None, previous: bool = False) -> None:
        self.cluster.logs.setdefault(("scheduler", previous), []).extend(parts)
        self.cluster.news.set()

    def until(self, *texts: str) -> None:
        end = time.monotonic() + 8.0
        while [line.text for line in self.lines] != list(texts):
            assert time.monotonic() < end, [line.text for line in self.lines]
            self.lines += self.following.take(0.05)


@pytest.fixture
def story() -> Iterator[Story]:
    found = Story()
    yield found
    found.following.close()
    found.cluster.news.set()


def test_a_connection_that_is_cut_is_opened_again_and_goes_on_where_it_was(story: Story) -> None:
    story.pods.are(pod(container("run-1")))
    story.writes(stamped(1, "one"), stamped(2, "two"))
    story.until("one", "two")
    story.writes(OSError("connection reset"))
    story.writes(stamped(2, "two again, at the same moment"), stamped(3, "three"))
    story.until("one", "two", "two again, at the same moment", "three")
    followed = [query for _, query in story.cluster.asked if query.get("follow")]
    assert followed[-1]["sinceTime"] == "2026-11-25T17:00:02Z"


def test_a_restart_is_a_boundary_between_the_last_line_and_the_first(story: Story) -> None:
    story.pods.are(pod(container("run-1")))
    story.writes(stamped(1, "one"))
    story.until("one")
    story.writes(stamped(2, "last words"), None)
    story.cluster.logs["scheduler", True] = list(story.cluster.logs["scheduler", False][:2])
    story.until("one", "last words")
    story.cluster.logs["scheduler", False] = [stamped(5, "more")]
    # The cluster tells starts to the second: earlier than the end of the run before.
    again = container("run-2", since=BASE + 2.0, restarts=1, last_code=1, last_reason="Error", last_ended=BASE + 2.0)
    story.pods.are(pod(again))
    story.until("one", "last words", "scheduler started again, the last run ended with exit 1", "more")


def test_what_a_run_wrote_while_the_way_was_cut_is_read_of_the_run_before(story: Story) -> None:
    story.pods.are(pod(container("run-1")))
    story.writes(stamped(1, "one"))
    story.until("one")
    story.cluster.away = True
    story.writes(OSError("reset"))
    for _ in range(5):
        story.following.take(0.02)
    story.cluster.logs["scheduler", True] = [stamped(1, "one"), stamped(2, "unheard")]
    story.cluster.logs["scheduler", False] = [stamped(9, "new")]
    story.cluster.away = False
    story.pods.are(pod(container("run-2", since=BASE + 8.0, restarts=1, last_code=137, last_reason="OOMKilled")))
    story.until("one", "unheard", "scheduler started again, the last run ran out of memory and was killed", "new")
    assert [line.kind for line in story.lines] == ["", "", BOUNDARY, ""]
    times = [line.time or 0.0 for line in story.lines]
    assert times == sorted(times)


def test_the_end_of_a_job_is_said_once_and_its_lines_stay(story: Story) -> None:
    story.pods.are(pod(container("run-1")))
    story.writes(stamped(1, "migrating"), None)
    story.until("migrating")
    over = pod(container("run-1", state="terminated", exit_code=0, since=BASE + 3.0))
    story.pods.are(replace(over, phase="Succeeded"))
    story.until("migrating", "scheduler ended with exit 0")
    story.pods.are()
    for _ in range(3):
        story.lines += story.following.take(0.02)
    story.until("migrating", "scheduler ended with exit 0")


def test_a_pod_that_was_over_before_it_was_seen_is_read_whole(story: Story) -> None:
    story.writes(stamped(1, "task"))
    story.pods.are(pod(container("run-1", state="terminated", exit_code=1, since=BASE + 2.0)))
    story.until("task", "scheduler ended with exit 1")


def test_a_pod_that_is_removed_says_so(story: Story) -> None:
    story.pods.are(pod(container("run-1")))
    story.writes(stamped(1, "one"), None)
    story.until("one")
    story.pods.are()
    story.until("one", "scheduler was removed")


def test_the_tail_of_several_logs_is_merged_and_says_where_each_ended() -> None:
    cluster = FakeCluster()
    cluster.logs = {
        ("a", False): [stamped(1, "a1"), stamped(3, "a3")],
        ("b", False): [b"unable to retrieve container logs for x\n", stamped(2, "b2")],
    }
    sources = [LogSource(log_path("demo", "pod"), name, name) for name in ("a", "b", "gone")]
    lines, marks = read_tail(cluster.api, sources, 10)
    assert [(line.unit, line.text) for line in lines] == [("a", "a1"), ("b", "b2"), ("a", "a3")]
    assert [mark.stamp[17:19] for mark in marks.values()] == ["03", "02", ""]
    assert marks[sources[2]] == Mark()
    assert [line.text for line in read_tail(cluster.api, sources, 1)[0]] == ["a3"]
    since = read_tail(cluster.api, sources, 10, since=BASE + 2.0, until=BASE + 3.0)[0]
    assert [line.text for line in since] == ["b2"]


def test_units_are_components_pods_and_containers() -> None:
    one = pod(container("r"), container("s", name="git-sync", part=Part.SIDECAR))
    task = Pod("smoke-x", "uid-2", "worker", task="smoke.x", containers=(container("t", name="base"),))
    names = {"uid-1": "scheduler-abcde", "uid-2": "smoke.x-1"}
    assert known([one, task], names) == ["scheduler", "scheduler-abcde", "scheduler-abcde/git-sync", "smoke.x-1"]

    def chosen(*units: str) -> list[str]:
        return [run.unit for run in runs([one, task], names, units or None)]

    assert chosen() == ["scheduler-abcde", "scheduler-abcde/git-sync", "smoke.x-1"]
    assert chosen("scheduler") == ["scheduler-abcde", "scheduler-abcde/git-sync"]
    assert chosen("scheduler-abcde/git-sync") == ["scheduler-abcde/git-sync"]
    assert chosen("smoke.x-1") == ["smoke.x-1"]
    assert runs([pod(container(""))], names, None) == []
