"""A Compose stack whose engine is away: what is known of it comes from its files, and nothing else is shown."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

import pytest

from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.log_line import LogLine
from airflow_wizard.run import registry
from airflow_wizard.status.snapshot import StackState, UnitState
from airflow_wizard.workflows import compose_logs, logs, places, planning, profiles, watching
from tests.workflows.made_stack import FACTS

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.run.registry import StackRecord


def made(folder: Path, profile: str, *sets: str) -> StackRecord:
    """A stack as a launch leaves it on disk."""
    request = planning.make_request(profiles.load(profile, sets=list(sets)), FACTS, name="demo", folder=folder)
    for artifact in planning.make_plan(request).artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    given = {k: v for k, v in request.answers.values.items() if k != "database_password"}
    return registry.remember("demo", "compose", folder, "http://127.0.0.1:8080", "3.3.2", given)


@pytest.fixture(autouse=True)
def away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """No engine answers."""
    address = f"unix://{tmp_path}/no.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    return address


def test_what_cannot_be_seen_is_unknown(tmp_path: Path, away: str) -> None:
    stack = made(tmp_path / "demo", "laptop-lite")
    seen = watching.snapshot(stack)
    assert (seen.state, seen.reachable, seen.airflow) == (StackState.UNKNOWN, False, None)
    assert away in seen.error
    assert [u.id for u in seen.units] == [
        "postgres",
        "airflow-apiserver",
        "airflow-scheduler",
        "airflow-dag-processor",
        "airflow-triggerer",
    ]
    assert {u.state for u in seen.units} == {UnitState.UNKNOWN}


def test_logs_say_that_the_engine_is_away(tmp_path: Path, away: str) -> None:
    stack = made(tmp_path / "demo", "laptop-lite")
    with pytest.raises(EngineUnreachableError) as caught:
        logs.read_logs(stack)
    assert away in caught.value.what
    with pytest.raises(EngineUnreachableError):
        logs.follow_logs(stack, cancel=threading.Event())


def test_a_watch_can_be_left_at_once(tmp_path: Path) -> None:
    threads = threading.active_count()
    with watching.Watcher(made(tmp_path / "demo", "laptop-lite")) as watcher:
        watcher.wake()
        assert watcher.wait(60.0)
        assert not watcher.tells
    for thread in threading.enumerate():
        if thread.name == "events":
            thread.join(10.0)
    assert threading.active_count() == threads


def test_the_file_says_what_should_run(tmp_path: Path) -> None:
    place = places.place_of(made(tmp_path / "demo", "laptop-celery", "workers=3"))
    assert place.project == "airflow-demo"
    assert place.order[:4] == ("postgres", "redis", "airflow-init", "airflow-apiserver")
    assert place.once == "airflow-init"
    assert place.replicas == {"airflow-worker": 3}
    assert "airflow-worker" in place.expected


class Interrupted:
    """A log whose engine goes away and comes back."""

    past: ClassVar = [LogLine(1.0, "postgres", "before")]
    skipped = 0

    def __init__(self, *_: object) -> None:
        away = EngineUnreachableError("away", next="docker info")
        self.states: list[tuple[EngineUnreachableError | None, list[LogLine]]] = [
            (away, []),
            (away, []),
            (None, [LogLine(2.0, "postgres", "after")]),
        ]
        self.problem: EngineUnreachableError | None = None
        self.closed = False

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        del seconds, most
        self.problem, lines = self.states.pop(0)
        return lines

    def close(self) -> None:
        self.closed = True


def test_following_says_that_the_engine_is_away_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Interrupted()
    monkeypatch.setattr(compose_logs, "ComposeLog", lambda *_: log)
    told: list[str] = []
    stack, cancel = made(tmp_path / "demo", "laptop-lite"), threading.Event()
    batches = logs.follow_logs(
        stack, since=0.0, cancel=cancel, trouble=lambda error: told.append(error.what if error else "back")
    )
    assert [line.text for line in next(batches)] == ["before"]
    assert [line.text for line in next(batches)] == ["after"]
    assert told == ["away"]
    cancel.set()
    assert list(batches) == []
    assert log.closed
