"""Lines too long for their place: broken between words, and gone on with below where the words began. Pure."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

from airflow_wizard.tui.spans import Tone, plain_text, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.tui.spans import Line


def hanging(parts: Line, cells: int) -> list[Line]:
    """The line in rows of at most ``cells``; those after the first begin as far in as its words do."""
    if cells <= 0 or width(parts) <= cells:
        return [parts]
    text = plain_text(parts)
    first = _first(parts, text)
    indent = min(cell_len(text[:first]), cells // 2)
    pad: Line = ((" " * indent, Tone.PLAIN),) if indent else ()
    rows = list(_rows(text, first, cells, indent))
    return [(pad if number else ()) + _part(parts, start, end) for number, (start, end) in enumerate(rows)]


def _first(parts: Line, text: str) -> int:
    """Where the words begin: before them stand spans of their own, of blanks, a sign or a number, and blanks."""
    signs = takewhile(lambda one: one[0].endswith(" ") and len(one[0].strip()) <= 1, parts)
    at = sum(len(sign) for sign, _ in signs)
    return len(text) - len(text[at:].lstrip(" "))


def _rows(text: str, first: int, cells: int, indent: int) -> Iterator[tuple[int, int]]:
    """Where each row begins and ends; words begin at ``first``."""
    start, room = 0, cells
    while start < len(text):
        end = start + len(chop_cells(text[start : start + cells], room)[0])
        if end < len(text):
            blank = text.rfind(" ", max(start, first) + 1, end + 1)
            end = blank if blank > 0 else end  # a word that is longer than a row is cut
        yield start, end
        start = len(text) - len(text[end:].lstrip(" "))
        room = cells - indent


def _part(parts: Line, start: int, end: int) -> Line:
    found, at = [], 0
    for text, tone in parts:
        if piece := text[max(0, start - at) : max(0, end - at)]:
            found.append((piece, tone))
        at += len(text)
    return tuple(found)
