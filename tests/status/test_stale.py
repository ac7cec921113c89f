"""What was seen before the engine went away: kept, and shown as nothing else."""

from __future__ import annotations

import pytest

from airflow_wizard.cli.render_status import render
from airflow_wizard.cli.style import Meaning
from airflow_wizard.status.backoff import Backoff
from airflow_wizard.status.compose_assemble import assemble_project
from airflow_wizard.status.place import Place
from airflow_wizard.status.rows import Mood, mood, row
from airflow_wizard.status.snapshot import Health, StackState, UnitState
from airflow_wizard.status.stale import stale, stopped
from tests.status.compose_values import NOW, container, project


def test_rows_stay_and_none_is_fine() -> None:
    dead = container("airflow-worker", state="exited", exit_code=1, restarts=2)
    before = assemble_project(project(dead))
    picture = stale(before, now=NOW + 12, error="nothing answers there", retry_at=NOW + 14)
    assert [u.id for u in picture.units] == [u.id for u in before.units]
    assert (picture.state, picture.reachable, picture.airflow) == (StackState.UNKNOWN, False, None)
    assert (picture.seen, picture.retry_at, picture.error) == (NOW, NOW + 14, "nothing answers there")
    assert {(u.state, u.health, u.stale) for u in picture.units} == {(UnitState.UNKNOWN, Health.UNKNOWN, True)}
    assert {mood(u) for u in picture.units} == {Mood.UNKNOWN}
    assert {(u.cpu, u.memory, u.heartbeat_age, u.pid) for u in picture.units} == {(None, None, None, None)}
    was = {u.id: (u.was, u.restarts, u.image) for u in picture.units}
    assert was["airflow-scheduler"] == ("running, healthy", 0, "apache/airflow:3.3.2")
    assert was["airflow-worker"] == ("exited 1", 2, "apache/airflow:3.3.2")
    words = row(next(u for u in picture.units if u.id == "airflow-worker"), now=NOW + 12, seen=picture.seen)
    assert (words.state, words.health, words.reason) == ("stale", "–", "was exited 1 12 s ago")


def test_a_second_failure_does_not_make_it_younger() -> None:
    once = stale(assemble_project(project()), now=NOW + 1, error="a", retry_at=NOW + 2)
    twice = stale(once, now=NOW + 60, error="b", retry_at=NOW + 62)
    assert (twice.seen, twice.taken, twice.error) == (NOW, NOW + 60, "b")
    assert {u.was for u in twice.units} == {"running, healthy", "done"}


def test_the_command_line_says_so_too() -> None:
    picture = stale(assemble_project(project()), now=NOW + 5, error="nothing answers", retry_at=NOW + 6.5)
    parts = [part for line in render(picture, now=NOW + 5) for part in line]
    text = " ".join(part if isinstance(part, str) else part[0] for part in parts)
    assert "stale: as it was 5.0 s ago; asked again in 1.5 s" in text
    assert "was running, healthy 5 s ago" in text
    assert not [part for part in parts if not isinstance(part, str) and part[1] is Meaning.OK]


def test_waits_grow_to_what_a_person_still_waits_for() -> None:
    backoff = Backoff()
    assert backoff.seconds == 0.0
    assert [backoff.failed() for _ in range(5)] == [0.5, 1.0, 2.0, 2.5, 2.5]
    backoff.failures = 10_000
    assert backoff.seconds == 2.5
    backoff.worked()
    assert (backoff.seconds, backoff.failed()) == (0.0, 0.5)


@pytest.mark.parametrize("field", ["seen", "retry_at", "claims", "jobs"])
def test_the_json_has_it(field: str) -> None:
    assert field in assemble_project(project()).to_json()


def test_a_cluster_that_was_stopped_is_a_stopped_stack_and_nothing_unknown() -> None:
    place = Place(
        "dev", "kind", "/stacks/dev", "http://127.0.0.1:8080", "v2", "/health", expected=("postgres", "scheduler")
    )
    seen = stopped(place, 12.0)
    assert seen.state is StackState.STOPPED
    assert seen.reachable
    assert [(unit.id, unit.state) for unit in seen.units] == [("postgres", "exited"), ("scheduler", "exited")]
