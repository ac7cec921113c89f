"""Answers as people type them, and back. ``parse(option, format_value(answer))`` is the answer again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Kind, Option
from airflow_wizard.options.rules import TEXT_LIMIT, invisible
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.finding import Answer

_YES = frozenset({"true", "yes", "on", "y", "1"})
_NO = frozenset({"false", "no", "off", "n", "0"})
_LIST_LIMIT = 200


def parse(option: Option, text: str) -> Answer:
    """The answer a text means for this option; an empty text or path is None, an empty list ``()``.

    Only the type is judged here; whether the value fits this target and machine is ``Option.refuse``.

    Raises:
        InvalidError: the text cannot be a value of this type.
    """
    value = text.strip()
    if problem := _shape(value):
        raise _refused(option, value, problem)
    if option.kind is Kind.INTEGER:
        return _integer(option, value)
    if option.kind is Kind.BOOLEAN:
        return _boolean(option, value)
    if option.kind is Kind.LIST:
        return parse_items(option, _split(option, value))
    if not value and option.kind is Kind.CHOICE:
        raise _refused(option, value, "is empty")
    return value or None


def parse_items(option: Option, items: Sequence[str]) -> Answer:
    """The answer a sequence of texts means; only lists have more than one.

    Raises:
        InvalidError: the option is no list, or an item is empty or has invisible characters.
    """
    if option.kind is not Kind.LIST:
        raise InvalidError(f"{option.name}: needs one value, not a list", key=option.name, next=_hint(option))
    if len(items) > _LIST_LIMIT:
        raise InvalidError(f"{option.name}: has {len(items)} items, at most {_LIST_LIMIT} are read", key=option.name)
    values = tuple(item.strip() for item in items)
    for value in values:
        if problem := _shape(value) or ("has an empty item" if not value else ""):
            raise _refused(option, value, problem)
    return values


def format_value(value: Answer) -> str:
    """An answer as text for ``--set``, form fields and tables; None is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(_quoted(item) for item in value)
    return str(value)


def _shape(value: str) -> str:
    if len(value) > TEXT_LIMIT * 4:
        return f"is longer than {TEXT_LIMIT * 4} characters"
    return invisible(value)


def _integer(option: Option, value: str) -> int:
    digits = value.removeprefix("-").removeprefix("+")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
        raise _refused(option, value, "is not a whole number")
    return int(value)


def _boolean(option: Option, value: str) -> bool:
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise _refused(option, value, "is neither true nor false")


def _split(option: Option, value: str) -> list[str]:
    import csv

    try:
        rows = list(csv.reader([value], skipinitialspace=True, strict=True))
    except csv.Error:
        raise _refused(option, value, "has an unfinished quotation mark") from None
    return rows[0] if rows else []


def _quoted(item: str) -> str:
    needs_it = "," in item or '"' in item
    return '"' + item.replace('"', '""') + '"' if needs_it else item


def _refused(option: Option, value: str, problem: str) -> InvalidError:
    shown = f" {one_line(value, limit=60)!r}" if value and not option.secret else ""
    return InvalidError(f"{option.name}:{shown} {problem}", key=option.name, next=_hint(option))


def _hint(option: Option) -> str:
    return f"for example: {option.name}={option.example}" if option.example else ""
