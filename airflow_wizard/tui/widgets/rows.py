"""A list of rows in columns: one widget for checks, targets, files, steps, units, findings and profiles.

It draws single lines, keeps its cursor by key when rows come and go, and repaints only the lines that differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message

from airflow_wizard.tui.keys import ROWS, bindings
from airflow_wizard.tui.spans import Line, Tone, fit
from airflow_wizard.tui.widgets.toned import TonedView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.strip import Strip

GUTTER = 2
GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """How one cell of every row is placed.

    Attributes:
        width: cells; a flexible column never gets less.
        flex: share of what is left over; 0 for a fixed one.
        right: numbers are set to the right.
        above: left out when the list is narrower than this.
        below: left out when the list is at least as wide as this; 0 for never.
    """

    width: int
    flex: int = 0
    right: bool = False
    above: int = 0
    below: int = 0

    def fits(self, cells: int) -> bool:
        """Whether a list of this width has it."""
        return cells >= self.above and (not self.below or cells < self.below)


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        key: what it is about; stays the same while its words change.
        cells: one per column; a row with a single cell takes the whole width.
        selectable: the cursor stops here.
        columns: its own columns; empty for those of the list.
    """

    key: str
    cells: tuple[Line, ...]
    selectable: bool = True
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class LazyRows:
    """Rows that are made when they are painted.

    Attributes:
        keys: of each row in order; empty where the cursor does not stop.
        make: the row of a number; the same as long as nothing else is shown.
    """

    keys: Sequence[str]
    make: Callable[[int], Row]


def blank(key: str) -> Row:
    """An empty line between groups."""
    return Row(key, ((),), selectable=False)


def heading(key: str, text: str, note: str = "") -> Row:
    """A title between rows."""
    parts: Line = ((text, Tone.STRONG),)
    if note:
        parts += ((f"  {note}", Tone.DIM),)
    return Row(key, (parts,), selectable=False)


def place(row: Row, columns: Sequence[Column], cells: int) -> Line:
    """A row laid out on ``cells``: pure, so that a test can read a screen without one."""
    if len(row.cells) == 1:
        return fit(row.cells[0], cells)
    shown = [
        (column, cell) for column, cell in zip(row.columns or columns, row.cells, strict=False) if column.fits(cells)
    ]
    spare = cells - sum(column.width for column, _ in shown) - GAP * (len(shown) - 1)
    shares = sum(column.flex for column, _ in shown)
    parts: Line = ()
    for number, (column, cell) in enumerate(shown):
        extra = spare * column.flex // shares if shares else 0
        if number:
            parts += ((" " * GAP, Tone.PLAIN),)
        parts += fit(cell, max(1, column.width + extra), right=column.right)
    return fit(parts, cells)


