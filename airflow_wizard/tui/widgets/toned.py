"""What widgets that draw their own lines share: tones become styles of the theme, lines become strips."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.scroll_view import ScrollView
from textual.strip import Strip

from airflow_wizard.tui.spans import Line, Tone, fit

if TYPE_CHECKING:
    from rich.style import Style


class TonedView(ScrollView):
    """A scrolling widget that paints `Line` values."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in Tone} | {"tone--cursor"}
    ALLOW_SELECT = False

    def paint(self, parts: Line, cells: int, *, under: Style | None = None, right: bool = False) -> Strip:
        """``parts`` in the colours of the theme, exactly ``cells`` wide, on the widget's ground or on ``under``."""
        ground = self.rich_style if under is None else self.rich_style + under
        segments = [
            Segment(text, ground + self.get_component_rich_style(f"tone--{tone}", partial=True))
            for text, tone in fit(parts, cells, right=right)
        ]
        return Strip(segments, cells)

    def cursor_style(self) -> Style:
        """The ground of the selected row while the widget has the focus."""
        return self.get_component_rich_style("tone--cursor", partial=True)
