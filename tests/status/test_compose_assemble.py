from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.status.compose_assemble import assemble_project, current, front
from airflow_wizard.status.rows import Mood, mood
from airflow_wizard.status.rules import Answer, Heard
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from tests.status.compose_values import EXPECTED, INIT, NOW, ORDER, PLACE, container, heard, project


def unit(snapshot: Snapshot, name: str) -> Unit:
    return next(u for u in snapshot.units if u.id == name)


def one(*changed: object, **more: object) -> Snapshot:
    return assemble_project(project(*changed, **more))  # type: ignore[arg-type]


def test_all_is_well() -> None:
    picture = one()
    assert picture.state is StackState.RUNNING
    assert picture.reachable
    assert not picture.error
    assert [u.id for u in picture.units] == [s for s in ORDER if s not in ("airflow-cli", "flower")]
    roles = ["database", "broker", "init", "api", "scheduler", "dag-processor", "worker", "triggerer"]
    assert [u.role for u in picture.units] == roles
    init = unit(picture, "airflow-init")
    assert (init.state, init.health, init.exit_code, init.cpu) == (UnitState.DONE, Health.NONE, 0, None)
    scheduler = unit(picture, "airflow-scheduler")
    assert (scheduler.cpu, scheduler.memory, scheduler.processes, scheduler.pid) == (0.031, 160 << 20, 5, 101)
    assert scheduler.heartbeat_age == pytest.approx(2.0)
    assert scheduler.since == NOW - 300
    assert unit(picture, "airflow-worker").heartbeat_age is None


def test_an_engine_that_does_not_answer_shows_nothing_that_was_seen_before() -> None:
    picture = one(unseen="the Docker engine cannot be reached")
    assert picture.state is StackState.UNKNOWN
    assert not picture.reachable
    assert picture.to_json()["reachable"] is False
    assert picture.error == "the Docker engine cannot be reached"
    assert [u.id for u in picture.units] == list(EXPECTED)
    assert {(u.state, u.health, u.memory, u.pid) for u in picture.units} == {
        (UnitState.UNKNOWN, Health.UNKNOWN, None, None)
    }


def test_a_stopped_stack_shows_no_failures() -> None:
    ended = [
        container(s, state="exited", exit_code=code)
        for s, code in zip(EXPECTED, (0, 0, 137, 143, 0, 137, 0), strict=True)
    ]
    picture = one(*ended, heard=Heard())
    assert picture.state is StackState.STOPPED
    assert {u.health for u in picture.units} == {Health.NONE}
    assert {u.reason for u in picture.units} == {""}
    assert {u.pid for u in picture.units} == {None}
    gone = one(without=(*EXPECTED, "airflow-init"), heard=Heard())
    assert (gone.state, [u.id for u in gone.units]) == (StackState.STOPPED, list(EXPECTED))


def test_a_killed_service_that_the_engine_starts_again() -> None:
    dead = container("airflow-scheduler", state="restarting", health="", exit_code=137, restarts=1, pid=0)
    picture = one(dead)
    scheduler = unit(picture, "airflow-scheduler")
    assert picture.state is StackState.DEGRADED
    assert (scheduler.state, scheduler.health, scheduler.exit_code) == (UnitState.RESTARTING, Health.UNHEALTHY, 137)
    assert "signal 9" in scheduler.reason
    assert scheduler.heartbeat_age is None
    assert (scheduler.memory, scheduler.pid) == (None, None)

    back = container("airflow-scheduler", age=2.0, health="starting", restarts=1)
    # The last heartbeat was the one that died.
    picture = one(back, heard=heard(scheduler=5.0), last_ends={back.id: 137})
    scheduler = unit(picture, "airflow-scheduler")
    assert picture.state is StackState.STARTING
    assert (scheduler.state, scheduler.health, scheduler.heartbeat_age) == (UnitState.RUNNING, Health.STARTING, None)
    assert scheduler.reason.startswith("started again, the last run was killed")

    picture = one(replace(back, started=NOW - 20), heard=heard(scheduler=1.0), last_ends={back.id: 137})
    assert unit(picture, "airflow-scheduler").health is Health.HEALTHY
    assert picture.state is StackState.RUNNING


def test_a_restart_loop_is_no_start() -> None:
    again = container("airflow-triggerer", age=1.0, health="starting", restarts=4)
    picture = one(again, heard=heard(triggerer=None), last_ends={again.id: 1})
    assert picture.state is StackState.DEGRADED
    assert unit(picture, "airflow-triggerer").reason == "started again, the last run ended with exit 1"
    dead = replace(again, state="restarting", exit_code=1)
    assert unit(one(dead), "airflow-triggerer").reason == "ended with exit 1; is started again, 4 times so far"


