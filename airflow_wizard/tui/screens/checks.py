"""Checks: is this machine ready? Rows stream in as they can be decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Level
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import PANEL, SCREENS, bindings
from airflow_wizard.tui.present import findings as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.workflows.checking import CheckReport

# Answers that say which cluster is looked at, and where in it.
_PLACE = frozenset({"context", "kubeconfig", "namespace"})


class Checks(WizardScreen):
    """The first step."""

    NAME = STEP = "checks"
    SIDE = True
    TITLE_TEXT = "Is this machine ready?"
    BINDINGS = bindings(*SCREENS["checks"], PANEL)

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Finding] = {}
        self._job: Job[CheckReport] | None = None
        self._measuring = False

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield RowList(*present.COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Shows what is known, or measures."""
        self.about(self.session.profile_name)
        self.part(RowList, "#rows").focus()
        if self.session.findings and self.session.facts:
            self._found = {f.id: f for f in self.session.findings}
            self._paint()
        else:
            self.call_after_refresh(self._measure, None)
        self._say()

    def _measure(self, facts: HostFacts | None) -> None:
        start, session = self.wizard.start_with, self.session

        def work(job: Job[CheckReport]) -> CheckReport:
            known = self.services.load_facts(Path(start.facts)) if facts is None and start.facts else facts
            return self.services.check_host(
                session.target,
                answers=session.given,
                folder=Path(session.folder) if session.folder else None,
                facts=known,
                on_finding=job.emit,
            )

        self._measuring = True
        self._job = Job(self, "checks", work)
        self._say()
        self.refresh_bindings()

    def on_arrived(self, event: Arrived) -> None:
        """Some checks were decided."""
        if event.job is self._job:
            for finding in self._job.take():
                if isinstance(finding, Finding):
                    self._found[finding.id] = finding
            self._paint()
            self._say()

    def on_ended(self, event: Ended) -> None:
        """All were decided, or none could be."""
        if event.job is not self._job or self._job is None:
            return
        self._measuring = False
        report, error = self._job.value, self._job.error
        if error:
            self.says_error(error)
        elif report:
            final = {f.id: f for f in report.findings}
            self._found = {name: final[name] for name in [*self._found, *final] if name in final}
            self.session.facts = report.facts
            self.session.findings = list(self._found.values())
            self._paint()
            worst = next((f for f in self._found.values() if f.level is Level.FAIL), None)
            if worst:
                rows = self.part(RowList, "#rows")
                rows.select(worst.id)
                # Rows that came just now have no place on the screen yet that could be scrolled to.
                self.call_after_refresh(rows.reveal, worst.id)
            self._say()
        self.refresh_bindings()

    def _paint(self) -> None:
        self.part(RowList, "#rows").show([present.row(f) for f in self._found.values()])
        self._explain()

    def _say(self) -> None:
        if self._measuring:
            self.says(("◐ ", Tone.WORK), ("measuring…  ", Tone.PLAIN), (f"{len(self._found)} so far", Tone.DIM))
        else:
            self.says(*present.summary(list(self._found.values())))

    def _current(self) -> Finding | None:
        return self._found.get(self.part(RowList, "#rows").current)

    def _explain(self) -> None:
        finding = self._current()
        if finding:
            self.explain(finding.title, present.explanation(finding))
        else:
            self.explain("", [dim("Each row says what was found and what is needed.")])
        self.refresh_bindings()

    def on_row_list_highlighted(self) -> None:
        """Another row is explained."""
        self._explain()

    def on_row_list_chosen(self) -> None:
        """Enter applies the fix when there is one, and goes on when there is none to apply."""
        if self.check_action("fix", ()):
            self.action_fix()
        elif (finding := self._current()) and finding.fixes:
            self.says(("By hand: ", Tone.WARN), span(finding.fixes[0].title))
        elif self.check_action("next", ()):
            self.action_next()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        running = self._measuring
        if action == "fix":
            return not running and present.usable_fix(self._current()) is not None
        if action == "again":
            return not running
        if action == "next":
            return not running and self.session.facts is not None
        if action == "evidence":
            return self._current() is not None
        return super().check_action(action, parameters)

    def action_fix(self) -> None:
        """Changes the answer and judges again; only another place in a cluster, or another one, is measured anew."""
        finding = self._current()
        fix = present.usable_fix(finding)
        if finding and fix:
            self.session.given.update(fix.answers)
            self.session.findings = []
            elsewhere = _PLACE.intersection(name for name, _ in fix.answers)
            self._measure(None if elsewhere else self.session.facts)

    def action_again(self) -> None:
        """Measures again; rows stay where they are until news arrive."""
        self.session.facts = None
        self._measure(None)

    def action_evidence(self) -> None:
        """Where the value was seen."""
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        finding = self._current()
        if finding:
            title = line("Where this was seen: ", span(finding.title, Tone.STRONG))
            self.app.push_screen(TextOverlay(title, present.evidence(finding)))

    def action_next(self) -> None:
        """On to the target."""
        self.wizard.action_go("target")
