"""The panel at the right that says what the selected thing means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from airflow_wizard.tui.spans import Line, Tone, span
from airflow_wizard.tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.content import Content


class Scroller(VerticalScroll, can_focus=False):
    """Scrolls by wheel and with its content; the keys stay with what is worked on."""


class SidePanel(Scroller):
    """A title, a blank line and words; below them, where one is to be read, a text that is coloured already."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self._words = Words("side-words")
        self._text = Static("", markup=False, id="side-text")

    def compose(self) -> ComposeResult:
        """Words, and a text."""
        yield self._words
        yield self._text

    def show(self, title: str, lines: Sequence[Line]) -> None:
        """Replaces everything and goes back to the top."""
        self._show(None, (span(title, Tone.STRONG),), (), *lines)

    def show_text(self, title: str, lines: Sequence[Line], text: Content) -> None:
        """A title, a few words, and the text."""
        self._show(text, (span(title, Tone.STRONG),), *lines, ())

    def _show(self, text: Content | None, *lines: Line) -> None:
        self._words.show(lines)
        self._text.display = text is not None
        self._text.update(text or "")
        self.scroll_home(animate=False)
