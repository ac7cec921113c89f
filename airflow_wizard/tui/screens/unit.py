"""One unit: how it is and why, in one view: causes, health check, events, last lines. Follows what happens to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import UNIT, bindings
from airflow_wizard.tui.present import unit as present
from airflow_wizard.tui.screens.unit_actions import UnitActions
from airflow_wizard.tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from airflow_wizard.finding import Finding
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.snapshot import Snapshot, Unit
    from airflow_wizard.tui.spans import Line
    from airflow_wizard.workflows.stacks import StackRecord

_WRAPPED = ("#unit-about", "#unit-findings", "#unit-health")
READ_AGAIN = 2.0  # seconds between two looks at what it wrote


class UnitScreen(UnitActions):
    """All about one unit.

    Args:
        stack: of which.
        picture: as it was last seen; later ones come by `show`.
        unit: its id.
        on_log: shows its whole log.
    """

    NAME = "unit"
    MORE_HINTS = frozenset({"app.troubleshoot"})
    BINDINGS = bindings(*UNIT)

    def __init__(self, stack: StackRecord, picture: Snapshot, unit: str, on_log: Callable[[str], None]) -> None:
        super().__init__()
        self._stack = stack
        self._picture = picture
        self._unit_id = unit
        self._on_log = on_log
        self._findings: Job[list[Finding]] | None = None
        self._found: list[Finding] | None = None
        self._reading: Job[list[LogLine]] | None = None
        self._lines: list[LogLine] | None = None
        self._troubles = {"findings": "", "lines": ""}
        self._was: object = None

    @property
    def stack(self) -> StackRecord | None:
        """Of which stack."""
        return self._stack

    @property
    def unit(self) -> Unit | None:
        """As it was last seen; None when it is not there any more."""
        return next((unit for unit in self._picture.units if unit.id == self._unit_id), None)

    def body(self) -> Iterable[Widget]:
        """Words that wrap, and lines that do not."""
        with VerticalScroll(id="unit"):
            yield Words("unit-about")
            yield Words("unit-findings")
            yield Words("unit-health")
            yield Static("", markup=False, id="unit-events")
            yield Static("", markup=False, id="unit-lines")

    def on_mount(self) -> None:
        """Paints what is known, and asks for the rest."""
        self.part(VerticalScroll, "#unit").focus()
        self.about(f"{self._stack.name}: {self._unit_id}")
        self.set_interval(READ_AGAIN, self._read)
        self.show(self._picture)

    def on_unmount(self) -> None:
        """Nobody waits for an answer any more."""
        for job in (self._findings, self._reading):
            if job:
                job.cancel.set()

    def show(self, picture: Snapshot) -> None:
        """Shows it as it is in a later snapshot; what a change can have made different is asked for again."""
        self._picture = picture
        unit = self.unit
        now = unit and (unit.state, unit.health, unit.restarts, unit.stale)
        if now != self._was:
            self._was = now
            self._look_for_causes()
            self._read()
        self._paint()

    def _look_for_causes(self) -> None:
        self._findings = Job(self, "findings", lambda _: self.services.doctor(self._stack))

    def _read(self) -> None:
        unit = self.unit
        busy = self._reading is not None and not self._reading.over
        if unit is None or unit.stale or busy or not self.is_current:
            return
        self._reading = Job(
            self, "lines", lambda _: self.services.last_lines(self._stack, unit, present.LINES, before=None)
        )

    def _paint(self) -> None:
        unit = self.unit
        # News may come while it is being left.
        if not self.query("#unit-lines"):
            return
        if unit is None:
            self.put("#unit-about", *present.gone(self._unit_id))
            return
        self.put("#unit-about", *present.about(unit, self._picture), ())
        self.put("#unit-findings", *present.findings(unit, self._found, self._troubles["findings"]))
        self.put("#unit-health", *present.health(unit))
        self.put("#unit-events", *present.happened(unit, self._picture))
        self.put("#unit-lines", *present.written(unit, self._lines, self._troubles["lines"]))

    def put(self, selector: str, *lines: Line) -> None:
        """Words into a place that grows with them."""
        if selector in _WRAPPED:
            self.part(Words, selector).show(lines)
            return
        before = self._words_at.get(selector)
        super().put(selector, *lines)
        if before != lines and selector.startswith("#unit"):
            place = self.part(Static, selector)
            place.display = bool(lines)  # nothing takes no line
            place.refresh(layout=True)

    def on_arrived(self, event: Arrived) -> None:
        """An action goes on."""
        self.lifecycle_arrived(event)

    def on_ended(self, event: Ended) -> None:
        """Causes or lines are there, or an action came to its end."""
        if event.job is self._findings and self._findings is not None:
            self._troubles["findings"] = self._findings.error.what if self._findings.error else ""
            self._found = self._findings.value if self._findings.value is not None else self._found
        elif event.job is self._reading and self._reading is not None:
            self._troubles["lines"] = self._reading.error.what if self._reading.error else ""
            self._lines = self._reading.value if self._reading.value is not None else self._lines
        elif self.older_ended(event):
            return
        else:
            self.lifecycle_ended(event)
        self._paint()

    def action_menu(self) -> None:
        """What can be done to it."""
        self.act_on(self.unit)

    def action_log(self) -> None:
        """Back, to its whole log."""
        self.app.pop_screen()
        self._on_log(self._unit_id)
