"""The panel at the right that says what the selected thing means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from airflow_wizard.tui.spans import Line, Tone, content, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.content import Content


class Scroller(VerticalScroll, can_focus=False):
    """Scrolls by wheel and with its content; the keys stay with what is worked on."""


class SidePanel(Scroller):
    """A title, a blank line and wrapped text."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self._text = Static("", markup=False, id="side-text")

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, title: str, lines: Sequence[Line]) -> None:
        """Replaces the text and goes back to its top."""
        head: list[Line] = [(span(title, Tone.STRONG),), ()]
        self._text.update(content(*head, *lines))
        self.scroll_home(animate=False)

    def show_text(self, title: str, lines: Sequence[Line], text: Content) -> None:
        """A title, a few words, and a text that is coloured already."""
        from textual.content import Content as Words

        head: list[Line] = [(span(title, Tone.STRONG),), *lines, (), ()]
        self._text.update(Words.assemble(content(*head), text))
        self.scroll_home(animate=False)