@pytest.mark.parametrize(
    ("more", "state", "reason"),
    [
        ({"state": "exited", "exit_code": 137, "oom": True}, UnitState.EXITED, "ran out of memory and was killed"),
        ({"state": "exited", "exit_code": 1}, UnitState.EXITED, "ended with exit 1"),
        (
            {"state": "created", "exit_code": None, "error": "port is already allocated"},
            UnitState.EXITED,
            "could not be started: port is already allocated",
        ),
        (
            {"state": "paused"},
            UnitState.PAUSED,
            "is paused; let it go on: docker unpause airflow-demo-airflow-worker-1",
        ),
        (
            {"health": "unhealthy", "health_said": "no worker\n answers"},
            UnitState.RUNNING,
            "its check fails: no worker answers",
        ),
        ({"state": "removing"}, UnitState.EXITED, "is being removed"),
        ({"state": "odd"}, UnitState.UNKNOWN, "the engine calls it odd"),
    ],
)
def test_what_is_wrong_with_one_is_said(more: dict[str, object], state: UnitState, reason: str) -> None:
    picture = one(container("airflow-worker", **more))  # type: ignore[arg-type]
    worker = unit(picture, "airflow-worker")
    assert (worker.state, worker.health, worker.reason) == (state, Health.UNHEALTHY, reason)
    assert picture.state is StackState.DEGRADED


def test_what_a_check_said_holds_no_secret_and_cannot_draw() -> None:
    said = "\x1b[31mpassword hunter2 refused"
    seen = project(container("postgres", health="unhealthy", health_said=said))
    picture = assemble_project(replace(seen, mask=lambda text: text.replace("hunter2", "••••••")))
    assert unit(picture, "postgres").reason == "its check fails: password •••••• refused"


def test_the_page_is_only_believed_from_our_own() -> None:
    foreign = one(heard=heard(Answer.FOREIGN, "nginx"))
    api = unit(foreign, "airflow-apiserver")
    assert (api.health, api.reason) == (Health.UNHEALTHY, "another program answers at its address: nginx")
    assert foreign.airflow is None
    # Its container's own check says well, and still nobody can reach it.
    silent = one(heard=heard(Answer.SILENT, "connection refused"))
    assert unit(silent, "airflow-apiserver").health is Health.UNHEALTHY
    assert unit(silent, "airflow-scheduler").health is Health.HEALTHY
    slow = one(heard=heard(Answer.UNREADABLE, "Airflow takes its time to answer"))
    assert (slow.state, slow.error) == (StackState.UNKNOWN, "Airflow takes its time to answer")


def test_a_heartbeat_that_stopped_is_seen_although_the_container_runs() -> None:
    picture = one(heard=heard(dag_processor=95.0))
    parser = unit(picture, "airflow-dag-processor")
    assert parser.health is Health.UNHEALTHY
    assert parser.heartbeat_age == pytest.approx(95.0)
    assert parser.reason == "last heartbeat 1 m 35 s ago"
    assert picture.state is StackState.DEGRADED


def test_a_service_without_a_container() -> None:
    picture = one(without=("airflow-triggerer",))
    missing = unit(picture, "airflow-triggerer")
    assert (missing.state, missing.health) == (UnitState.EXITED, Health.UNHEALTHY)
    assert "airflow-wizard start demo" in missing.reason
    assert picture.state is StackState.DEGRADED


def test_a_launch_is_a_start() -> None:
    rest = tuple(s for s in EXPECTED if s not in ("postgres", "redis"))
    working = container("airflow-init", age=3.0, health="")
    picture = one(working, without=rest, heard=Heard())
    assert picture.state is StackState.STARTING
    assert unit(picture, "airflow-init").reason == "creates database and login"
    assert unit(picture, "airflow-worker").state is UnitState.STARTING
    failed = one(replace(INIT, exit_code=1), without=rest, heard=Heard())
    assert failed.state is StackState.DEGRADED
    assert unit(failed, "airflow-init").reason == "ended with exit 1"
    between = one(replace(INIT, finished=NOW - 1), without=rest, heard=Heard())
    assert between.state is StackState.STARTING


