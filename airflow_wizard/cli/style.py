"""Colours by meaning. Text comes in as parts; what is not ours is cleaned before a colour is put around it."""

from __future__ import annotations

import os
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO, TypeAlias

from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Meaning(StrEnum):
    """What a piece of text says; never the only sign of it."""

    OK = "32"
    WARN = "33"
    FAIL = "31"
    UNKNOWN = "35"
    ACCENT = "36"
    STRONG = "1"
    DIM = "2"


Part: TypeAlias = "str | tuple[str, Meaning]"
Line: TypeAlias = "tuple[Part, ...]"


def coloured(stream: TextIO | None) -> bool:
    """Whether colours may go to ``stream``: NO_COLOR (no-color.org) wins, then FORCE_COLOR, then the terminal."""
    if stream is None:
        return False
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    if os.environ.get("TERM", "dumb") == "dumb":
        return False
    return stream.isatty()


def paint(parts: Iterable[Part], *, colour: bool) -> str:
    """One string for the terminal; everything in it is stripped of foreign escape sequences."""
    shown = []
    for part in parts:
        text, meaning = (part, None) if isinstance(part, str) else part
        clean = plain(text)
        shown.append(f"\x1b[{meaning.value}m{clean}\x1b[0m" if colour and meaning is not None and clean else clean)
    return "".join(shown)


def width(text: str) -> int:
    """Columns ``text`` takes: wide East Asian characters count two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def text_of(part: Part) -> str:
    """The part without its meaning."""
    return part if isinstance(part, str) else part[0]


def table(rows: Sequence[Sequence[Part]], *, right: frozenset[int] = frozenset(), gap: int = 2) -> list[Line]:
    """Rows as aligned lines; the last column is not padded.

    Args:
        rows: cells; rows may be of different length.
        right: columns to align right (numbers).
        gap: blanks between columns.
    """
    if not rows:
        return []
    clean = [[_cleaned(cell) for cell in row] for row in rows]
    columns = max(len(row) for row in clean)
    widths = [max((width(text_of(row[i])) for row in clean if i < len(row)), default=0) for i in range(columns)]
    lines: list[Line] = []
    for row in clean:
        parts: list[Part] = []
        for index, cell in enumerate(row):
            pad = " " * (widths[index] - width(text_of(cell)))
            last = index == len(row) - 1
            parts += [pad, cell] if index in right else [cell, "" if last else pad]
            if not last:
                parts.append(" " * gap)
        lines.append(tuple(parts))
    return lines


def _cleaned(cell: Part) -> Part:
    if isinstance(cell, str):
        return " ".join(plain(cell).split("\n"))
    return " ".join(plain(cell[0]).split("\n")), cell[1]
