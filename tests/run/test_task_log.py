"""Task logs in the shapes that Airflow's APIs give them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.run.task_log import readable

TWO = json.dumps({"content": repr([("worker-1", "first line\nTask exited with return code 1\n")])})
FAILURE = {"exc_type": "ValueError", "exc_value": "no"}
THREE = json.dumps({"content": [{"event": "first line"}, {"event": "Task failed", "error_detail": [FAILURE]}]})


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (TWO, ["first line", "Task exited with return code 1"]),
        (THREE, ["first line", "Task failed", "ValueError: no"]),
        ("plain\ntext", ["plain", "text"]),
        ('{"detail": "not found"}', ['{"detail": "not found"}']),
        ('{"content": "not a list"}', ["not a list"]),
    ],
)
def test_what_a_person_reads(answer: str, lines: list[str]) -> None:
    assert readable(answer) == lines


@given(st.text() | st.builds(lambda content: json.dumps({"content": content}), st.text() | st.lists(st.text())))
def test_whatever_comes_is_lines(answer: str) -> None:
    assert all("\n" not in line for line in readable(answer))
