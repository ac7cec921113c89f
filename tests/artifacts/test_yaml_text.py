"""The YAML writer: whatever goes in comes back from a real parser."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.yaml_text import Alias, Anchor, Block, Flow, Node, Why, manifests, render

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


ITEMS = st.dictionaries(TEXT.filter(lambda key: key != "<<"), st.one_of(SCALARS, ODD, VALUES), min_size=1, max_size=3)


@given(st.lists(ITEMS, max_size=3))
def test_lists_of_objects_survive(items: list[Node]) -> None:
    assert yaml.safe_load(render({"a": {"b": items}})) == {"a": {"b": items}}


LINES = st.lists(st.one_of(TEXT, st.sampled_from(["", " ", "\t", "# x", "  a: b", "---", "- x", "%"])), max_size=5)


@given(LINES, st.booleans())
def test_texts_of_several_lines_survive(lines: list[str], ended: bool) -> None:
    text = "\n".join(lines) + ("\n" if ended else "")
    assert yaml.safe_load(render({"a": {"b": Block(text)}, "c": [Block(text), {"d": Block(text), "e": 1}]})) == {
        "a": {"b": text},
        "c": [text, {"d": text, "e": 1}],
    }


def test_a_text_of_several_lines_is_readable() -> None:
    assert render({"a": Why(Block("one\n\n  two\n"), "because")}) == "# because\na: |\n  one\n\n    two\n"


def test_objects_stand_in_documents_of_their_own() -> None:
    text = manifests([{"kind": "A"}, {"kind": "B", "spec": {"x": [1]}}], "first\nsecond")
    assert text == "# first\n# second\nkind: A\n---\nkind: B\nspec:\n  x:\n    - 1\n"
    assert list(yaml.safe_load_all(text)) == [{"kind": "A"}, {"kind": "B", "spec": {"x": [1]}}]


def test_what_cannot_be_written_is_refused_instead_of_written_wrong() -> None:
    with pytest.raises(TypeError, match="a list of list"):
        render({"a": [["b"]]})
    with pytest.raises(TypeError, match="above the item"):
        render({"a": [{"b": Why(1, "because")}]})
