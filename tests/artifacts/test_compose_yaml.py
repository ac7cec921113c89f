"""The YAML writer: whatever goes in comes back from a real parser."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.compose_yaml import Alias, Anchor, Flow, Node, Why, render

# Control characters and halves of characters are refused by every option.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
SCALARS = st.one_of(TEXT, st.integers(-(10**9), 10**9), st.booleans())
ODD = st.sampled_from(["no", "Yes", "null", "~", "1e3", "0x1f", "12:30", "1.0", ".5", "2026-01-01", "=", "<<", "", "*a",
                       "&a", "# x", "a: b", "a #b", "- x", "{", "%", "@", "`", "!x", "| ", "'", '"', "\\"])  # fmt: skip
VALUES = st.recursive(
    st.one_of(SCALARS, ODD),
    lambda inner: st.dictionaries(TEXT.filter(lambda key: key != "<<"), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT.filter(lambda key: key != "<<"), st.one_of(VALUES, st.lists(st.one_of(SCALARS, ODD)))))
def test_values_survive(document: dict[str, Node]) -> None:
    text = render(document)
    assert (yaml.safe_load(text) or {}) == document


def test_comments_anchors_and_merges_read_as_they_are_meant() -> None:
    text = render(
        {
            "x-a": Why(Anchor("a", {"one": 1, "two": Why("2", "because")}), "first"),
            "services": {"b": {"<<": Alias("a"), "two": ["x", Why("y", "a reason")]}, "c": {"go": Flow(("CMD", "é"))}},
        }
    )
    assert yaml.safe_load(text)["services"] == {"b": {"one": 1, "two": ["x", "y"]}, "c": {"go": ["CMD", "é"]}}
    assert "# first\nx-a: &a\n  one: 1\n  # because\n  two: " in text
    assert "\n\n  c:\n" in text


def test_a_list_of_lists_is_refused_instead_of_written_wrong() -> None:
    with pytest.raises(TypeError, match="a list of dict"):
        render({"a": [{"b": 1}]})
