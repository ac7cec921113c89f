from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.log_line import BOUNDARY, GAP, LogLine
from airflow_wizard.run.masks import Masker
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.status.log_words import ERROR, WARNING, pretty, readable, severity, without_time

JSON = (
    '{"timestamp":"2026-11-21T10:06:19.830562Z","level":"error","event":"Task failed","logger":"task","dag_id":"demo",'
    '"try_number":2}'
)


def test_json_is_read_as_words() -> None:
    assert readable(JSON) == "[error] Task failed  logger=task dag_id=demo try_number=2"
    assert readable("no JSON at all") == "no JSON at all"
    assert readable('{"no": "event"}') == '{"no": "event"}'
    assert readable('{"event": "broken') == '{"event": "broken'
    assert readable("[" * 100_000) == "[" * 100_000
    assert readable('{"event":' + "[" * 10_000) == '{"event":' + "[" * 10_000


def test_a_masked_value_does_not_make_json_unreadable() -> None:
    masked = Masker().mask('{"event": "login", "password": "hunter2-hunter2"}')
    assert readable(masked) == "login  password=••••••"


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=12) | st.integers() | st.none(), max_size=5), st.text())
def test_what_json_spells_out_is_made_safe(fields: dict[str, object], event: str) -> None:
    shown = readable(json.dumps({**fields, "event": event}))
    assert not {"\x1b", "\x9b", "\x07", "\x00"} & set(shown)


def test_a_line_is_laid_out_with_its_structure() -> None:
    assert '\n  "level": "error",' in pretty(JSON)
    assert pretty(f"[info] got {JSON}").startswith("[info] got \n{")
    assert pretty("a \x1b[31mline") == "a line"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JSON, ERROR),
        (JSON.replace("error", "info"), ""),
        ("2026-11-21T10:06:19.216560Z [info     ] Found 1 Error in a file", ""),
        ("2026-11-21T10:06:19.216560Z [warning  ] Skipping", WARNING),
        ("[2026-11-21T10:01:06.736+0000] {a.py:1} ERROR - late", ERROR),
        ("[2026-11-21T10:01:06.736+0000] {a.py:1} INFO - ERROR is a word", ""),
        ("2026-11-21 13:34:10.809 UTC [27] FATAL:  role does not exist", ERROR),
        ("2026-11-21 13:34:10.809 UTC [27] LOG:  an ERROR was logged", ""),
        ("[2026-11-21 10:01:06 +0000] [77] [CRITICAL] WORKER TIMEOUT (pid:91)", ERROR),
        ("Traceback (most recent call last):", ERROR),
        ("ValueError: no", ERROR),
        ("DeprecationWarning: soon", WARNING),
        ("nothing to see", ""),
    ],
)
def test_severity_is_what_the_program_says(text: str, expected: str) -> None:
    assert severity(LogLine(1.0, "a", text)) == expected


def test_a_gap_is_to_be_known_and_a_boundary_is_no_error() -> None:
    assert severity(LogLine(1.0, "a", "5 lines came too fast", GAP)) == WARNING
    assert severity(LogLine(1.0, "a", "a was killed by signal 9, Error", BOUNDARY)) == ""


def test_a_time_is_taken_off_whoever_wrote_it() -> None:
    for stamp in ("2026-11-21T10:41:01.855423Z", "[2026-11-21T10:01:06.736+0000]", "2026-11-21 13:34:10.809 UTC [27]"):
        assert without_time(f"{stamp} [info     ] ready") == "[info] ready"


@given(st.text(min_size=1, max_size=8), st.text(max_size=30))
def test_words_are_found_wherever_they_stand(words: str, text: str) -> None:
    line = LogLine(1.0, "a", text)
    wanted = Wanted(words)
    places = list(wanted.places(text))
    assert all(0 <= start < end <= len(text) for start, end in places)
    if places:
        assert wanted.matches(line) or wanted.words.lower() not in text.lower()
    if words in text and (wanted.wrong or words.isalnum()):
        assert wanted.matches(line)


def test_a_broken_expression_is_said_and_looked_for_as_it_stands() -> None:
    broken = Wanted("[error")
    assert "unterminated" in broken.wrong
    assert broken.matches(LogLine(1.0, "a", "x [Error    ]"))
    assert not broken.matches(LogLine(1.0, "a", "an error"))
    assert Wanted("e.ror|b+").wrong == ""
    assert Wanted("^task .*ed").matches(LogLine(1.0, "a", "Task failed"))


def test_what_is_shown_of_json_can_be_looked_for() -> None:
    line = LogLine(1.0, "a", JSON)
    assert Wanted("dag_id=demo").matches(line)
    assert Wanted('"dag_id":"demo"').matches(line)
    assert Wanted(r"^\[error\] task").matches(line)
