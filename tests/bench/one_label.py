"""The smallest Textual app that shows a text: what first paint is measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Label

if TYPE_CHECKING:
    from textual.app import ComposeResult


class OneLabel(App[None]):
    def compose(self) -> ComposeResult:
        yield Label("one label")


if __name__ == "__main__":
    OneLabel().run()
