from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.engines.supervised import ComponentState, SupervisorState
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.status.assemble import SUPERVISOR, Answer, Seen, UsageNow, assemble, how_it_ended
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState

NOW = 1_800_000_000.0
THREE = ("api-server", "scheduler", "dag-processor", "triggerer")
TWO = ("webserver", "scheduler", "triggerer")
BEATS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


def body(**ages: float | None) -> dict[str, object]:
    """A health body as Airflow gives it: None for a component that never ran."""
    parts: dict[str, object] = {"metadatabase": {"status": "healthy"}}
    for name in ("scheduler", "triggerer", "dag_processor"):
        age = ages.get(name, 2.0)
        stamp = None if age is None else f"{_iso(NOW - age)}"
        status = None if age is None else "healthy" if age < 30 else "unhealthy"
        parts[name] = {"status": status, f"latest_{name}_heartbeat": stamp}
    return parts


def _iso(moment: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).isoformat()


def component(name: str, *, age: float = 300.0, state: str = "running", **more: object) -> ComponentState:
    pid = 100 + len(name) if state in ("running", "stopping") else None
    values: dict[str, object] = {"restarts": 0, "exit_code": None, "pid": pid} | more
    return ComponentState(name=name, state=state, since=NOW - age, **values)  # type: ignore[arg-type]


def seen(*components: ComponentState, expected: tuple[str, ...] = THREE, **more: object) -> Seen:
    """A stack where everything is fine, but for what is said."""
    known = {c.name for c in components}
    parts = (*(component(n) for n in expected if n not in known), *components)
    usage = {c.name: UsageNow(2, 0.031, 300 << 20, NOW - 300) for c in parts if c.pid}
    look = Seen(
        stack="demo",
        target="standalone",
        url="http://127.0.0.1:8080",
        now=NOW,
        supervisor=SupervisorState(True, 99, "id", "print", tuple(parts)),
        answer=Answer.OURS,
        health=health_of(body(), now=NOW),
        usage=usage | {SUPERVISOR: UsageNow(1, 0.0, 7 << 20, NOW - 301)},
        expected=expected,
        beats=BEATS,
    )
    return replace(look, **more)  # type: ignore[arg-type]


def unit(snapshot: Snapshot, name: str) -> Unit:
    return next(u for u in snapshot.units if u.id == name)


def test_all_is_well() -> None:
    picture = assemble(seen())
    assert picture.state is StackState.RUNNING
    assert [u.id for u in picture.units] == [*THREE, "supervisor"]
    assert [u.role for u in picture.units] == ["api", "scheduler", "dag-processor", "triggerer", "supervisor"]
    assert {u.health for u in picture.units} == {Health.HEALTHY}
    scheduler = unit(picture, "scheduler")
    assert (scheduler.cpu, scheduler.memory, scheduler.processes) == (0.031, 300 << 20, 2)
    assert scheduler.heartbeat_age == pytest.approx(2.0)
    assert unit(picture, "api-server").heartbeat_age is None
    assert picture.airflow is not None
    assert not picture.error


def test_nothing_runs_after_a_stop() -> None:
    parts = tuple(component(n, state="stopped") for n in THREE)
    picture = assemble(
        seen(supervisor=SupervisorState(False, None, "id", "", parts), answer=Answer.SILENT, health=None, usage={})
    )
    assert picture.state is StackState.STOPPED
    assert {u.state for u in picture.units} == {UnitState.EXITED}
    assert {u.health for u in picture.units} == {Health.NONE}
    assert not picture.error


def test_a_stack_that_was_never_started_is_stopped() -> None:
    picture = assemble(
        seen(supervisor=SupervisorState(False, None, "", "", ()), answer=Answer.SILENT, health=None, usage={})
    )
    assert picture.state is StackState.STOPPED
    assert [u.id for u in picture.units] == [*THREE, "supervisor"]


def test_a_killed_supervisor_is_told_from_one_that_was_stopped() -> None:
    gone = SupervisorState(False, None, "id", "", (component("scheduler", state="stopped"),), ended_well=False)
    picture = assemble(seen(supervisor=gone, answer=Answer.SILENT, health=None, usage={}))
    assert picture.state is StackState.STOPPED
    assert "without being told" in picture.error
    assert unit(picture, "scheduler").since is None
    left = assemble(seen(supervisor=gone, answer=Answer.SILENT, health=None, usage={}, leftovers=3))
    assert left.state is StackState.DEGRADED
    assert "3 processes" in left.error


def test_the_first_seconds_are_a_start_and_not_a_failure() -> None:
    young = [component(n, age=5.0) for n in THREE]
    silent = assemble(seen(*young, answer=Answer.SILENT, words="nothing listens there", health=None))
    assert silent.state is StackState.STARTING
    first = assemble(seen(*young, health=health_of(body(scheduler=None, triggerer=None, dag_processor=None), now=NOW)))
    assert first.state is StackState.STARTING
    assert unit(first, "api-server").health is Health.HEALTHY
    assert unit(first, "scheduler").health is Health.STARTING


