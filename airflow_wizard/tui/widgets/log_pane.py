"""A pane for log lines: a ring that never grows past its size, of which only what is seen is drawn.

Textual's own log widgets either stop painting at their limit, take 300 MB for what this holds in thirty, or hand
escape sequences on to the terminal. Here new lines cost no layout: the pane scrolls itself, and draws its own bar.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from airflow_wizard.status.log_ring import MOST, LogRing
from airflow_wizard.status.log_view import LogView
from airflow_wizard.tui.keys import LOG, bindings
from airflow_wizard.tui.present.log_lines import Clock, Look, rows
from airflow_wizard.tui.spans import Line, Tone
from airflow_wizard.tui.widgets.toned import TonedView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.log_match import Wanted

_WHEEL = 3


class LogPane(TonedView, can_focus=True, inherit_bindings=False):
    """Log lines, the newest at the bottom; follows until one scrolls up. Then one line is selected.

    Args:
        look: how lines are drawn.
        kept: how many are held.

    Attributes:
        following: the newest line is in sight, and stays so.
        ring: the lines.
        view: which of them are shown.
        look: how they are drawn.
    """

    BINDINGS = bindings(*LOG)

    class Changed(Message):
        """What is seen of the lines is another part."""

        def can_replace(self, message: Message) -> bool:
            """Of several in a row one is enough."""
            return isinstance(message, LogPane.Changed)

    class Beginning(Message):
        """One wants to see what is older than the oldest line."""

    def __init__(self, *, look: Look | None = None, kept: int = MOST, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.ring = LogRing(kept)
        self.view = LogView(self.ring)
        self.look = look or Look()
        self.following = True
        self._top = 0  # number of the first line that is seen
        self._cursor = 0  # number of the selected line, while not following
        self._seen: list[tuple[int, Line]] = []
        self._fresh = False
        self._last = -1  # number of the last line that is seen

    # What is held -----------------------------------------------------------------------------------------------

    def add(self, lines: Iterable[LogLine]) -> None:
        """Appends lines; call it with many at once."""
        fresh = list(lines)
        held = self._held() if not self.following else ()
        changed = self.ring.add(fresh, trim=self.following)
        self.view.added(changed)
        if len(held) == 2:
            self._cursor, self._top = (self._again(number, line, len(fresh)) for number, line in held)
        self._moved(quiet=bool(held) and changed > self._last)

    def _held(self) -> tuple[tuple[int, LogLine], ...]:
        """Selected and uppermost line: one that comes late may be put in front of them."""
        numbers = (self._cursor, self._top)
        return tuple((n, self.ring[n]) for n in numbers if self.ring.first <= n < self.ring.end)

    def _again(self, number: int, line: LogLine, most: int) -> int:
        found = zip(range(number, number + most + 1), self.ring.between(number, number + most + 1), strict=False)
        return next((n for n, one in found if one is line), number)

    def put_before(self, lines: list[LogLine]) -> None:
        """Older lines, in front of the first; what is seen stays in place."""
        self.ring.prepend(lines)
        while self.view.look():
            pass
        self._moved()

    def clear(self) -> None:
        """Forgets everything."""
        self.ring.clear()
        self.view.choose()
        self._moved()

    def filter(self, *, units: frozenset[str] | None = None, wanted: Wanted | None = None) -> None:
        """Shows only lines of these units (all when empty), and of those only what is looked for."""
        self.view.choose(units=units, wanted=wanted)
        if wanted is not None:
            self.look = replace(self.look, wanted=wanted)
        self._moved()
        self._look_on()

    def _look_on(self) -> None:
        """The rest of a long log is looked through a slice at a time; keys are served in between."""
        if self.view.look():
            self.set_timer(0.005, self._look_on)
        self._moved()

    @property
    def cursor(self) -> int | None:
        """Number of the line that keys act on; the newest while following. None when nothing is shown."""
        if not len(self.view):
            return None
        if self.following:
            return self.view[len(self.view) - 1]
        return self.view[min(self.view.row(self._cursor), len(self.view) - 1)]

    @property
    def current(self) -> LogLine | None:
        """The line that keys act on."""
        return None if self.cursor is None else self.ring[self.cursor]

    @property
    def seen(self) -> list[LogLine]:
        """The lines that can be seen, from above."""
        return [self.ring[number] for number in dict.fromkeys(number for number, _ in self._screen())]

    # Where one is -----------------------------------------------------------------------------------------------

    def follow(self, on: bool) -> None:
        """Follows the newest line, or stays at it."""
        if not on and self.following:
            self._cursor = self.cursor or 0
            self._screen()
        self.following = on
        if on:
            # What was kept because somebody read further up may go now.
            self.ring.trim()
            self.view.added(self.ring.end)
        self._moved()

    def go_to(self, number: int, *, middle: bool = False) -> None:
        """Selects a line and brings it into sight; with ``middle`` one also sees what stands around it."""
        self.follow(False)
        self._cursor = number
        height, row, top = max(1, self.size.height), self.view.row(number), self.view.row(self._top)
        if middle and not top <= row < top + height:
            self._top = self.view[max(0, row - height // 2)]
        elif row < top:
            self._top = number
        elif row >= top + height:
            self._top = self.view[row - height + 1]
        # Wrapped lines take more rows than one.
        while self._top != number and number not in {seen for seen, _ in self._draw()[:height]}:
            self._top = self.view[self.view.row(self._top) + 1]
        self._moved()

    def action_by(self, count: int) -> None:
        """Selects another line; going up stops following, past the end follows again."""
        if self.cursor is None:
            return
        last = len(self.view) - 1
        row = self.view.row(self.cursor) + count
        if row > last:
            self.follow(True)
            return
        if row < 0:
            self.post_message(self.Beginning())
        self.go_to(self.view[max(0, row)])

    def action_page(self, step: int) -> None:
        """A page up or down."""
        # While following the selected line is the last one; a page above it begins a page above the first.
        pages = 2 * step if self.following and step < 0 else step
        self.action_by(pages * max(1, self.size.height - 1))

    def action_edge(self, side: int) -> None:
        """The oldest line that is held, or the newest."""
        if side > 0 or self.cursor is None:
            self.follow(True)
        elif not self.following and self.view.row(self.cursor) == 0:
            self.post_message(self.Beginning())
        else:
            self.go_to(self.view[0])

    def action_follow(self) -> None:
        """Follows the newest line, or stays."""
        self.follow(not self.following)

    def action_wrap(self) -> None:
        """Long lines take as many rows as they need, or are cut."""
        self.look = replace(self.look, wrap=not self.look.wrap)
        self._moved()

    def action_trouble(self, step: int) -> None:
        """The next line that tells of an error or a warning."""
        if self.cursor is None:
            self._jump(None)
        else:
            self._seek(self._from(step), step, self._place)

    @property
    def _place(self) -> int | None:
        """Where one has put oneself."""
        return None if self.following else self._cursor

    def _seek(self, number: int, step: int, begun: int | None) -> None:
        """Looks through a slice at a time; whoever selects another line meanwhile has given it up."""
        found, rest = self.view.trouble(number, step)
        if self._place != begun:
            return
        if rest is None:
            self._jump(found)
        else:
            self.set_timer(0.001, lambda: self._seek(rest, step, begun))

    def match(self, step: int) -> None:
        """The next line that matches."""
        self._jump(None if self.cursor is None else self.view.match(self._from(step), step))

    def _from(self, step: int) -> int:
        """Where a search begins: the newest line itself may be what is looked for upwards."""
        cursor = self.cursor or 0
        return cursor + 1 if self.following and step < 0 else cursor

    def _jump(self, number: int | None) -> None:
        if number is None:
            self.app.bell()
        else:
            self.go_to(number, middle=True)

    def next_clock(self) -> None:
        """The next way to show the time."""
        clocks = list(Clock)
        self.look = replace(self.look, clock=clocks[(clocks.index(self.look.clock) + 1) % len(clocks)])
        self._moved()

    def on_mouse_scroll_up(self) -> None:
        """The wheel stops following."""
        self.action_by(-_WHEEL)

    def on_mouse_scroll_down(self) -> None:
        """The wheel at the end follows again."""
        self.action_by(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Selects the line under the pointer."""
        screen = self._screen()
        at = event.get_content_offset(self)
        if at is not None and 0 <= at.y < len(screen):
            self.go_to(screen[at.y][0])

    def on_resize(self) -> None:
        """Keeps the newest line, or the selected one, in sight."""
        self._fresh = False
        if self.following or self.cursor is None:
            self._moved()
        else:
            self.go_to(self.cursor)

    def on_focus(self) -> None:
        """The selected line gets its colour."""
        self.refresh()

    def on_blur(self) -> None:
        """The selected line loses it, and keeps its sign."""
        self.refresh()

    # How it is drawn --------------------------------------------------------------------------------------------

    def _moved(self, *, quiet: bool = False) -> None:
        """What is seen may be another part; with ``quiet`` it is not, and only the bar is."""
        self._fresh = self._fresh and quiet
        if self.is_mounted:
            self.post_message(self.Changed())
            self.refresh()

    def _cells(self) -> int:
        return self.content_size.width - 1  # the bar

    def _screen(self) -> list[tuple[int, Line]]:
        if not self._fresh:
            self._seen = self._draw()[: max(0, self.size.height)]
            self._last = self._seen[-1][0] if self._seen else -1
            self._fresh = True
        return self._seen

    def _draw(self) -> list[tuple[int, Line]]:
        """(number of the line, what is drawn) of every row that is seen, and perhaps some more."""
        height, cells, shown = self.size.height, self._cells(), len(self.view)
        if height <= 0 or cells <= 2 or not shown:
            return []
        if self.following:
            found: list[tuple[int, Line]] = []
            row = shown
            while row > 0 and len(found) < height:
                row -= 1
                found = self._rows(row, cells) + found
            self._top = self.view[row]
            return found[-height:]
        found = []
        for row in range(min(self.view.row(self._top), shown - 1), shown):
            found += self._rows(row, cells)
            if len(found) >= height:
                break
        # No empty rows below the last line while there are lines above the first.
        first = self.view.row(found[0][0])
        while len(found) < height and first > 0:
            first -= 1
            found = (self._rows(first, cells) + found)[-height:]
            self._top = self.view[first]
        return found

    def _rows(self, row: int, cells: int) -> list[tuple[int, Line]]:
        number = self.view[row]
        return [(number, line) for line in rows(self.ring[number], self.look, cells - 1)]

    def render_line(self, y: int) -> Strip:
        """One screen line: a sign, the line, the bar."""
        cells = self._cells()
        if cells <= 2:
            return Strip.blank(max(0, cells + 1), self.rich_style)
        screen = self._screen()
        under, sign = None, " "
        line: Line = ()
        if 0 <= y < len(screen):
            number, line = screen[y]
            if not self.following and number == self.cursor:
                sign = "❯" if y == 0 or screen[y - 1][0] != number else " "
                under = self.cursor_style() if self.has_focus else None
        strip = self.paint(((sign, Tone.ACCENT if self.has_focus else Tone.DIM), *line), cells, under=under)
        return Strip([*strip, self._bar(y)], cells + 1)

    def _bar(self, y: int) -> Segment:
        height, shown = self.size.height, len(self.view)
        style = self.rich_style
        if shown <= height:
            return Segment(" ", style)
        size = max(1, height * height // shown)
        top = height - size if self.following else self.view.row(self._top) * (height - size) // max(1, shown - height)
        here = top <= y < top + size
        tone = Tone.ACCENT if here and self.has_focus else Tone.DIM
        return Segment("┃" if here else " ", style + self.get_component_rich_style(f"tone--{tone}", partial=True))
