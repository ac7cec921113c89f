"""Three-way merge by lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.merge import lines_of, merge

_LINE = st.sampled_from(["a", "b", "c", "", "  x: 1", "}"])
_TEXT = st.builds(
    lambda lines, end: "\n".join(lines) + (end if lines else ""),
    st.lists(_LINE, max_size=8),
    st.sampled_from(["\n", ""]),
)


@pytest.mark.parametrize(
    ("base", "user", "new", "merged"),
    [
        ("a\nb\nc\n", "a\nb\nc\nmine\n", "A\nb\nc\n", "A\nb\nc\nmine\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n"),
        ("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\nd\n", "a\nX\nc\nd\n"),
        ("a\nb\n", "a\nb", "a\nb\n", "a\nb"),
        ("", "mine\n", "", "mine\n"),
    ],
)
def test_changes_of_both_sides_come_together(base: str, user: str, new: str, merged: str) -> None:
    assert merge(base, user, new).text == merged


@pytest.mark.parametrize(
    ("base", "user", "new"),
    [
        ("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n"),  # the same line, differently
        ("a\nb\n", "X\nb\n", "a\nY\n"),  # lines that touch
        ("a\n", "a\nmine\n", "a\nyours\n"),  # both at the same place
        ("a\nb\n", "a\n", "a\nB\n"),  # removed here, changed there
        ("", "mine\n", "yours\n"),
    ],
)
def test_what_only_a_person_can_decide_is_a_conflict(base: str, user: str, new: str) -> None:
    result = merge(base, user, new)
    assert result.text is None
    assert result.conflicts == 1


@given(_TEXT, _TEXT)
def test_a_side_that_changed_nothing_does_not_count(base: str, other: str) -> None:
    assert merge(base, other, base).text == other
    assert merge(base, base, other).text == other
    assert merge(base, other, other).text == other


@given(_TEXT, _TEXT, _TEXT)
def test_sides_are_equal_before_the_merge(base: str, user: str, new: str) -> None:
    one, other = merge(base, user, new), merge(base, new, user)
    assert (one.text is None) == (other.text is None)


@given(st.lists(_LINE, max_size=8), st.lists(st.tuples(st.integers(0, 8), st.integers()), max_size=4), _TEXT)
def test_no_added_line_is_lost(lines: list[str], additions: list[tuple[int, int]], new: str) -> None:
    base = "".join(f"{line}\n" for line in lines)
    mine = list(lines)
    for place, number in additions:
        mine.insert(place, f"mine {number}")
    result = merge(base, "".join(f"{line}\n" for line in mine), new)
    if result.text is not None:
        merged = lines_of(result.text)
        assert all(f"mine {number}\n" in merged for _, number in additions)


@given(_TEXT, _TEXT, _TEXT)
def test_merging_again_changes_nothing(base: str, user: str, new: str) -> None:
    once = merge(base, user, new).text
    if once is not None:
        assert merge(new, once, new).text == once


@given(st.text())
def test_lines_join_to_the_text(text: str) -> None:
    assert "".join(lines_of(text)) == text
    assert all(line.count("\n") == line.endswith("\n") for line in lines_of(text))
