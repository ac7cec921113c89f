"""A stack in containers is watched on a real engine: what dies is seen at once, and no line of a log is lost."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import EngineUnreachableError, UsageError
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.status.compose_feed import ComposeFeed
from airflow_wizard.status.snapshot import Health, StackState, UnitState
from airflow_wizard.workflows import compose_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airflow_wizard.status.place import Place
    from airflow_wizard.status.snapshot import Snapshot, Unit
    from tests.e2e.compose.engine import ComposeWizard, Engine
    from tests.e2e.compose.project import Project

pytestmark = pytest.mark.e2e

SECONDS = 60.0
# Every line is another one, whoever wrote it and how often it was started.
TALKS = "trap 'exit 3' TERM; while :; do echo $EPOCHREALTIME; sleep 0.02; done"
WAITS = "trap 'exit 3' TERM; while :; do sleep 0.1; done"
NOWHERE = "unix:///nowhere/docker.sock"


@contextmanager
def followed(
    place: Place, *, units: Sequence[str] | None = None, since: float | None = None
) -> Iterator[list[LogLine]]:
    """What following gives while the test does something else, boundaries included."""
    cancel, found = threading.Event(), list[LogLine]()
    log = compose_logs.ComposeLog(place, units, since, 0 if since is None else 10_000)
    found += log.past

    def take() -> None:
        while not cancel.is_set():
            found.extend(log.take(0.2))

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield found
    finally:
        cancel.set()
        thread.join(SECONDS)
        log.close()
        assert not thread.is_alive()


def written(lines: list[LogLine]) -> list[str]:
    """What the containers themselves wrote."""
    return [line.text for line in lines if not line.kind]


def told(lines: list[LogLine]) -> list[str]:
    """What was told of their runs."""
    return [line.text for line in lines if line.kind == BOUNDARY]


def open_files() -> int:
    """Files and connections of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


def lose_connections() -> None:
    """Breaks every connection of this process to an engine, as a restarted daemon does."""
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(path.name))) as one:
            if one.family == socket.AF_UNIX and "docker" in str(one.getpeername()):
                one.shutdown(socket.SHUT_RDWR)


def until(there: Callable[[], bool], what: str) -> None:
    """Look again and again until it is so."""
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, f"{what}: not within {SECONDS:.0f} s"
        time.sleep(0.01)


def in_time(lines: Sequence[LogLine]) -> list[float]:
    """When each line came, at the latest: a container's lines stay in their order, whatever its stamps."""
    seen: dict[str, float] = {}
    found = []
    for line in lines:
        seen[line.unit] = max(seen.get(line.unit, 0.0), line.time or 0.0)
        found.append(seen[line.unit])
    return found


def unit(picture: Snapshot, name: str) -> Unit:
    return next(u for u in picture.units if u.id == name)


def test_following_goes_on_over_a_restart_and_a_replacement(engine: Engine, project: Project) -> None:
    first = project.start("talker", TALKS)
    until(lambda: len(project.written(first)) > 5, "it talks")
    with followed(project.place("talker"), since=0.0) as found:
        until(lambda: len(found) > 50, "lines come")
        project.end(first)
        until(lambda: engine.names("inspect", "--format", "{{.RestartCount}}", first) == ["1"], "it is started again")
        after_restart = project.written(first)[-1]
        until(lambda: written(found)[-1] > after_restart, "lines of the second run come")
        assert told(found) == ["talker ended with exit 3", "talker started again, the last run ended with exit 3"]
        at = [place for place, line in enumerate(found) if line.kind]
        assert at[1] == at[0] + 1
        # Exactly between the runs: the pause of the engine is longer than any between two lines.
        pauses = [float(b.text) - float(a.text) for a, b in pairwise(line for line in found if not line.kind)]
        assert pauses.index(max(pauses)) == at[0] - 1
        engine.names("stop", "--time", "5", first)
        whole = project.written(first)
        until(lambda: written(found)[-1] == whole[-1], "the last line comes")
        assert written(found) == whole
        engine.names("rm", first)
        second = project.start("talker", TALKS)
        until(lambda: written(found)[-1] > whole[-1], "lines of the new container come")
        engine.names("stop", "--time", "5", second)
        rest = project.written(second)
        until(lambda: written(found)[-1] == rest[-1], "its last line comes")
        assert written(found)[len(whole) :] == rest
        until(lambda: len(told(found)) == 5, "its end is told")
    assert told(found)[2:] == ["talker ended with exit 3", "talker was removed", "talker ended with exit 3"]
    assert {line.unit for line in found} == {"talker"}
    assert in_time(found) == sorted(in_time(found))