def test_a_heartbeat_of_the_process_before_does_not_count() -> None:
    picture = assemble(seen(component("scheduler", age=5.0, restarts=1), health=health_of(body(scheduler=9), now=NOW)))
    assert unit(picture, "scheduler").health is Health.STARTING
    assert picture.state is StackState.STARTING


def test_a_start_after_a_crash_says_so_and_a_loop_of_them_is_no_start() -> None:
    def scheduler(**more: object) -> Unit:
        again = component("scheduler", age=5.0, state="running", **({"exit_code": 1} | more))
        silent = health_of(body(scheduler=None), now=NOW)
        return unit(assemble(seen(again, health=silent)), "scheduler")

    assert scheduler(restarts=1).health is Health.STARTING
    assert "ended with exit 1" in scheduler(restarts=1).reason
    assert scheduler(restarts=4).health is Health.UNHEALTHY
    assert scheduler(restarts=4, exit_code=-15).health is Health.STARTING


def test_silence_after_the_start_is_a_failure() -> None:
    picture = assemble(seen(answer=Answer.SILENT, words="no answer within 2 s", health=None))
    assert picture.state is StackState.DEGRADED
    api = unit(picture, "api-server")
    assert api.health is Health.UNHEALTHY
    assert "no answer within 2 s" in api.reason
    # Of the others nothing is known then; only the web server is to blame.
    assert unit(picture, "scheduler").health is Health.UNKNOWN


def test_what_a_stranger_says_is_never_ours() -> None:
    lies = health_of(body(), now=NOW)
    picture = assemble(seen(answer=Answer.FOREIGN, words="another Airflow (HTTP 200)", health=lies))
    assert picture.airflow is None
    assert picture.state is StackState.DEGRADED
    assert unit(picture, "scheduler").health is Health.UNKNOWN
    assert unit(picture, "scheduler").heartbeat_age is None
    assert "another Airflow" in unit(picture, "api-server").reason


def test_an_old_heartbeat() -> None:
    picture = assemble(seen(health=health_of(body(triggerer=95.0), now=NOW)))
    assert picture.state is StackState.DEGRADED
    assert unit(picture, "triggerer").health is Health.UNHEALTHY
    assert "1 m 35 s" in unit(picture, "triggerer").reason


def test_dead_as_a_process_while_airflow_still_calls_it_healthy() -> None:
    dead = component("scheduler", state="backoff", restarts=2, exit_code=1, age=1.0)
    picture = assemble(seen(dead))
    scheduler = unit(picture, "scheduler")
    assert scheduler.state is UnitState.RESTARTING
    assert scheduler.health is Health.UNHEALTHY
    assert scheduler.exit_code == 1
    assert scheduler.heartbeat_age is None
    assert "exit 1" in scheduler.reason
    assert picture.state is StackState.DEGRADED


def test_a_process_that_vanished_is_not_called_running() -> None:
    look = seen()
    usage = {name: use for name, use in look.usage.items() if name != "triggerer"}
    picture = assemble(replace(look, usage=usage))
    assert unit(picture, "triggerer").state is UnitState.UNKNOWN
    assert picture.state is StackState.DEGRADED


def test_a_metadatabase_that_is_not_healthy() -> None:
    bad = body() | {"metadatabase": {"status": "unhealthy"}}
    assert assemble(seen(health=health_of(bad, now=NOW))).state is StackState.DEGRADED


def test_airflow_2_on_sqlite_has_no_dag_processor_of_its_own() -> None:
    two = health_of(body(dag_processor=None), now=NOW)
    picture = assemble(seen(expected=TWO, health=two, beats=BEATS[:3]))
    assert picture.state is StackState.RUNNING
    assert [u.id for u in picture.units] == [*TWO, "supervisor"]
    assert "no DAG processor of its own" in unit(picture, "scheduler").reason
    assert picture.airflow is not None
    assert picture.airflow.dag_processor is None, "what by design never reports is not a part that never ran"
    assert picture.airflow.scheduler is not None


def test_a_damaged_state_file_is_unknown_and_not_stopped() -> None:
    picture = assemble(seen(supervisor=SupervisorState(True, None, "", "", ())))
    assert picture.state is StackState.UNKNOWN
    assert "damaged" in picture.error


def test_an_unreadable_answer_leaves_the_health_unknown() -> None:
    picture = assemble(seen(answer=Answer.UNREADABLE, words="no identity token", health=None))
    assert picture.state is StackState.UNKNOWN
    assert unit(picture, "api-server").health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("code", "words"), [(None, "ended"), (1, "exit 1"), (-15, "signal 15"), (-9, "for memory, or by somebody")]
)
def test_how_it_ended(code: int | None, words: str) -> None:
    assert words in how_it_ended(code)
