"""Dashboard: how to get in, what runs, what it says. Looks in a thread, at once when something happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.errors import WizardError
from airflow_wizard.status.order import Order, arranged
from airflow_wizard.status.rows import Mood, mood
from airflow_wizard.status.snapshot import Snapshot, StackState
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.panes.head import HeadPane
from airflow_wizard.tui.panes.logs import LogsPane
from airflow_wizard.tui.panes.units import UnitsPane
from airflow_wizard.tui.present import dashboard as present
from airflow_wizard.tui.screens.unit_actions import UnitActions
from airflow_wizard.tui.spans import Tone, line, span
from airflow_wizard.tui.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.tui.background import Arrived, Ended
    from airflow_wizard.tui.screens.unit import UnitScreen
    from airflow_wizard.workflows.stacks import StackRecord


ANSWER = 4.0  # seconds that an answer stays


class Dashboard(UnitActions):
    """A stack that was launched."""

    NAME = "dashboard"
    MORE_HINTS = frozenset({"app.troubleshoot"})
    BINDINGS = bindings(*SCREENS["dashboard"])

    def __init__(self) -> None:
        super().__init__()
        self._stack: StackRecord | None = None
        self._picture: Snapshot | None = None
        self._complained = False
        self._answered = float("-inf")
        self._watch: Watch | None = None
        self._cause: UnitScreen | None = None

    def body(self) -> Iterable[Widget]:
        """How to get in, what runs, what it says."""
        yield HeadPane(id="head", proven=self.session.proven)
        yield UnitsPane(id="units-pane")
        yield LogsPane(id="log-pane")

    @property
    def stack(self) -> StackRecord | None:
        """What is looked at."""
        return self._stack

    @property
    def head(self) -> HeadPane:
        """How to get in."""
        return self.part(HeadPane, "#head")

    @property
    def units(self) -> UnitsPane:
        """What runs."""
        return self.part(UnitsPane, "#units-pane")

    @property
    def logs(self) -> LogsPane:
        """What the units write."""
        return self.part(LogsPane, "#log-pane")

    def on_mount(self) -> None:
        """Paints empty, then looks."""
        self.units.rows.focus()
        self.about(self.session.stack)
        if self.session.proven is not None and self.session.took:
            self.says(("● ", Tone.OK), ("proven: ", Tone.DIM), (self.session.took, Tone.DIM))
        self._watch = Watch(self, self.services, self.session.stack or None)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self._watch:
            self._watch.close()

    def on_arrived(self, event: Arrived) -> None:
        """News of the stack, or of what is being done to it."""
        if self._watch is None or event.job is not self._watch.job:
            self.lifecycle_arrived(event)
            return
        for item in self._watch.news():
            self._seen(item)

    def _seen(self, item: object) -> None:
        if isinstance(item, Snapshot):
            before = self._picture.state if self._picture else None
            self._picture = item
            self.units.show(item)
            self.head.show(item)
            self._say_trouble(item)
            if self._cause is not None and self._cause.is_attached:
                self._cause.show(item)
            if before is not item.state:
                self.refresh_bindings()
        elif isinstance(item, WizardError):
            self.says_error(item)
        elif isinstance(item, Exception):
            self.says(("▲ ", Tone.WARN), span(item))
        else:
            self._open(item)  # type: ignore[arg-type]

    def _open(self, stack: StackRecord) -> None:
        self._stack = stack
        self.about(stack.name)
        self.head.open(self.services, stack)
        self.logs.open(self.services, stack)

    def _say_trouble(self, picture: Snapshot) -> None:
        """A unit that is down has its whole reason said here: a column is often too narrow for it."""
        worst = arranged((u for u in picture.units if u.reason and mood(u) is not Mood.OK), Order.STATE)
        words = f"{worst[0].id}: {worst[0].reason}" if worst else picture.error
        if self.busy or time.monotonic() - self._answered < ANSWER:
            return
        if words:
            super().says(("▲ ", Tone.WARN), span(words), ("   t", Tone.ACCENT), (" troubleshoot", Tone.DIM))
        elif self._complained:
            super().says("")
        self._complained = bool(words)

    def says(self, *parts: tuple[str, Tone] | str) -> None:
        """What was asked for is answered here, and is not overwritten at once."""
        self._answered = time.monotonic()
        super().says(*parts)

    def on_ended(self, event: Ended) -> None:
        """A look that cannot go on says why."""
        if self._watch is not None and event.job is self._watch.job:
            if event.job.error:
                self.says_error(event.job.error)
        elif not self.older_ended(event):
            self.lifecycle_ended(event)

    def on_logs_pane_failed(self, event: LogsPane.Failed) -> None:
        """Logs that cannot be read say why."""
        self.says_error(event.error)

    def on_head_pane_learned(self, event: HeadPane.Learned) -> None:
        """What was learned makes keys work; what cannot be read says why."""
        if event.error:
            self.says_error(event.error)
        self.refresh_bindings()

    def on_logs_pane_done(self, event: LogsPane.Done) -> None:
        """What was done with the logs."""
        self.says(("● ", Tone.OK), span(event.words))

    def on_units_pane_in_sight(self, event: UnitsPane.InSight) -> None:
        """Only what is seen is measured."""
        if self._watch:
            self._watch.sample(event.units)

    def on_units_pane_opened(self, event: UnitsPane.Opened) -> None:
        """All about a unit."""
        from airflow_wizard.tui.screens.unit import UnitScreen

        if self._stack and self._picture:
            self._cause = UnitScreen(self._stack, self._picture, event.unit, self.logs.show_unit)
            self.app.push_screen(self._cause)

    def on_units_pane_acting(self) -> None:
        """What can be done to a unit."""
        self.act_on(self.units.current)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        state = self._picture.state if self._picture else None
        if action in {"stop", "restart", "start", "remove", "destroy"} and (self.busy or self._stack is None):
            return False
        if action in {"stop", "restart"}:
            return state not in {None, StackState.STOPPED}
        if action == "start":
            return state in {StackState.STOPPED, StackState.UNKNOWN}
        if action == "cluster":
            return self._picture is not None and any(unit.component for unit in self._picture.units)
        if action in {"copy", "reveal"}:
            return self.head.credentials is not None
        if action in {"open", "more", "commands"}:
            return self._stack is not None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The password, to the clipboard of the terminal."""
        if self.head.credentials:
            self.app.copy_to_clipboard(self.head.credentials.password)
            self.says(
                ("● ", Tone.OK), "password copied; a terminal that forbids it needs ", ("v", Tone.ACCENT), " instead"
            )

    def action_reveal(self) -> None:
        """The password, or dots."""
        self.head.reveal()

    def action_open(self) -> None:
        """A browser, when there is one."""
        if self._stack:
            self.open_page(self._stack.url)

    def action_more(self) -> None:
        """REST call, command line, folders, how to stop and to remove."""
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        if self._stack:
            title = line("How to use ", span(self._stack.name, Tone.ACCENT))
            self.app.push_screen(TextOverlay(title, present.connect(self._stack, self.head.places, self.head.rest)))

    def action_cluster(self) -> None:
        """What there is in a cluster beside pods."""
        from airflow_wizard.tui.present import cluster
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        if self._stack and self._picture:
            title = line("In the cluster beside the pods of ", span(self._stack.name, Tone.ACCENT))
            self.app.push_screen(TextOverlay(title, cluster.lines(self._picture)))

    def action_commands(self) -> None:
        """What the wizard ran."""
        from airflow_wizard.tui.screens.commands import Commands

        if self._stack:
            self.app.push_screen(Commands(self._stack))

    def action_logs(self) -> None:
        """To the log."""
        self.logs.lines.focus()

    def action_back(self) -> None:
        """Out of a filter or a search, or home."""
        if not self.units.leave_filter() and not self.logs.leave_search():
            super().action_back()

    def action_unit(self) -> None:
        """The log of the selected unit, or of all."""
        self.logs.show_unit(None if self.logs.units else self.units.rows.current)
