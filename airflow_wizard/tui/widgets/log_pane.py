"""A pane for log lines: a ring that never grows past its size, drawn line by line, counting what it lost.

Textual's own log widgets either stop painting at their limit, take 300 MB for what this holds in five, or hand
escape sequences on to the terminal. A line is made safe and cut when it is drawn, so a burst costs next to nothing.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

from textual.geometry import Size

from airflow_wizard.tui.keys import LOG, bindings
from airflow_wizard.tui.spans import LONGEST, Line, Tone, span
from airflow_wizard.tui.widgets.toned import TonedView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.strip import Strip

    from airflow_wizard.status.snapshot import LogLine

KEPT = 20_000
_BAD = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|Traceback|[A-Z]\w*Error)\b")
_WARN = re.compile(r"\bWARN(?:ING)?\b")
# What Airflow and PostgreSQL put before each line; the pane has a clock of its own.
_STAMP = re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?: UTC(?: \[\d+\])?|Z|[+-]\d\d:?\d\d)?\]? +")
# Airflow pads its levels, and padding is folded to one space when a line is drawn.
_LEVEL = re.compile(r"^\[(\w+) +\]")
# The level stands near the beginning; a message that quotes one further back is no error.
_HEAD = 160


def tone_of(text: str) -> Tone:
    """What a log line is by its own words."""
    head = text[:_HEAD]
    if _BAD.search(head):
        return Tone.FAIL
    return Tone.WARN if _WARN.search(head) else Tone.PLAIN


def drawn(entry: LogLine, *, unit_cells: int, clock: bool) -> Line:
    """One log line: time of day, unit, text."""
    parts: Line = ()
    if clock:
        when = "        " if entry.time is None else datetime.fromtimestamp(entry.time).strftime("%H:%M:%S")  # noqa: DTZ006 - the person's own clock
        parts += ((f"{when} ", Tone.DIM),)
    if unit_cells:
        name, _ = span(entry.unit.removeprefix("airflow-"))  # what differs has to fit
        parts += ((f"{name[:unit_cells]:<{unit_cells}} ", Tone.DIM),)
    text = entry.text[: LONGEST * 4]
    text = without_time(text) if clock and entry.time is not None else text
    return (*parts, span(_LEVEL.sub(r"[\1]", text), tone_of(text)))


def without_time(text: str) -> str:
    """A line without the time its program put before it, and with its level unpadded."""
    return _LEVEL.sub(r"[\1]", _STAMP.sub("", text))


class LogPane(TonedView, can_focus=True, inherit_bindings=False):
    """Log lines, the newest at the bottom; follows until one scrolls up."""

    BINDINGS = bindings(*LOG)

    def __init__(self, *, unit_cells: int = 14, clock: bool = True, kept: int = KEPT, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._unit_cells = unit_cells
        self._clock = clock
        self._kept = kept
        self._all: deque[LogLine] = deque(maxlen=kept)
        self._view: deque[LogLine] = deque(maxlen=kept)
        self._units: frozenset[str] = frozenset()
        self._words = ""
        self.following = True
        self.lost = 0

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """What passes the filter, oldest first."""
        return tuple(self._view)

    def add(self, lines: Iterable[LogLine]) -> None:
        """Appends lines; call it with many at once."""
        fresh = list(lines)
        self.lost += max(0, len(self._all) + len(fresh) - self._kept)
        self._all.extend(fresh)
        passing = [entry for entry in fresh if self._passes(entry)]
        if not passing:
            return
        gone = max(0, len(self._view) + len(passing) - self._kept)
        self._view.extend(passing)
        self._moved(gone)

    def clear(self) -> None:
        """Forgets everything."""
        self._all.clear()
        self._view.clear()
        self._moved(0)

    def filter(self, *, units: frozenset[str] | None = None, words: str | None = None) -> None:
        """Shows only lines of these units (all when empty) that contain ``words``."""
        self._units = self._units if units is None else units
        self._words = self._words if words is None else words.lower()
        self._view = deque((entry for entry in self._all if self._passes(entry)), maxlen=self._kept)
        self.following = True
        self._moved(0)

    def _passes(self, entry: LogLine) -> bool:
        if self._units and entry.unit not in self._units:
            return False
        return not self._words or self._words in entry.text.lower()

    def _moved(self, gone: int) -> None:
        if not self.is_mounted:
            return
        size = Size(0, len(self._view))
        if size != self.virtual_size:
            self.virtual_size = size
        if self.following:
            # The room to scroll in is known only after the new size was laid out.
            self.call_after_refresh(self._to_end)
            self.scroll_to(y=max(0, len(self._view) - self.size.height), animate=False, immediate=True)
        elif gone:
            # What is being read stays in place while the oldest lines fall out of the ring.
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, immediate=True)
        self.refresh()

    def _to_end(self) -> None:
        if self.following:
            self.scroll_to(y=max(0, len(self._view) - self.size.height), animate=False, immediate=True)

    def on_resize(self) -> None:
        """Keeps the newest line in sight."""
        self._moved(0)

    def follow(self, on: bool) -> None:
        """Follows the newest line, or stays."""
        self.following = on
        self._moved(0)

    def action_by(self, count: int) -> None:
        """Scrolls; going up stops following, arriving at the end follows again."""
        last = max(0, len(self._view) - self.size.height)
        y = min(last, max(0, self.scroll_offset.y + count))
        self.following = y >= last
        self.scroll_to(y=y, animate=False, immediate=True)

    def action_edge(self, side: int) -> None:
        """The oldest or the newest line."""
        self.action_by(len(self._view) * side)

    def on_mouse_scroll_up(self) -> None:
        """The wheel stops following."""
        self.following = False

    def on_mouse_scroll_down(self) -> None:
        """The wheel at the end follows again."""
        self.following = self.scroll_offset.y >= len(self._view) - self.size.height - 3

    def render_line(self, y: int) -> Strip:
        """One screen line."""
        number = y + self.scroll_offset.y
        cells = self.scrollable_content_region.width
        if not 0 <= number < len(self._view):
            return self.paint((), cells)
        line = drawn(self._view[number], unit_cells=self._unit_cells, clock=self._clock)
        return self.paint(line, cells)
