"""One log line as it is drawn: time, unit, words in the colour of what they say, matches. Pure."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.cells import cell_len

from airflow_wizard.log_line import BOUNDARY, GAP, LogLine
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.status.log_words import ERROR, WARNING, readable, severity, without_time
from airflow_wizard.text import plain
from airflow_wizard.tui.spans import LONGEST, Line, Tone, span, width

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS = (Tone.UNIT_0, Tone.UNIT_1, Tone.UNIT_2, Tone.UNIT_3, Tone.UNIT_4, Tone.UNIT_5)
# Chosen so that the units of a usual stack differ.
_SALT = 90
_PADDED = re.compile(r"^\[(\w+) \]")
_TONES = {ERROR: Tone.FAIL, WARNING: Tone.WARN, "": Tone.PLAIN}
_INDENT = 24  # of a line that continues another one; what is more would hide its words
_NOTHING = Wanted()
WRAPPED = 4_000  # characters of a line that is wrapped; the rest is one key away


class Clock(StrEnum):
    """Which time stands before a line."""

    LOCAL = "local time"
    UTC = "UTC"
    OFF = "no time"


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are drawn.

    Attributes:
        unit_cells: width of the column of units; 0 for none.
        clock: see `Clock`.
        wanted: what is marked.
        exact: every blank counts, as in a text to read.
        wrap: a long line takes as many rows as it needs.
    """

    unit_cells: int = 14
    clock: Clock = Clock.LOCAL
    wanted: Wanted = _NOTHING
    exact: bool = False
    wrap: bool = False


def _column(name: str, cells: int) -> str:
    """A name in so many cells; of a container beside the main one its own name is what tells it apart."""
    if len(name) <= cells:
        return name
    pod, slash, container = name.rpartition("/")
    room = cells - len(container) - 2
    return f"{pod[:room]}…/{container}" if slash and room > 0 else f"…{name[1 - cells :]}" if slash else name[:cells]


def unit_tone(name: str) -> Tone:
    """A colour that stays with a name; the name is always there as well."""
    return _UNITS[zlib.crc32(name.encode("utf-8", "replace"), _SALT) % len(_UNITS)]


def drawn(entry: LogLine, look: Look) -> Line:
    """One log line: time of day, unit, text."""
    before = _before(entry, look)
    if entry.kind:
        words, _ = span(entry.text)
        return (*before, (f"── {words} ──", Tone.WARN if entry.kind == GAP else Tone.ACCENT))
    return (*before, *_marked(words_of(entry, look), _TONES[severity(entry)], look.wanted))


def rows(entry: LogLine, look: Look, cells: int) -> list[Line]:
    """The rows a line takes in a pane of so many cells."""
    line = drawn(entry, look)
    if not look.wrap or width(line) <= cells:
        return [line]
    indent = width(_before(entry, look))
    return wrapped(line, cells, indent if cells - indent >= 20 else 0)


def _before(entry: LogLine, look: Look) -> Line:
    parts: Line = ()
    if look.clock is not Clock.OFF:
        zone = UTC if look.clock is Clock.UTC else None
        when = " " * 8 if entry.time is None else datetime.fromtimestamp(entry.time, zone).strftime("%H:%M:%S")
        parts += ((f"{when} ", Tone.DIM),)
    if look.unit_cells:
        name, _ = span(entry.unit.removeprefix("airflow-"))  # what differs has to fit
        parts += ((f"{_column(name, look.unit_cells):<{look.unit_cells}} ", unit_tone(name)),)
    return parts


def words_of(entry: LogLine, look: Look) -> str:
    """What a line says, on one line, as far as it is drawn."""
    longest = WRAPPED if look.wrap else LONGEST
    if look.exact:
        return plain(entry.text[:longest]).replace("\t", "    ").replace("\n", " ")
    told = readable(entry.text)
    # Cut before it is folded: that would be felt in a line of a megabyte.
    text = _bare(told[: longest * 4], entry, look) if told is entry.text else told[: longest * 4]
    safe = plain(text).expandtabs(4)
    words = _PADDED.sub(r"[\1]", " ".join(safe.split()))
    indent = min(_INDENT, len(safe) - len(safe.lstrip()))
    return (" " * indent + words)[: longest - 1] + "…" if len(words) >= longest else " " * indent + words


def _bare(text: str, entry: LogLine, look: Look) -> str:
    # The pane has a clock of its own; without it the program's own time stays.
    return without_time(text) if look.clock is not Clock.OFF and entry.time is not None else text


def _marked(text: str, tone: Tone, wanted: Wanted) -> Line:
    if not wanted:
        return ((text, tone),)
    parts: list[tuple[str, Tone]] = []
    at = 0
    for start, end in wanted.places(text):
        if start > at:
            parts.append((text[at:start], tone))
        parts.append((text[start:end], Tone.MATCH))
        at = end
    return (*parts, (text[at:], tone))


def wrapped(line: Line, cells: int, indent: int) -> list[Line]:
    """A line in rows of ``cells``; those after the first begin ``indent`` cells further right."""
    return list(wrapping(line, cells, indent))


def wrapping(line: Line, cells: int, indent: int) -> Iterator[Line]:
    """The same row by row, for whoever has no time for all of them."""
    row: list[tuple[str, Tone]] = []
    room = whole = cells
    for text, tone in line:
        # By place: taking rows off the front of a line of a megabyte would copy it thousands of times.
        at, ascii_only = 0, text.isascii()
        while at < len(text):
            piece = text[at : at + room] if ascii_only else _fitting(text, at, room)
            if not piece and room == whole:
                piece = text[at]  # wider than the whole row
            if piece:
                row.append((piece, tone))
                room -= cell_len(piece)
                at += len(piece)
            if at < len(text):
                yield tuple(row)
                row = [(" " * indent, Tone.PLAIN)] if indent else []
                room = whole = cells - indent
    if row:
        yield tuple(row)


def _fitting(text: str, at: int, cells: int) -> str:
    used = 0
    for place in range(at, len(text)):
        used += cell_len(text[place])
        if used > cells:
            return text[at:place]
    return text[at:]


def exported(entry: LogLine) -> str:
    """A line as it is copied and saved: whole, with its date, safe for every terminal."""
    when = "" if entry.time is None else f"{datetime.fromtimestamp(entry.time, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    text = " ".join(plain(entry.text).split("\n"))
    unit = " ".join(plain(entry.unit).split())
    return f"{when} {unit} {f'── {text} ──' if entry.kind in {BOUNDARY, GAP} else text}".strip()
