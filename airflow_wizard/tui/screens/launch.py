"""Launch: numbered steps until Airflow has run a task, or until something says why not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from airflow_wizard.errors import InterruptedByUserError
from airflow_wizard.log_line import LogLine
from airflow_wizard.run.step import Outcome, OutputEvent, Plan, StepEvent
from airflow_wizard.text import human_seconds
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.measure import facts_of
from airflow_wizard.tui.present import launch as present
from airflow_wizard.tui.present.log_lines import Clock, Look
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Tone, content, dim, line, span
from airflow_wizard.tui.widgets.log_pane import LogPane
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.timer import Timer
    from textual.widget import Widget


class Launch(WizardScreen):
    """The last step; a running launch is asked about before it is left."""

    NAME = STEP = "launch"
    TITLE_TEXT = "Launching"
    BINDINGS = bindings(*SCREENS["launch"])

    def __init__(self) -> None:
        super().__init__()
        self._progress = present.Progress()
        self._job: Job[Outcome] | None = None
        self._outcome: Outcome | None = None
        self._began = time.monotonic()
        self._ticking: Timer | None = None
        self._then: Callable[[], object] | None = None

    def body(self) -> Iterable[Widget]:
        """Steps, and a place for what went wrong."""
        yield RowList(*present.COLUMNS, id="rows")
        with VerticalScroll(id="trouble"):
            yield Static("", markup=False, id="trouble-text")

    def aside(self) -> Iterable[Widget]:
        """The newest output of what runs."""
        yield LogPane(look=Look(clock=Clock.OFF), kept=2_000, id="output")

    def on_mount(self) -> None:
        """Begins at once: the review was the question."""
        self.about(f"{self.session.profile_name}  {self.session.target}")
        self._run()

    def _run(self) -> None:
        session, services = self.session, self.services
        self._progress = present.Progress()
        self._outcome, self._began = None, time.monotonic()
        self.remove_class("-failed")
        self.part(RowList, "#rows").focus()

        def work(job: Job[Outcome]) -> Outcome:
            facts = facts_of(self.wizard)
            folder = Path(session.folder) if session.folder else None
            request = services.request(session.profile(), facts, folder, show=False)
            job.emit(services.plan(request))
            return services.launch(request, on_event=job.emit, cancel=job.cancel)

        self._job = Job(self, "launch", work)
        self._ticking = self._ticking or self.set_interval(1.0, self._tick)
        self._tick()
        self.refresh_bindings()

    @property
    def running(self) -> bool:
        """Something is being done now."""
        return self._job is not None and not self._job.over

    def on_arrived(self, event: Arrived) -> None:
        """News, gathered for a tenth of a second: a burst of output must not paint a thousand times."""
        if event.job is self._job:
            self.set_timer(0.1, self._take)

    def _take(self) -> None:
        if self._job is None:
            return
        output: list[LogLine] = []
        for item in self._job.take():
            if isinstance(item, Plan):
                self._progress.plan(item)
            elif isinstance(item, StepEvent):
                self._progress.take(item, time.monotonic())
            elif isinstance(item, OutputEvent) and (words := present.said(item.text)):
                output.append(LogLine(None, item.unit, words))
                self._progress.hear(item.unit, words)
        if output:
            self.part(LogPane, "#output").add(output)
        self._paint()

    def _paint(self) -> None:
        rows = self.part(RowList, "#rows")
        # Without room for the output beside it, its newest line stands under the step.
        rows.show(self._progress.rows(time.monotonic(), heard=self.has_class("-narrow")))
        doing = self._progress.running()
        if doing:
            rows.select(doing)
            self.call_after_refresh(rows.reveal, doing)  # the list has its new height only then

    def _tick(self) -> None:
        """The clock of the running step and of the whole."""
        if self.running:
            self._paint()
            spent = human_seconds(time.monotonic() - self._began)
            self.says(("◐ ", Tone.WORK), f"{spent}   ", ("nothing is final before a task has run", Tone.DIM))

    def on_ended(self, event: Ended) -> None:
        """Proven, failed, or stopped."""
        if event.job is not self._job or self._job is None:
            return
        stopped = isinstance(self._job.error, InterruptedByUserError)
        self._progress.over = ("○", Tone.DIM) if stopped else ("✖", Tone.FAIL)
        self._take()
        if self._ticking:
            self._ticking.stop()
            self._ticking = None
        self._outcome, error = self._job.value, self._job.error
        if error:
            if stopped:
                self.says(("○ ", Tone.DIM), "stopped here; what is done is kept, ", ("r", Tone.ACCENT), " continues")
            else:
                self._fail(present.trouble(error))
        elif self._outcome and self._outcome.ok:
            self._proven(self._outcome)
        elif self._outcome:
            self._fail(present.failure(self._outcome))
        self.refresh_bindings()
        if self._then:
            self._then()

    def _fail(self, lines: list[tuple[tuple[str, Tone], ...]]) -> None:
        self.add_class("-failed")
        self.part(Static, "#trouble-text").update(content(*lines))
        self.part(VerticalScroll, "#trouble").focus()  # what does not fit is read with the arrows
        self.says(("✖ ", Tone.FAIL), "not launched; what is done is kept, ", ("r", Tone.ACCENT), " tries again")

    def _proven(self, outcome: Outcome) -> None:
        from airflow_wizard.workflows.ledger import words

        self.session.stack = outcome.stack
        self.session.proven, self.session.took = outcome.elapsed, words(outcome)
        self.session.step = ""
        Job(self.app, "clear-flow", lambda _: self.services.clear_flow())
        self.says(("● ", Tone.OK), span(f"proven in {human_seconds(outcome.elapsed)}"))
        if self.is_current:
            self.wizard.action_go("dashboard")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        if action == "stop":
            return self.running
        if action == "retry":
            return not self.running and not (self._outcome and self._outcome.ok)
        if action == "dashboard":
            return self._outcome is not None and self._outcome.ok
        return super().check_action(action, parameters)

    def action_retry(self) -> None:
        """The same again; the journal knows what is done."""
        self._run()

    def action_dashboard(self) -> None:
        """On to the running stack."""
        self.wizard.action_go("dashboard")

    def on_row_list_chosen(self) -> None:
        """Enter on a proven launch goes on."""
        if self.check_action("dashboard", ()):
            self.action_dashboard()

    def action_stop(self) -> None:
        """Asks, then stops between two steps or in the middle of one."""
        self._ask(None)

    def may_leave(self) -> bool:
        """A running launch is asked about first."""
        if self.running:
            self._ask(lambda: self.wizard.exit(0))
        return not self.running

    def abandon(self, then: Callable[[], object]) -> bool:
        """Stops without asking: nobody may be there to answer."""
        if self.running and self._job:
            self._then = then
            self._job.cancel.set()
        return self.running

    def action_back(self) -> None:
        """Back to the review, unless something runs."""
        if self.running and not (self.has_class("-narrow") and self.has_class("-panel")):
            self._ask(lambda: self.wizard.action_go("review"))
        else:
            super().action_back()

    def _ask(self, then: Callable[[], object] | None) -> None:
        from airflow_wizard.tui.screens.dialogs import Confirm

        if isinstance(self.app.screen, Confirm):
            # Asked already, and the key that leaves was pressed once more: that is an answer.
            self.app.screen.action_yes()
            return
        name = self.session.profile().name
        lines = [
            line("What is done stays done: the journal knows it, and the same launch continues there."),
            (),
            (("later  ", Tone.DIM), span(f"airflow-wizard up --name {name}", Tone.ACCENT)),
            dim("or: open the wizard again and choose Continue"),
        ]

        def answered(yes: bool | None) -> None:
            if yes and self._job and self.running:
                self._then = then
                self.says(("◐ ", Tone.WORK), "stopping…")
                self._job.cancel.set()
            elif yes and then:
                then()

        self.app.push_screen(Confirm("Stop here and continue later?", lines, yes="stop here", no="go on"), answered)