def test_what_was_missed_while_the_connection_was_lost_comes_once(project: Project) -> None:
    container = project.start("talker", TALKS)
    with followed(project.place("talker")) as found:
        until(lambda: len(found) > 20, "lines come")
        for _ in range(3):
            lose_connections()
            count = len(found)
            until(lambda count=count: len(found) > count + 40, "lines come again")  # type: ignore[misc]
    lines = project.written(container)
    assert written(found) == lines[lines.index(found[0].text) :][: len(found)]


def test_following_is_left_with_nothing_behind(project: Project) -> None:
    project.start("talker", TALKS)
    threads, files = threading.active_count(), open_files()
    with followed(project.place("talker")) as found:
        until(lambda: len(found) > 5, "lines come")
    until(lambda: threading.active_count() == threads, "its threads end")
    assert open_files() <= files


def test_lines_of_several_are_merged_by_their_time(project: Project) -> None:
    one = project.start("worker", f"echo begin; {TALKS}", number=1)
    two = project.start("worker", f"printf '\\033[31mERROR\\n' >&2; {TALKS}", number=2)
    project.start("other", WAITS)
    until(lambda: min(len(project.written(one)), len(project.written(two))) > 20, "they talk")
    place = project.place("worker", "other")

    def read(**more: object) -> list[LogLine]:
        return compose_logs.read(place, **({"tail": 10_000} | more))  # type: ignore[arg-type]

    lines = read()
    assert {line.unit for line in lines} == {"worker-1", "worker-2"}
    moments = in_time(lines)
    assert moments == sorted(moments)
    assert len(read(tail=7)) == 7
    middle = lines[len(lines) // 2]
    assert read(since=middle.time)[0] == middle
    assert {line.unit for line in read(units=["worker-2"])} == {"worker-2"}
    assert {line.unit for line in read(units=["worker"])} == {"worker-1", "worker-2"}
    assert read(units=["other"]) == []
    assert read(until=middle.time, tail=1) == [middle]
    only = read(wanted=lambda line: line if "ERROR" in line.text else None, tail=5)
    assert [(line.unit, line.text) for line in only] == [("worker-2", "\x1b[31mERROR")]
    with pytest.raises(UsageError) as caught:
        read(units=["wroker"])
    assert "worker-1" in caught.value.next


def test_a_death_is_seen_within_a_second_and_so_is_the_return(project: Project) -> None:
    container = project.start("airflow-scheduler", WAITS)
    project.start("postgres", WAITS)
    threads, files = threading.active_count(), open_files()
    feed = ComposeFeed(project.place("postgres", "airflow-scheduler"), patient=True)
    before = feed.snapshot()
    assert [(u.id, u.state, u.restarts) for u in before.units] == [
        ("postgres", UnitState.RUNNING, 0),
        ("airflow-scheduler", UnitState.RUNNING, 0),
    ]
    assert all(u.memory and u.processes for u in before.units)
    # A second look follows its own wake; from then on the engine tells.
    while feed.wait(1.0):
        feed.snapshot()
    killer = threading.Thread(target=project.end, args=(container,))
    killer.start()
    death = back = None
    while back is None:
        assert feed.wait(SECONDS), "nothing was told"
        picture, now = feed.snapshot(), time.time()
        scheduler = unit(picture, "airflow-scheduler")
        told = {text: at for at, name, text in picture.events if name == "airflow-scheduler"}
        if death is None and "died, exit 3" in told:
            death = now - told["died, exit 3"]
            assert scheduler.state is not UnitState.RUNNING or scheduler.restarts == 1
        if scheduler.restarts == 1 and scheduler.state is UnitState.RUNNING:
            started = max(at for at, name, text in picture.events if (name, text) == ("airflow-scheduler", "started"))
            back = now - started
            assert scheduler.pid != unit(before, "airflow-scheduler").pid
    killer.join()
    assert death is not None
    assert 0 <= death < 1.0
    assert back < 1.0
    feed.close()
    until(lambda: threading.active_count() == threads, "its threads end")
    assert open_files() <= files


def test_an_engine_that_is_away_shows_nothing_and_is_seen_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.start("postgres", WAITS)
    place = project.place("postgres")
    feed = ComposeFeed(place, patient=True)
    assert unit(feed.snapshot(), "postgres").state is UnitState.RUNNING
    feed.close()
    with monkeypatch.context() as away:
        away.setenv("DOCKER_HOST", NOWHERE)
        gone = feed.snapshot()
        assert (gone.state, gone.reachable) == (StackState.UNKNOWN, False)
        assert NOWHERE in gone.error
        assert (unit(gone, "postgres").state, unit(gone, "postgres").health) == (UnitState.UNKNOWN, Health.UNKNOWN)
        with pytest.raises(EngineUnreachableError):
            compose_logs.read(place, tail=5)
        with pytest.raises(EngineUnreachableError):
            compose_logs.ComposeLog(place, None, None, 5)
    assert unit(feed.snapshot(), "postgres").state is UnitState.RUNNING
    feed.close()


def said(wizard: ComposeWizard, *words: str) -> list[str]:
    """Lines of ``logs``; Airflow may have written a traceback of its own."""
    with wizard.start("logs", wizard.name, *words) as process:
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    return out.splitlines()


@pytest.mark.timeout(400)
def test_a_running_airflow_is_watched(engine: Engine, wizard: ComposeWizard) -> None:
    launched = wizard.run(*wizard.up())
    assert launched.code == 0, launched.err
    name, scheduler = wizard.name, f"{wizard.name}-airflow-scheduler-1"

    shown = wizard.run("status", name, "--json")
    picture = shown.json()
    assert (shown.code, picture["state"], picture["error"]) == (0, "running", "")
    rows = {u["id"]: u for u in picture["units"]}
    assert list(rows) == [
        "postgres",
        "airflow-init",
        "airflow-apiserver",
        "airflow-scheduler",
        "airflow-dag-processor",
        "airflow-triggerer",
    ]
    assert (rows["airflow-init"]["state"], rows["airflow-init"]["exit_code"]) == ("done", 0)
    running = [row for row in rows.values() if row["role"] != "init"]
    assert {(row["state"], row["health"]) for row in running} == {("running", "healthy")}
    assert all(row["memory"] > 1_000_000 and row["cpu"] is not None for row in running)
    assert all(rows[f"airflow-{part}"]["heartbeat_age"] < 60 for part in ("scheduler", "dag-processor", "triggerer"))
    assert {part["status"] for part in picture["airflow"].values()} == {"healthy"}

    lines = [json.loads(line) for line in said(wizard, "--unit", "airflow-scheduler", "--json", "--tail", "5")]
    assert {line["unit"] for line in lines} == {"airflow-scheduler"}
    assert all(line["time"] for line in lines)
    password = wizard.run("credentials", name, "--json").json()["password"]
    everything = said(wizard, "--tail", "10000")
    assert len(everything) > 50
    assert not [line for line in everything if password in line or "\x1b" in line]
    assert wizard.run("logs", name, "--unit", "scheduler").code == 2

    with wizard.start("status", name, "--watch", "--json") as watch:
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline())["state"] in {"running", "unknown"}
        engine.docker("exec", "--user", "0", scheduler, "bash", "-c", "kill -KILL -1")
        states, late = set(), list[float]()
        for line in watch.stdout:
            seen = json.loads(line)
            ends = [e for e in seen["events"] if e["unit"] == "airflow-scheduler" and re.match("died|ended", e["text"])]
            late += [seen["taken"] - event["time"] for event in ends]
            one = next(u for u in seen["units"] if u["id"] == "airflow-scheduler")
            states.add(seen["state"])
            if one["restarts"] == 1 and one["health"] == "healthy":
                break
        watch.terminate()
    assert {"starting", "degraded"} & states
    assert len(ends) == 1
    assert late[0] < 1.0, "a death is seen within a second"

    with pytest.MonkeyPatch.context() as away:
        away.setenv("DOCKER_HOST", NOWHERE)
        unseen = wizard.run("status", name)
        assert unseen.code == 4
        assert "unknown" in unseen.out
        assert wizard.run("logs", name).code == 4
