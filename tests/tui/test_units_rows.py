"""The units pane and the view of one unit, as values: no app is needed to read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.log_line import LogLine
from airflow_wizard.status.order import Order
from airflow_wizard.status.snapshot import Health, Snapshot, Unit, UnitState
from airflow_wizard.status.stale import stale
from airflow_wizard.tui.present import unit as cause
from airflow_wizard.tui.present.units import Prepared, View, height, listed
from airflow_wizard.tui.spans import Line, plain_text, width
from airflow_wizard.tui.widgets.rows import place
from tests.tui import compose_machine
from tests.tui.machine import MIB, NOW

PICTURE = compose_machine.snapshot()
WORKER = PICTURE.units[6]


def shown(picture: Snapshot, cells: int, view: View | None = None) -> list[str]:
    """The head and every row, as a screen of that width has them."""
    found = listed(picture, view or View())
    rows = [found.head, *map(found.rows.make, range(len(found.rows.keys)))]
    return [plain_text(place(row, (), cells)) for row in rows]


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain_text, lines))


@pytest.mark.parametrize("cells", [50, 72, 76, 100, 116, 196])
def test_rows_fit_any_width_and_names_are_whole(cells: int) -> None:
    for line in shown(PICTURE, cells):
        assert len(line) == cells
    assert any("airflow-dag-processor" in line for line in shown(PICTURE, cells))


def test_on_a_very_wide_screen_figures_stay_near_the_name() -> None:
    assert all(len(line.rstrip()) < 160 for line in shown(PICTURE, 196))
    assert any(len(line.rstrip()) == 116 for line in shown(PICTURE, 116))


def test_a_limit_stands_where_there_is_room_and_its_sign_always() -> None:
    web = PICTURE.units[3].id
    narrow, wide = (next(line for line in shown(PICTURE, cells) if web in line) for cells in (76, 116))
    assert "▲ 288 MB" in narrow
    assert "▲ 288 / 320 MB" in wide
    free = replace(PICTURE, units=tuple(replace(u, memory_limit=None) for u in PICTURE.units))
    assert "▲" not in next(line for line in shown(free, 116) if web in line)


def test_groups_of_several_have_a_heading_and_single_ones_have_none() -> None:
    workers = tuple(replace(PICTURE.units[4], id=f"airflow-worker-{n}", role="worker") for n in (1, 2, 10))
    picture = replace(PICTURE, units=(*PICTURE.units[:6], *workers, PICTURE.units[7]))
    lines = shown(picture, 100)
    at = next(n for n, line in enumerate(lines) if line.startswith("worker 3"))
    assert [line.split()[1] for line in lines[at + 1 : at + 4]] == [
        "airflow-worker-1",
        "airflow-worker-2",
        "airflow-worker-10",
    ]
    assert sum(not line.lstrip().startswith(("●", "✖", "◐", "▲", "○")) for line in lines[1:]) == 1
    keys = listed(picture, View()).rows.keys
    assert keys.count("") == 1, "the cursor does not stop on a heading"
    for view in (View(headings=False), View(order=Order.NAME)):
        assert "" not in listed(picture, view).rows.keys


def test_a_narrow_screen_has_no_column_of_heartbeats_that_no_unit_has() -> None:
    assert "heartbeat" in shown(PICTURE, 76)[0]
    quiet = replace(PICTURE, units=tuple(replace(u, heartbeat_age=None) for u in PICTURE.units))
    assert "heartbeat" not in shown(quiet, 76)[0]
    assert "heartbeat" in shown(quiet, 116)[0], "where there is room, nothing moves when they come"


@pytest.mark.parametrize("view", [View(), View(words="airflow"), View(order=Order.NAME, words="e s", figures=False)])
def test_what_was_prepared_changes_nothing(view: View) -> None:
    prepared = Prepared(PICTURE, view.order)
    for picture in (PICTURE, stale(PICTURE, now=NOW + 30, error="away", retry_at=NOW + 31)):
        once, again = listed(picture, view), listed(picture, view, prepared)
        assert (once.head, once.rows.keys, once.units) == (again.head, again.rows.keys, again.units)
        assert all(once.rows.make(n) == again.rows.make(n) for n in range(len(once.rows.keys)))


def test_a_stale_row_is_shown_as_nothing_else() -> None:
    gone = stale(PICTURE, now=NOW + 30, error="away", retry_at=NOW + 31)
    lines = shown(gone, 116)[1:]
    assert all(line.startswith("○") and "stale" in line and "30 s ago" in line for line in lines)
    assert not any("MB" in line for line in lines)
    assert text(cause.about(gone.units[4], gone)).startswith(
        "○ airflow-scheduler  cannot be seen now; was running, healthy 30 s ago"
    )


@given(st.integers(1, 6000), st.integers(0, 80), st.booleans())
def test_units_and_log_share_their_room(wanted: int, room: int, focused: bool) -> None:
    lines = height(wanted, room, focused=focused)
    assert min(wanted, 4) <= lines <= wanted
    if room >= 9:
        assert room - lines >= 5, "the log is not pushed out"
    if room >= 2 * wanted + 10:
        assert lines == wanted, "all of them, where there is room"
    assert height(wanted, room, focused=True) >= height(wanted, room, focused=False)


def test_how_it_ended_is_said_once() -> None:
    words = text(cause.about(WORKER, PICTURE))
    assert "airflow-worker  exited 137, 9 s ago, started again 3 times" in words
    assert "killed by the kernel: out of memory" in words
    assert "signal 9" not in words
    assert "was killed by signal 9" in text(cause.about(replace(WORKER, reason=""), PICTURE))


def test_what_it_takes_stands_beside_what_it_may_take() -> None:
    unit = replace(PICTURE.units[4], cpu=1.45, cpu_limit=1.5, memory=500 * MIB, memory_limit=512 * MIB)
    assert "cpu 145% of 1.5 cores" in text(cause.about(unit, PICTURE))
    assert "memory ✖ 500 / 512 MB" in text(cause.about(unit, PICTURE))


def about(name: str, title: str = "Something") -> Finding:
    return Finding(name, Level.FAIL, title, "it is broken", fixes=(Fix("Mend it", commands=(("mend", "it"),)),))


def test_findings_of_a_unit_are_those_that_name_it() -> None:
    own = [about("component.crash.airflow-worker"), about("x", "Worker airflow-worker"), about("y")]
    assert cause.findings_about(WORKER, own) == own[:2]
    numbered = replace(WORKER, id="airflow-worker-2")
    assert cause.findings_about(numbered, own) == own[:2]
    lines = cause.findings(WORKER, own)
    assert "Mend it" in text(lines)
    assert "$ mend it" in text(lines)


def test_the_place_of_findings_is_kept_while_they_are_worked_out() -> None:
    waiting = cause.findings(WORKER, None)
    assert "looking for causes" in text(waiting)
    assert len(waiting) >= len(cause.findings(WORKER, [about("component.crash.airflow-worker")]))
    # That nothing is known is good news only of a unit that is well.
    assert "● nothing is wrong" in text(cause.findings(PICTURE.units[0], []))
    assert "○ no known cause" in text(cause.findings(replace(WORKER, reason=""), []))
    assert "○ nothing more than is said above" in text(cause.findings(WORKER, []))
    assert "could not look" in text(cause.findings(WORKER, None, "could not look"))


def test_the_last_lines_have_a_mark_where_this_run_began() -> None:
    up = Unit("w", "worker", UnitState.RUNNING, Health.HEALTHY, restarts=1, since=NOW)
    lines = [LogLine(NOW - 2, "w", "old"), LogLine(NOW + 1, "w", "new")]
    words = text(cause.written(up, lines)).splitlines()
    assert [w.split()[-1] for w in words[1:]] == ["old", "──", "new"]
    assert "started again" in words[2]
    assert "started again" not in text(cause.written(replace(up, restarts=0), lines))
    assert text(cause.written(up, lines[:1])).endswith("── started again ──")
    assert "it has written nothing" in text(cause.written(up, []))


def test_health_output_keeps_its_lines_and_no_escape_sequence() -> None:
    unit = replace(WORKER, health_output="one\n\x1b[31mtwo")
    assert text(cause.health(unit)).splitlines()[1:3] == ["  one", "  two"]
    assert cause.health(WORKER) == []


@given(st.text(), st.text())
def test_any_words_make_one_line_each(name: str, reason: str) -> None:
    unit = replace(WORKER, id=name, reason=reason, image=reason, container=name)
    picture = replace(PICTURE, units=(unit,))
    for line in (*cause.about(unit, picture), *cause.happened(unit, picture)):
        assert "\n" not in plain_text(line)
        assert "\x1b" not in plain_text(line)
    assert width(place(listed(picture, View()).rows.make(0), (), 76)) == 76