def test_several_workers_have_numbers_and_a_missing_one_is_missed() -> None:
    two = (container("airflow-worker", number=1), container("airflow-worker", number=2))
    seen = replace(project(*two), place=replace(PLACE, replicas={"airflow-worker": 2}))
    picture = assemble_project(seen)
    assert [u.id for u in picture.units if u.role == "worker"] == ["airflow-worker-1", "airflow-worker-2"]
    assert picture.state is StackState.RUNNING
    one_left = replace(seen, containers=tuple(c for c in seen.containers if c.number == 1))
    assert assemble_project(one_left).state is StackState.DEGRADED


def test_services_of_the_person_and_of_a_profile_are_shown_after_the_others() -> None:
    picture = one(container("minio", health=""), container("flower", health=""))
    assert [u.id for u in picture.units][-2:] == ["flower", "minio"]
    assert {u.health for u in picture.units[-2:]} == {Health.NONE}
    assert picture.state is StackState.RUNNING


def test_what_is_no_part_of_the_stack_is_no_unit() -> None:
    shell = container("airflow-cli", one_off=True)
    old = replace(container("airflow-scheduler", state="exited"), id="old")
    seen = project(shell, container("airflow-scheduler"), old)
    assert {c.service for c in current(seen.containers)} == {*EXPECTED, "airflow-init"}
    assert assemble_project(seen).state is StackState.RUNNING
    web = front(seen.containers)
    assert web is not None
    assert web.service == "airflow-apiserver"


def test_a_number_of_a_process_elsewhere_is_not_shown() -> None:
    assert {u.pid for u in one(here=frozenset()).units} == {None}


def test_a_process_killed_for_memory_is_said_though_the_container_runs_on() -> None:
    worker = container("airflow-worker", age=300.0, memory_limit=512 << 20)
    picture = assemble_project(project(worker, ooms={worker.id: NOW - 12}))
    lost = unit(picture, "airflow-worker")
    assert (lost.state, lost.health, mood(lost)) == (UnitState.RUNNING, Health.HEALTHY, Mood.WARN)
    assert lost.reason == "a process in it was killed for memory (limit 512 MB) 12 s ago"
    # What happened to the run before this one is the past.
    old = assemble_project(project(worker, ooms={worker.id: NOW - 301}))
    assert (unit(old, "airflow-worker").reason, mood(unit(old, "airflow-worker"))) == ("", Mood.OK)


def test_what_a_container_is_made_of_comes_with_it() -> None:
    said = "line one\n\x1b[31mline two"
    web = container("airflow-apiserver", health_said=said, ports=(("127.0.0.1", 8080),), cpu_limit=1.5)
    made = unit(assemble_project(project(web, last_ends={web.id: 1})), "airflow-apiserver")
    assert (made.image, made.container) == ("apache/airflow:3.3.2", "airflow-demo-airflow-apiserver-1")
    assert (made.ports, made.cpu_limit, made.last_exit) == ((("127.0.0.1", 8080),), 1.5, 1)
    assert made.health_output == "line one\nline two"


def test_time_in_state_is_that_of_the_pause() -> None:
    worker = container("airflow-worker", state="paused")
    assert unit(assemble_project(project(worker, paused={worker.id: NOW - 7})), "airflow-worker").since == NOW - 7
    assert unit(assemble_project(project(worker)), "airflow-worker").since is None


def test_one_that_does_not_run_beside_others_that_do_says_how_to_start_it() -> None:
    worker = container("airflow-worker", state="exited", exit_code=0)
    down = unit(assemble_project(project(worker)), "airflow-worker")
    assert down.reason == "does not run; start it: airflow-wizard start demo --unit airflow-worker"
    alone = replace(project(worker), containers=(worker,))
    assert unit(assemble_project(alone), "airflow-worker").reason == ""


def test_a_start_after_starving_says_so() -> None:
    worker = container("airflow-worker", age=2.0, health="starting", restarts=1)
    picture = assemble_project(project(worker, last_ends={worker.id: 137}, starved=frozenset({worker.id})))
    assert unit(picture, "airflow-worker").reason == "started again, the last run ran out of memory and was killed"


@pytest.mark.parametrize(("restarts", "sign"), [(1, Mood.WORKING), (5, Mood.FAIL)])
def test_one_in_a_loop_is_not_fine_between_two_crashes_though_nothing_checks_it(restarts: int, sign: Mood) -> None:
    flower = container("flower", age=1.0, health="", restarts=restarts)
    looping = unit(assemble_project(project(flower, last_ends={flower.id: 3})), "flower")
    assert (mood(looping), looping.reason) == (sign, "started again, the last run ended with exit 3")
    steady = container("flower", age=300.0, health="", restarts=restarts)
    assert mood(unit(assemble_project(project(steady, last_ends={steady.id: 3})), "flower")) is Mood.OK
