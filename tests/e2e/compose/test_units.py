"""What the engine does to single containers, as a snapshot says it; and what a snapshot costs."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines.docker_endpoint import DockerEndpoint
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import ActOnService, Containers, UnitVerb
from airflow_wizard.status.compose_feed import ComposeFeed
from airflow_wizard.status.rows import Mood, mood
from airflow_wizard.status.snapshot import Health, StackState, UnitState
from tests.e2e.compose.proxy import EngineProxy
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow_wizard.status.snapshot import Snapshot, Unit
    from tests.e2e.compose.engine import Engine
    from tests.e2e.compose.project import Project

pytestmark = pytest.mark.e2e

SECONDS = 60.0
WAITS = "trap 'exit 3' TERM; while :; do sleep 0.1; done"
# A child that takes more than the limit, while the first process waits for it and goes on.
LOSES = "sleep 1; (x=$(head -c 100M /dev/zero | tr '\\0' a)); while :; do sleep 0.1; done"
SMALL = ("--memory", "24m", "--memory-swap", "24m")


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineProxy]:
    """The wizard's way to the engine, which can be shut; the test's own commands take another."""
    with EngineProxy(tmp_path / "docker.sock") as one:
        where = DockerEndpoint(one.host, "", "default")
        monkeypatch.setattr("airflow_wizard.engines.containers.endpoint", lambda *_: where)
        yield one


def unit(picture: Snapshot, name: str) -> Unit:
    return next(u for u in picture.units if u.id == name)


def until(feed: ComposeFeed, there: Callable[[Snapshot], bool]) -> Snapshot:
    """Look as a dashboard does, until it is so."""
    end = time.monotonic() + SECONDS
    while True:
        picture = feed.snapshot()
        if there(picture):
            return picture
        assert time.monotonic() < end, picture.to_json()
        feed.wait(1.0)


def test_a_process_lost_for_memory_is_not_taken_for_an_end(project: Project) -> None:
    project.start("airflow-worker", LOSES, more=SMALL)
    feed = ComposeFeed(project.place("airflow-worker"))
    picture = until(feed, lambda seen: bool(unit(seen, "airflow-worker").reason))
    worker = unit(picture, "airflow-worker")
    feed.close()
    assert (worker.state, worker.restarts, mood(worker)) == (UnitState.RUNNING, 0, Mood.WARN)
    assert worker.reason.startswith("a process in it was killed for memory (limit 24 MB)")
    assert worker.memory_limit == 24 << 20
    assert "ran out of memory" in [text for _, name, text in picture.events if name == "airflow-worker"]


def test_paused_and_going_on(engine: Engine, project: Project) -> None:
    container = project.start("airflow-scheduler", WAITS)
    feed = ComposeFeed(project.place("airflow-scheduler"))
    until(feed, lambda seen: unit(seen, "airflow-scheduler").state is UnitState.RUNNING)
    while feed.wait(1.0):
        feed.snapshot()
    engine.docker("pause", container)
    picture = until(feed, lambda seen: unit(seen, "airflow-scheduler").state is UnitState.PAUSED)
    paused = unit(picture, "airflow-scheduler")
    assert (paused.health, picture.state) == (Health.UNHEALTHY, StackState.DEGRADED)
    assert paused.since is not None
    assert abs(paused.since - time.time()) < SECONDS
    engine.docker("unpause", container)
    until(feed, lambda seen: unit(seen, "airflow-scheduler").state is UnitState.RUNNING)
    feed.close()


# docker-py leaves the socket of a connection that was refused to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_rows_stay_while_the_engine_is_away_and_all_is_looked_at_again_afterwards(
    engine: Engine, project: Project, proxy: EngineProxy
) -> None:
    gone, stays = project.start("redis", WAITS), project.start("postgres", WAITS)
    feed = ComposeFeed(project.place("postgres", "redis"))
    until(feed, lambda seen: all(u.state is UnitState.RUNNING for u in seen.units))
    while feed.wait(1.0):
        feed.snapshot()
    before = until(feed, lambda _: feed.tells)
    proxy.shut()
    away = until(feed, lambda seen: not seen.reachable)
    assert [(u.id, u.state, u.stale, u.was) for u in away.units] == [
        ("postgres", UnitState.UNKNOWN, True, "running"),
        ("redis", UnitState.UNKNOWN, True, "running"),
    ]
    assert away.state is StackState.UNKNOWN
    assert away.seen is not None
    assert before.taken <= away.seen < away.taken
    assert away.retry_at is not None
    assert 0 < away.retry_at - away.taken <= 2.5
    # What happens meanwhile is told by nobody.
    engine.names("rm", "--force", gone)
    engine.names("restart", "--time", "1", stays)
    proxy.open()
    opened = time.monotonic()
    back = until(feed, lambda seen: seen.reachable and feed.tells)
    assert time.monotonic() - opened < 6.0
    feed.close()
    assert (back.seen, back.retry_at) == (None, None)
    assert unit(back, "postgres").since != unit(before, "postgres").since
    assert unit(back, "redis").reason.startswith("has no container")
    gc.collect()


def test_one_change_costs_one_question_and_an_idle_look_few(project: Project, proxy: EngineProxy) -> None:
    ids = [project.start("airflow-worker", WAITS, number=n) for n in range(1, 9)]
    feed = ComposeFeed(project.place("airflow-worker"))
    until(feed, lambda seen: sum(u.state is UnitState.RUNNING for u in seen.units) == len(ids))
    while feed.wait(1.0):
        feed.snapshot()
    until(feed, lambda _: feed.tells)
    feed.snapshot()
    # Right after a list, a pause is asked for by its container alone.
    asked = len(proxy.asked)
    project.engine.docker("pause", ids[0])
    until(feed, lambda seen: unit(seen, "airflow-worker-1").state is UnitState.PAUSED)
    change = proxy.asked[asked:]
    assert len(change) == 1, change
    assert change[0].endswith(f"/containers/{ids[0]}/json")
    project.engine.docker("unpause", ids[0])
    until(feed, lambda seen: unit(seen, "airflow-worker-1").state is UnitState.RUNNING)
    asked, began = len(proxy.asked), time.monotonic()
    while time.monotonic() - began < 12.0:
        feed.wait(4.0)
        feed.snapshot()
    assert (len(proxy.asked) - asked) / (time.monotonic() - began) <= 1.0, proxy.asked[asked:]
    feed.close()


@pytest.mark.parametrize("number", [0, 2])
def test_one_service_or_one_of_its_containers_is_stopped_and_started(project: Project, number: int) -> None:
    for n in (1, 2):
        project.start("airflow-worker", WAITS, number=n)
    other = project.start("postgres", WAITS)
    runtime = Containers("/nowhere", project.name, ("airflow-worker", "postgres"), (("airflow-worker", 2),))
    names = [f"{project.name}-airflow-worker-{n}" for n in ((number,) if number else (1, 2))]

    def act(verb: UnitVerb) -> ActOnService:
        return ActOnService(runtime, "airflow-worker", verb, number)

    def running() -> set[str]:
        words = ("ps", "--format", "{{.Names}}", "--filter", f"label=com.docker.compose.project={project.name}")
        return set(project.engine.names(*words))

    everything, heard = running(), Heard()
    assert heard.done(act("stop")) == ""
    heard.do(act("stop"))
    assert running() == everything - set(names)
    assert heard.commands == [f"docker stop {' '.join(names)}", "exit 0"]
    assert heard.done(act("stop")) == "it does not run"
    heard.do(act("start"))
    heard.do(act("restart"))
    assert running() == everything
    assert project.engine.names("inspect", "--format", "{{.RestartCount}}", other) == ["0"]
    with pytest.raises(StepFailedError, match="flower has no container"):
        heard.do(ActOnService(runtime, "flower", "start"))
