from __future__ import annotations

import pytest

from airflow_wizard.status.rows import COLUMNS, NONE, Mood, mood, row, rows, short_seconds, stack_mood
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState

NOW = 1_800_000_000.0


def test_the_words_of_a_unit() -> None:
    unit = Unit(
        "scheduler",
        "scheduler",
        UnitState.RUNNING,
        Health.HEALTHY,
        restarts=2,
        since=NOW - 125,
        heartbeat_age=2.4,
        pid=7,
        processes=5,
        cpu=0.0312,
        memory=301 << 20,
    )
    cells = row(unit, now=NOW).cells()
    assert cells == ("scheduler", "running", "healthy", "2 s ago", "2", "3.1%", "301 MB", "2 m", "")
    assert len(cells) == len(COLUMNS)
    assert [c.key for c in COLUMNS if c.right] == ["heartbeat", "restarts", "cpu", "memory", "since"]


def test_what_is_unknown_is_a_dash_and_an_exit_code_is_shown() -> None:
    unit = Unit("worker", "worker", UnitState.EXITED, Health.NONE, exit_code=137)
    cells = row(unit, now=NOW)
    assert cells.state == "exited 137"
    assert {cells.health, cells.heartbeat, cells.cpu, cells.memory, cells.since} == {NONE}


def test_a_reason_from_outside_cannot_draw() -> None:
    unit = Unit("x", "other", UnitState.RUNNING, reason="\x1b[2Jgone\nand more")
    assert row(unit, now=NOW).reason == "gone and more"


@pytest.mark.parametrize(
    ("state", "health", "expected"),
    [
        (UnitState.RUNNING, Health.HEALTHY, Mood.OK),
        (UnitState.RUNNING, Health.NONE, Mood.OK),
        (UnitState.RUNNING, Health.STARTING, Mood.WORKING),
        (UnitState.RUNNING, Health.UNHEALTHY, Mood.FAIL),
        (UnitState.RUNNING, Health.UNKNOWN, Mood.UNKNOWN),
        (UnitState.STARTING, Health.STARTING, Mood.WORKING),
        (UnitState.RESTARTING, Health.UNHEALTHY, Mood.WARN),
        (UnitState.EXITED, Health.NONE, Mood.IDLE),
        (UnitState.DONE, Health.NONE, Mood.OK),
        (UnitState.UNKNOWN, Health.NONE, Mood.UNKNOWN),
    ],
)
def test_moods(state: UnitState, health: Health, expected: Mood) -> None:
    assert mood(Unit("u", "other", state, health)) is expected
    assert expected.glyph in "●◐▲✖○"


def test_every_state_of_a_stack_has_a_mood_and_unknown_is_not_ok() -> None:
    assert {stack_mood(state) for state in StackState} >= {Mood.OK, Mood.FAIL, Mood.UNKNOWN}
    assert stack_mood(StackState.UNKNOWN).glyph != Mood.OK.glyph


def test_rows_keep_the_order_of_units() -> None:
    units = tuple(Unit(name, "other", UnitState.RUNNING) for name in "cab")
    picture = Snapshot("demo", "standalone", StackState.RUNNING, units, None, "", NOW)
    assert [r.component for r in rows(picture, now=NOW)] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0 s"), (59.9, "59 s"), (60, "1 m"), (7199, "1 h"), (172800, "2 d"), (86400, "24 h")]
)
def test_short_seconds(seconds: float, text: str) -> None:
    assert short_seconds(seconds) == text


@pytest.mark.parametrize(
    ("taken", "limit", "words", "sign"),
    [
        (301 << 20, 512 << 20, "301 / 512 MB", Mood.OK),
        (430 << 20, 512 << 20, "430 / 512 MB", Mood.WARN),
        (500 << 20, 512 << 20, "500 / 512 MB", Mood.FAIL),
        (700 << 20, 3 << 30, "700 MB / 3.0 GB", Mood.OK),
        (700 << 20, None, "700 MB", Mood.OK),
        (None, 512 << 20, NONE, Mood.OK),
    ],
)
def test_memory_stands_beside_its_limit(taken: int | None, limit: int | None, words: str, sign: Mood) -> None:
    cells = row(Unit("w", "worker", UnitState.RUNNING, memory=taken, memory_limit=limit), now=NOW)
    assert (cells.memory, cells.memory_mood) == (words, sign)
