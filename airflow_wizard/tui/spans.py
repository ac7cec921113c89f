"""Coloured words as plain values: what presentation makes and widgets place. Nothing here knows a terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len, set_cell_size

from airflow_wizard.finding import Level
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from textual.content import Content

# Longer than any terminal is wide, shorter than what makes measuring a line slow.
LONGEST = 600


class Tone(StrEnum):
    """What a word means; a theme says how that looks."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    WORK = "work"
    MATCH = "match"
    UNIT_0 = "unit-0"
    UNIT_1 = "unit-1"
    UNIT_2 = "unit-2"
    UNIT_3 = "unit-3"
    UNIT_4 = "unit-4"
    UNIT_5 = "unit-5"


Span: TypeAlias = tuple[str, Tone]
Line: TypeAlias = tuple[Span, ...]

LEVEL_TONES = {
    Level.OK: Tone.OK,
    Level.INFO: Tone.OK,
    Level.WARN: Tone.WARN,
    Level.FAIL: Tone.FAIL,
    Level.UNKNOWN: Tone.UNKNOWN,
}

# How a tone is written in Textual's own style language, for text that wraps.
STYLES = {
    Tone.PLAIN: "",
    Tone.DIM: "$dim",
    Tone.STRONG: "bold",
    Tone.ACCENT: "bold $accent",
    Tone.OK: "$success",
    Tone.WARN: "$warning",
    Tone.FAIL: "$error",
    Tone.UNKNOWN: "$dim",
    Tone.WORK: "$accent",
    Tone.MATCH: "reverse",
    **{tone: f"${tone}" for tone in Tone if tone.startswith("unit-")},
}


def span(text: object, tone: Tone = Tone.PLAIN) -> Span:
    """One run of text, made safe and single-line: the only door for text from outside."""
    raw = str(text)
    # Cut first: folding a line of a megabyte to show eighty columns of it would be felt.
    return (one_line(raw[: LONGEST * 4], limit=LONGEST), tone)


def line(*parts: Span | str) -> Line:
    """A line from spans and our own literal words."""
    return tuple((part, Tone.PLAIN) if isinstance(part, str) else part for part in parts)


def dim(text: object) -> Line:
    """A line of secondary text."""
    return (span(text, Tone.DIM),)


def plain_text(parts: Line) -> str:
    """The words alone."""
    return "".join(text for text, _ in parts)


def width(parts: Line) -> int:
    """Cells it takes."""
    return sum(cell_len(text) for text, _ in parts)


def fit(parts: Line, cells: int, *, right: bool = False) -> Line:
    """Exactly ``cells`` wide: padded, or cut with an ellipsis."""
    if cells <= 0:
        return ()
    missing = cells - width(parts)
    if missing >= 0:
        pad = ((" " * missing, Tone.PLAIN),) if missing else ()
        return pad + parts if right else parts + pad
    kept: list[Span] = []
    room = cells - 1
    for text, tone in parts:
        size = cell_len(text)
        if size < room:
            kept.append((text, tone))
            room -= size
            continue
        kept.append((set_cell_size(text, room) + "…", tone))
        break
    return tuple(kept)


def content(*lines: Line) -> Content:
    """The lines as what Textual's own widgets show; never parsed as markup."""
    from textual.content import Content

    parts: list[str | tuple[str, str]] = []
    for number, one in enumerate(lines):
        if number:
            parts.append("\n")
        parts.extend((text, STYLES[tone]) if STYLES[tone] else text for text, tone in one)
    return Content.assemble(*parts)
