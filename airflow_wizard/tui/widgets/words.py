"""Lines of words that take as many rows as they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from airflow_wizard.tui.hanging import hanging
from airflow_wizard.tui.spans import content

if TYPE_CHECKING:
    from textual.content import Content
    from textual.geometry import Size

    from airflow_wizard.tui.spans import Line


class Words(Widget):
    """Each line that is too long goes on below where its words began. Without lines it takes no place."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._lines: tuple[Line, ...] = ()
        self.display = False

    def show(self, lines: tuple[Line, ...]) -> None:
        """Puts other lines there; the same ones are not painted again."""
        if lines != self._lines:
            self._lines = lines
            self.display = bool(lines)
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows at this width."""
        del container, viewport
        return len(self._rows(width))

    def render(self) -> Content:
        """The rows at the width there is."""
        return content(*self._rows(self.content_size.width))

    def _rows(self, cells: int) -> list[Line]:
        return [row for line in self._lines for row in hanging(line, cells)]
