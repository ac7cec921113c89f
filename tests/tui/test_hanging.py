"""Words that are too long for their place: none is lost, and they stay below each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.tui.hanging import hanging
from airflow_wizard.tui.spans import Line, Tone, plain_text, width

SPANS = st.tuples(st.text(st.sampled_from("ab日 ✖"), max_size=12), st.sampled_from([Tone.PLAIN, Tone.FAIL]))


@pytest.mark.parametrize(
    ("spans", "cells", "rows"),
    [
        (("  ", "✖ ", "one two three"), 12, ["  ✖ one two", "    three"]),
        (("1 ", "one two"), 6, ["1 one", "  two"]),
        (("  one two three",), 10, ["  one two", "  three"]),
        (("8 GB of it",), 6, ["8 GB", "of it"]),
        (("needs ", "one two"), 11, ["needs one", "two"]),
        (("● ", "one"), 10, ["● one"]),
        (("  ", "/a/path/that/is/long"), 12, ["  /a/path/th", "  at/is/long"]),
        (("日本語",), 4, ["日本", "語"]),
        ((), 4, [""]),
        (("one two",), 0, ["one two"]),
    ],
)
def test_rows_begin_where_the_words_began(spans: tuple[str, ...], cells: int, rows: list[str]) -> None:
    parts = tuple((text, Tone.PLAIN) for text in spans)
    assert [plain_text(row).rstrip() for row in hanging(parts, cells)] == rows


@given(st.lists(SPANS, max_size=8).map(tuple), st.integers(4, 30))
def test_no_word_is_lost_and_every_row_fits(parts: Line, cells: int) -> None:
    rows = hanging(parts, cells)
    assert all(width(row) <= cells for row in rows)

    def letters(lines: list[Line]) -> list[tuple[str, Tone]]:
        return [(char, tone) for line in lines for text, tone in line for char in text if char != " "]

    assert letters(rows) == letters([parts])