class RowHead(TonedView, can_focus=False):
    """Titles of the columns, which stay in sight while the list below is scrolled."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._row = Row("", ())
        self._cells = 0

    def show(self, row: Row, *, beside: RowList) -> None:
        """Titles over the columns of ``beside``."""
        cells = beside.scrollable_content_region.width
        if (row, cells) != (self._row, self._cells):
            self._row, self._cells = row, cells
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        cells = self._cells or self.scrollable_content_region.width
        parts: Line = () if y or not self._row.cells else place(self._row, (), max(0, cells - GUTTER))
        return self.paint(((" " * GUTTER, Tone.PLAIN), *parts), self.scrollable_content_region.width)


class RowList(TonedView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor. Says `Highlighted` when the cursor moves and `Chosen` when a row is acted on."""

    BINDINGS = bindings(*ROWS)

    class Highlighted(Message):
        """The cursor stands on another row."""

        def __init__(self, rows: RowList, key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> RowList:
            """The list, so that handlers can select by id."""
            return self.rows

    class Chosen(Message):
        """Enter, or a second click, on a row."""

        def __init__(self, rows: RowList, key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> RowList:
            """The list, so that handlers can select by id."""
            return self.rows

    def __init__(self, *columns: Column, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, classes=classes)
        self._columns = columns
        self._rows = LazyRows((), lambda _: Row("", ()))
        self._painted: dict[int, Row] = {}
        self._cursor = -1

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown, all of it made."""
        return tuple(map(self._rows.make, range(len(self._rows.keys))))

    @property
    def current(self) -> str:
        """Key of the selected row; empty when there is none."""
        return self._rows.keys[self._cursor] if 0 <= self._cursor < len(self._rows.keys) else ""

    @property
    def in_sight(self) -> range:
        """Numbers of the rows that are in sight."""
        top = self.scroll_offset.y
        return range(top, min(top + self.scrollable_content_region.height, len(self._rows.keys)))

    def show(self, rows: Sequence[Row] | LazyRows) -> None:
        """Shows ``rows``; the cursor stays on its key, and only lines that differ are painted again."""
        before, key = len(self._rows.keys), self.current
        if not isinstance(rows, LazyRows):
            made = tuple(rows)
            rows = LazyRows([row.key if row.selectable else "" for row in made], made.__getitem__)
        self._rows = rows
        if before != len(rows.keys):
            self._painted.clear()
            self._measure(before, len(rows.keys))
        else:
            seen = self.in_sight
            self._painted = {number: self._painted[number] for number in seen if number in self._painted}
            for number in seen:
                if self._painted.get(number) != rows.make(number):
                    self._repaint(number)
        self._settle(key)

    def _measure(self, before: int, count: int) -> None:
        """Tells how many rows there are. A screen is laid out anew only where it must be."""
        size, height = Size(0, count), self.scrollable_content_region.height
        if self.styles.is_auto_height or (before > height) != (count > height):
            self.virtual_size = size
            self.refresh(layout=self.styles.is_auto_height)
            return
        self.set_reactive(RowList.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = count
        if self.scroll_offset.y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.refresh()

    def select(self, key: str) -> None:
        """Puts the cursor on a row, when it is there."""
        if key and key in self._rows.keys:
            self._move_to(self._rows.keys.index(key))

    def reveal(self, key: str) -> None:
        """Scrolls until a row, what hangs below it and the row after that are seen, as far as there is room."""
        keys = self._rows.keys
        first = keys.index(key) if key in keys else -1
        height = self.scrollable_content_region.height
        if first < 0 or not height:
            return
        last = next((n for n in range(first + 1, len(keys)) if keys[n]), len(keys) - 1)
        top = self.scroll_offset.y
        if first < top or last >= top + height:
            self.scroll_to(y=max(0, min(first, last - height + 1)), animate=False, force=True)

    def _settle(self, key: str) -> None:
        old, keys = self._cursor, self._rows.keys
        if key and key in keys:
            self._cursor = keys.index(key)
            if self._cursor != old:
                self._repaint(old)
                self._repaint(self._cursor)
            return
        stops = [number for number, name in enumerate(keys) if name]
        first = min((n for n in stops if n >= old), default=min(stops, default=-1))
        self._cursor = -1
        if first >= 0:
            self._move_to(first)

    def _repaint(self, number: int) -> None:
        y = number - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh_line(number)

    def _move_to(self, number: int) -> None:
        if number == self._cursor or not self._rows.keys[number]:
            return
        old, self._cursor = self._cursor, number
        self._repaint(old)
        self._repaint(number)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and not top <= number < top + height:
            self.scroll_to(y=number if number < top else number - height + 1, animate=False, force=True)
        self.post_message(self.Highlighted(self, self.current))

    def _selectable(self) -> list[int]:
        return [number for number, key in enumerate(self._rows.keys) if key]

    def action_cursor(self, step: int) -> None:
        """One row up or down; past the last selectable row the view scrolls on, so that headings are seen."""
        numbers = self._selectable()
        beyond = [n for n in numbers if (n > self._cursor if step > 0 else n < self._cursor)]
        if beyond:
            self._move_to(beyond[0] if step > 0 else beyond[-1])
        else:
            self.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        numbers = self._selectable()
        if not numbers:
            return
        aim = self._cursor + step * max(1, self.size.height - 1)
        self._move_to(min(numbers, key=lambda n: abs(n - aim)))

    def action_edge(self, side: int) -> None:
        """The first or the last row."""
        numbers = self._selectable()
        if numbers:
            self._move_to(numbers[-1] if side > 0 else numbers[0])
        self.scroll_to(y=self.max_scroll_y if side > 0 else 0, animate=False)

    def action_choose(self) -> None:
        """Acts on the selected row."""
        if self.current:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """A click selects; a click on what is selected acts on it."""
        number = event.y + self.scroll_offset.y
        if not 0 <= number < len(self._rows.keys) or not self._rows.keys[number]:
            return
        if number == self._cursor and event.chain > 1:
            self.action_choose()
        else:
            self._move_to(number)

    def on_resize(self) -> None:
        """Columns are laid out anew, and the cursor stays in sight."""
        self.refresh()
        height = self.scrollable_content_region.height
        if height and self._cursor >= self.scroll_offset.y + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)

    def on_focus(self) -> None:
        """The cursor gets its colour."""
        self._repaint(self._cursor)

    def on_blur(self) -> None:
        """The cursor loses its colour and keeps its sign."""
        self._repaint(self._cursor)

    def render_line(self, y: int) -> Strip:
        """One screen line."""
        number = y + self.scroll_offset.y
        cells = self.scrollable_content_region.width
        if number >= len(self._rows.keys) or cells <= GUTTER:
            return self.paint((), cells)
        row, here = self._rows.make(number), number == self._cursor
        self._painted[number] = row
        sign = ("❯ " if here else "  ", Tone.ACCENT if self.has_focus else Tone.DIM)
        under = self.cursor_style() if here and self.has_focus else None
        return self.paint((sign, *place(row, self._columns, cells - GUTTER)), cells, under=under)
