"""One log line as a whole, however long it is."""

from __future__ import annotations

import time
from itertools import chain, islice
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from airflow_wizard.log_line import LogLine
from airflow_wizard.status.log_words import pretty
from airflow_wizard.tui.keys import CLOSE, bindings
from airflow_wizard.tui.present.log_lines import Clock, Look, wrapping
from airflow_wizard.tui.spans import Tone, content, plain_text, span
from airflow_wizard.tui.widgets.log_pane import LogPane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

_SLICE = 0.008  # seconds
_LOOK = Look(unit_cells=0, clock=Clock.OFF, exact=True)


class LogLineOverlay(ModalScreen[None]):
    """A line to read; JSON with its structure."""

    BINDINGS = bindings(CLOSE)

    def __init__(self, line: LogLine) -> None:
        super().__init__()
        self._line = line
        self._rest: Iterator[LogLine] = iter(())

    def compose(self) -> ComposeResult:
        """Who wrote it, the text, and the key."""
        size = len(self._line.text)
        head = (span(self._line.unit, Tone.ACCENT), (f"   {size:,} characters", Tone.DIM))
        keys = (("esc", Tone.ACCENT), (" close     ", Tone.DIM), ("↑ ↓", Tone.ACCENT), (" scroll", Tone.DIM))
        with Vertical(classes="dialog wide whole"):
            yield Static(content(head), markup=False, classes="head")
            yield LogPane(look=_LOOK, id="whole")
            yield Static(content(keys), markup=False, classes="foot")

    def on_mount(self) -> None:
        """The text, once it is known how wide it may be."""
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """It is set anew."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        pane = self.query_one("#whole", LogPane)
        cells = max(10, pane.size.width - 3)
        rest = self._rest = self._rows(cells)
        rows = list(islice(rest, self.size.height))
        # The frame around it takes nine lines; what does not fit is scrolled.
        pane.styles.height = max(1, min(len(rows), self.size.height * 9 // 10 - 9))
        pane.clear()
        pane.add(rows)
        pane.action_edge(-1)
        pane.focus()
        self._go_on(rest)

    def _rows(self, cells: int) -> Iterator[LogLine]:
        for text in pretty(self._line.text).split("\n"):
            for row in chain(wrapping(((text.expandtabs(4), Tone.PLAIN),), cells, 0), () if text else ((),)):
                yield LogLine(None, "", plain_text(row))

    def _go_on(self, rest: Iterator[LogLine]) -> None:
        """The rows of a megabyte a slice at a time, so that keys are served in between."""
        # Set anew meanwhile, or closed.
        if rest is not self._rest or not self.is_attached:
            return
        until, rows = time.perf_counter() + _SLICE, []
        for row in rest:
            rows.append(row)
            if time.perf_counter() > until:
                self.set_timer(0.001, lambda: self._go_on(rest))
                break
        self.query_one("#whole", LogPane).add(rows)

    def action_back(self) -> None:
        """Closes it."""
        self.dismiss()
