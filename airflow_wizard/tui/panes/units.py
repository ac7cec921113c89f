"""The units of a stack: what runs, how it is, and what it takes. Whoever looks is told what is in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from airflow_wizard.status.order import Order
from airflow_wizard.tui.keys import CAUSE, UNITS, bindings
from airflow_wizard.tui.present import units as present
from airflow_wizard.tui.widgets.controls import FindField
from airflow_wizard.tui.widgets.rows import RowHead, RowList

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from airflow_wizard.status.snapshot import Snapshot, Unit

# Headings take lines; a pane lower than this has none.
HEADINGS_FROM = 9
# While one scrolls, what comes into sight is not measured row by row.
SETTLE = 0.2


class UnitList(RowList):
    """The rows themselves."""

    BINDINGS = bindings(CAUSE)


class UnitsPane(Vertical):
    """A head, a field to filter with in its place, and a row for each unit."""

    BINDINGS = bindings(*UNITS)

    class Opened(Message):
        """One wants to know all about a unit."""

        def __init__(self, unit: str) -> None:
            super().__init__()
            self.unit = unit

    class Acting(Opened):
        """One wants to do something to a unit."""

    class InSight(Message):
        """CPU and memory are wanted of these units; of all with None."""

        def __init__(self, units: frozenset[str] | None) -> None:
            super().__init__()
            self.units = units

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._view = present.View()
        self._picture: Snapshot | None = None
        self._listed: present.Listed | None = None
        self._prepared: present.Prepared | None = None
        self._wanted: frozenset[str] | None = frozenset()

    def compose(self) -> ComposeResult:
        """A head or the field, and the rows."""
        yield RowHead(id="units-head")
        yield FindField("name, role, state; ⏎ keeps, esc shows all", id="units-filter")
        yield UnitList(id="units")

    @property
    def rows(self) -> UnitList:
        """The rows."""
        return self.query_one("#units", UnitList)

    @property
    def current(self) -> Unit | None:
        """The selected unit."""
        key = self.rows.current
        units = self._picture.units if self._picture else ()
        return next((unit for unit in units if unit.id == key), None)

    def on_mount(self) -> None:
        """Scrolling is watched, for the figures of what comes into sight."""
        self.watch(self.rows, "scroll_y", self._settle_soon, init=False)

    def show(self, picture: Snapshot) -> None:
        """Shows a snapshot; the cursor stays on its unit."""
        self._picture = picture
        self._list()

    def _list(self) -> None:
        if self._picture is None:
            return
        headings = self._view.headings
        room = self.rows.scrollable_content_region.height
        view = replace(self._view, headings=headings and room >= HEADINGS_FROM)
        if self._prepared is None or not self._prepared.fits(self._picture, view.order):
            self._prepared = present.Prepared(self._picture, view.order)
        shown = self._listed = present.listed(self._picture, view, self._prepared)
        self.fit()
        self.query_one("#units-head", RowHead).show(shown.head, beside=self.rows)
        self.rows.show(shown.rows)
        self._in_sight()

    def fit(self) -> None:
        """Takes as many lines as it needs, and leaves the log its share."""
        parent = self.parent
        if self._listed is None or not isinstance(parent, Vertical):
            return
        others = sum(w.outer_size.height for w in parent.displayed_children if w.id not in {self.id, "log-pane"})
        room = parent.content_size.height - others
        lines = present.height(1 + len(self._listed.rows.keys), room, focused=self.has_focus_within)
        if room > 0 and self.styles.height is not None and self.styles.height.value != lines:
            self.styles.height = lines

    def _in_sight(self) -> None:
        if self._listed is None:
            return
        wanted: frozenset[str] | None = frozenset()
        if self._view.figures:
            seen = (self._listed.units[number] for number in self.rows.in_sight)
            wanted = frozenset(unit.id for unit in seen if unit is not None)
            if self._view.order in {Order.CPU, Order.MEMORY}:
                wanted = None
        if wanted != self._wanted:
            self._wanted = wanted
            self.post_message(self.InSight(wanted))

    def _settle_soon(self) -> None:
        self.set_timer(SETTLE, self._in_sight)

    def on_resize(self) -> None:
        """Other lines are in sight, and there may be room for headings."""
        self.call_after_refresh(self._list)

    def on_descendant_focus(self) -> None:
        """The pane that is worked in gets more lines, where not all fit."""
        self.fit()

    def on_descendant_blur(self) -> None:
        """The log gets them back."""
        self.fit()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter, or a second click."""
        event.stop()
        self.post_message(self.Opened(event.key))

    def action_menu(self) -> None:
        """What can be done to the selected unit."""
        if self.rows.current:
            self.post_message(self.Acting(self.rows.current))

    def action_order(self) -> None:
        """By something else."""
        self._view = replace(self._view, order=self._view.order.next)
        self._list()

    def action_figures(self) -> None:
        """With CPU and memory, or with more room for words."""
        self._view = replace(self._view, figures=not self._view.figures)
        self._list()

    def action_filter(self) -> None:
        """A field for words takes the place of the head."""
        self.add_class("-filter")
        self.query_one("#units-filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        event.stop()
        self._view = replace(self._view, words=event.value)
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keeps the filter."""
        event.stop()
        self._keep()

    def on_key(self, event: events.Key) -> None:
        """From the field down into what it found."""
        if event.key == "down" and self.query_one("#units-filter", Input).has_focus:
            event.stop()
            self._keep()

    def leave_filter(self) -> bool:
        """All units again; False when none was left out."""
        field = self.query_one("#units-filter", Input)
        if not self.has_class("-filter") and not field.value:
            return False
        field.value = ""
        self._keep()
        return True

    def _keep(self) -> None:
        self.remove_class("-filter")
        self.rows.focus()
