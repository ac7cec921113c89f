from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Kind, Option
from airflow_wizard.options.registry import OPTIONS, option
from airflow_wizard.options.values import format_value, parse, parse_items

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

LIST, NUMBER, FLAG, TEXT = option("packages"), option("port"), option("examples"), option("image")
VISIBLE = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=80).map(str.strip)


@given(st.lists(VISIBLE.filter(bool), max_size=8).map(tuple))
def test_lists_round_trip(items: tuple[str, ...]) -> None:
    assert parse(LIST, format_value(items)) == items
    assert parse_items(LIST, items) == items


@given(VISIBLE)
def test_texts_round_trip(text: str) -> None:
    answer = parse(TEXT, text)
    assert answer == (text or None)
    assert parse(TEXT, format_value(answer)) == answer


@given(st.integers(-(10**17), 10**17))
def test_numbers_round_trip(number: int) -> None:
    assert parse(NUMBER, format_value(number)) == number


@pytest.mark.parametrize("value", [True, False])
def test_flags_round_trip(value: bool) -> None:
    assert parse(FLAG, format_value(value)) is value


@given(st.sampled_from(OPTIONS), st.text(max_size=60))
def test_parsing_never_fails_in_another_way(asked: Option, text: str) -> None:
    problem = ""
    try:
        answer: Answer = parse(asked, text)
    except InvalidError as error:
        answer, problem = None, error.what
    assert problem.isprintable()
    assert isinstance(answer, str | int | bool | tuple | None)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("port", "80 80", "whole number"), ("port", "", "whole number"), ("port", "--8", "whole number"),
        ("port", "8.0", "whole number"), ("port", "٨٠", "whole number"), ("port", "9" * 30, "whole number"),
        ("examples", "maybe", "true"), ("executor", "", "empty"), ("packages", '"a', "quotation"),
        ("packages", "a,,b", "empty item"), ("dags", "a\x1b[31mb", "U+001B"), ("dags", "a\u202eb", "U+202E"),
        ("dags", "a\nb", "U+000A"), ("dags", "a\x00", "U+0000"), ("dags", "x" * 5000, "longer"),
        ("dags", "a\udcff", "U+DCFF"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_value_is_refused_in_words(name: str, text: str, word: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(option(name), text)
    assert word in caught.value.what
    assert caught.value.what.startswith(name)
    assert caught.value.what.isprintable()
    assert caught.value.key == name


def test_a_requirement_with_a_comma_is_quoted() -> None:
    assert parse(LIST, '"pandas>=2,<3", http') == ("pandas>=2,<3", "http")
    assert format_value(("pandas>=2,<3", "http")) == '"pandas>=2,<3",http'


def test_a_secret_is_not_repeated() -> None:
    secret = next(o for o in OPTIONS if o.secret)
    with pytest.raises(InvalidError) as caught:
        parse(secret, "geheim\x07")
    assert "geheim" not in caught.value.what


def test_only_lists_take_lists() -> None:
    with pytest.raises(InvalidError):
        parse_items(NUMBER, ["1", "2"])
    assert all(o.kind is Kind.LIST for o in OPTIONS if o.name == "packages")
