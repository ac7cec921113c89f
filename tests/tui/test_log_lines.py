"""How log lines are drawn, and what the pane says about itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.log_line import BOUNDARY, GAP, LogLine
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.tui.present.log_lines import WRAPPED, Clock, Look, drawn, exported, rows, unit_tone, wrapped
from airflow_wizard.tui.present.logs import LogState, title
from airflow_wizard.tui.spans import Tone, plain_text, width
from tests.tui.machine import NOW

LOOK = Look()
STAMPED = "2026-11-21T10:41:01.855423Z [info     ] Received executor event"


def test_a_line_says_the_time_once() -> None:
    line = LogLine(NOW, "airflow-scheduler", STAMPED)
    shown = plain_text(drawn(line, replace(LOOK, clock=Clock.UTC)))
    assert shown == "20:26:40 scheduler      [info] Received executor event"
    off = plain_text(drawn(line, Look(unit_cells=0, clock=Clock.OFF)))
    assert off == "2026-11-21T10:41:01.855423Z [info ] Received executor event"


def test_a_continued_line_keeps_its_indent() -> None:
    line = LogLine(NOW, "a", '  File "x.py",\tline 3')
    assert plain_text(drawn(line, Look(unit_cells=0, clock=Clock.OFF))) == '  File "x.py", line 3'


def test_boundaries_and_gaps_are_lines_of_the_panes_own() -> None:
    for kind, tone in ((BOUNDARY, Tone.ACCENT), (GAP, Tone.WARN)):
        assert drawn(LogLine(NOW, "a", "a started again", kind), LOOK)[-1] == ("── a started again ──", tone)


def test_units_of_a_usual_stack_differ_in_colour() -> None:
    names = ["postgres", "apiserver", "scheduler", "dag-processor", "worker", "triggerer"]
    assert len({unit_tone(name) for name in names}) == len(names)
    line = LogLine(NOW, "airflow-worker", "x")
    assert drawn(line, LOOK)[1] == (f"{'worker':<14} ", unit_tone("worker"))


def test_what_is_looked_for_is_marked_wherever_it_stands() -> None:
    line = LogLine(NOW, "a", "Error and error")
    parts = drawn(line, Look(unit_cells=0, clock=Clock.OFF, wanted=Wanted("error")))
    assert [text for text, tone in parts if tone is Tone.MATCH] == ["Error", "error"]
    assert plain_text(parts) == line.text


@given(st.text(max_size=200), st.integers(10, 60), st.booleans())
def test_a_wrapped_line_loses_nothing_and_fits(text: str, cells: int, exact: bool) -> None:
    look = Look(unit_cells=0, clock=Clock.OFF, wrap=True, exact=exact)
    line = LogLine(None, "a", text)
    found = rows(line, look, cells)
    assert all(width(row) <= cells for row in found)
    assert "".join(plain_text(row) for row in found) == plain_text(drawn(line, look))


@given(st.text(max_size=80), st.integers(2, 30))
def test_rows_fit_however_wide_the_letters_are(text: str, cells: int) -> None:
    found = wrapped(((text, Tone.PLAIN),), cells, 0)
    assert "".join(plain_text(row) for row in found) == text
    assert all(width(row) <= cells for row in found)


@pytest.mark.parametrize("wrap", [False, True])
def test_a_line_of_a_megabyte_is_cut_before_it_is_looked_at(wrap: bool) -> None:
    for text in ("x" * 1_000_000, json.dumps({"event": "y" * 1_000_000})):
        found = rows(LogLine(NOW, "a", text), replace(LOOK, wrap=wrap), 100)
        assert sum(len(plain_text(row)) for row in found) <= WRAPPED + 40 * len(found)


def test_what_is_copied_and_saved_is_whole_dated_and_safe() -> None:
    line = LogLine(NOW, "a\x1b[31m", "b\x1b]52;c;x\x07c" + "d" * 5_000)
    assert exported(line) == "2026-05-28T20:26:40.000000Z a bc" + "d" * 5_000
    assert exported(LogLine(None, "a", "a was removed", BOUNDARY)) == "a ── a was removed ──"


def test_the_title_tells_what_is_shown_and_what_is_not() -> None:
    def said(**values: object) -> str:
        return " ".join(plain_text(title(LogState(**values))).split())  # type: ignore[arg-type]

    assert said() == "Logs all units following"
    assert said(units=frozenset({"a"}), following=False) == "Logs a held, f follows"
    assert "3 of 120 with word" in said(words="word", match=3, hits=120)
    assert "120 of 9,000 with word marked" in said(words="word", hits=120, lines=9_000, only=False)
    assert "120+ of" in said(words="word", hits=120, lines=9_000, searching=True)
    assert "no regular expression: missing )" in said(words="(", wrong="missing )")
    assert "5 came too fast to be kept 7 older ones made room" in said(skipped=5, left=7)
    assert "▲ the log begins here" in said(note="the log begins here")
