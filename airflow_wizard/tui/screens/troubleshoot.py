"""Troubleshoot: what is wrong with a stack, or with this machine; causes first, consequences under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.errors import UsageError
from airflow_wizard.finding import Finding, Level, worst_first
from airflow_wizard.run.step import Outcome, Plan, StepEvent
from airflow_wizard.text import human_seconds
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.present import findings as present
from airflow_wizard.tui.present import lifecycle
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Span, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Row, RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from airflow_wizard.finding import Fix
    from airflow_wizard.workflows.stacks import StackRecord


def in_order(findings: Iterable[Finding]) -> list[tuple[Finding, bool]]:
    """Findings, worst first, each consequence right under its cause; True marks a consequence."""
    listed = worst_first(findings)
    ids = {finding.id for finding in listed}
    ordered: list[tuple[Finding, bool]] = []
    for finding in listed:
        if ids.intersection(finding.causes) - {finding.id}:
            continue
        ordered.append((finding, False))
        ordered += [(f, True) for f in listed if finding.id in f.causes and f.id != finding.id]
    shown = {id(finding) for finding, _ in ordered}
    # Two findings that name each other as their cause would hide each other.
    return ordered + [(finding, False) for finding in listed if id(finding) not in shown]


def first_fix(finding: Finding | None) -> Fix | None:
    """The fix that a key applies; None when it can only be solved by hand."""
    return next((fix for fix in finding.fixes if fix.usable), None) if finding is not None else None


def row(finding: Finding, *, follows: bool) -> Row:
    """A finding; a consequence is indented."""
    usual = present.row(finding)
    title: Line = (("↳ ", Tone.DIM), span(finding.title, Tone.DIM)) if follows else usual.cells[1]
    return Row(finding.id, (usual.cells[0], title, *usual.cells[2:]))


class Troubleshoot(WizardScreen):
    """One key away from everywhere."""

    NAME = "troubleshoot"
    SIDE = True
    TITLE_TEXT = "What is wrong?"
    BINDINGS = bindings(*SCREENS["troubleshoot"])

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Finding] = {}
        self._job: Job[tuple[StackRecord | None, list[Finding]]] | None = None
        self._stack: StackRecord | None = None
        self._plan: Job[Plan] | None = None
        self._deed: Job[Outcome] | None = None
        self._then: Callable[[], object] | None = None
        self._fixed = ""

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield RowList(*present.COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Looks."""
        self.part(RowList, "#rows").focus()
        self.explain("", [dim("A finding says what was seen, why it matters, and how to get out of it.")])
        self.action_again()

    def action_again(self) -> None:
        """Looks again; what was found stays until then."""
        name = self.session.stack or None

        def work(_: Job[tuple[StackRecord | None, list[Finding]]]) -> tuple[StackRecord | None, list[Finding]]:
            try:
                stack = self.services.find_stack(name)
            except UsageError:
                if name:
                    raise
                stack = None  # none yet, or several: then this machine is looked at
            return stack, self.services.doctor(stack)

        self.says(("◐ ", Tone.WORK), "gathering evidence…")
        self._job = Job(self, "doctor", work)
        self.refresh_bindings()

    def on_ended(self, event: Ended) -> None:
        """Evidence was judged; a fix was planned, or applied."""
        if event.job is self._plan and self._plan is not None:
            self._ask(self._plan)
        elif event.job is self._deed and self._deed is not None:
            self._applied(self._deed)
            if self._then:
                self._then()
        if event.job is not self._job or self._job is None:
            return
        if self._job.error:
            self.says_error(self._job.error)
        elif self._job.value is not None:
            stack, found = self._job.value
            self._stack = stack
            self.about(f"stack {stack.name}" if stack else "this machine")
            self._paint(found)
        self.refresh_bindings()

    def _paint(self, found: list[Finding]) -> None:
        ordered = in_order(found)
        self._found = {finding.id: finding for finding, _ in ordered}
        self.part(RowList, "#rows").show([row(finding, follows=follows) for finding, follows in ordered])
        self._sum_up(span(self._fixed))
        self._fixed = ""
        self._explain()

    def _sum_up(self, *before: Span) -> None:
        """How much is wrong, in one line."""
        ordered = in_order(self._found.values())
        bad = [f for f, follows in ordered if not follows and f.level in {Level.FAIL, Level.WARN}]
        consequences = sum(follows for _, follows in ordered)
        if not bad:
            self.says(("● ", Tone.OK), *before, "nothing is wrong that the wizard knows how to see")
        else:
            words = f"{len(bad)} to look at" + (f", {consequences} consequences" if consequences else "")
            self.says(("✖ ", Tone.FAIL) if bad[0].level is Level.FAIL else ("▲ ", Tone.WARN), *before, words)

    def _explain(self) -> None:
        finding = self._current()
        if finding is None:
            return
        lines = present.explanation(finding, first_fix(finding))
        if finding.evidence:
            lines += [(), (("Evidence", Tone.STRONG),)]
            lines += [(("│ ", Tone.DIM), span(text, Tone.DIM)) for text in finding.evidence]
        self.explain(finding.title, lines)

    def on_row_list_highlighted(self) -> None:
        """Another finding is explained."""
        self._explain()
        self.refresh_bindings()

    def _current(self) -> Finding | None:
        return self._found.get(self.part(RowList, "#rows").current)

    @property
    def _busy(self) -> bool:
        return any(job is not None and not job.over for job in (self._job, self._plan, self._deed))

    def may_leave(self) -> bool:
        """A fix that is being applied is waited for; leaving once more stops it."""
        if self._deed is None or self._deed.over:
            return True
        if self._then:
            self._deed.cancel.set()
        self._then = lambda: self.wizard.exit(0)
        self.says(("◐ ", Tone.WORK), "leaving when it is done; ", ("^q", Tone.ACCENT), " again stops it")
        return False

    def abandon(self, then: Callable[[], object]) -> bool:
        """Stops it in an orderly way."""
        if self._deed is None or self._deed.over:
            return False
        self._then = then
        self._deed.cancel.set()
        return True

    def action_fix(self) -> None:
        """Shows what the first fix would run, and asks."""
        finding, stack = self._current(), self._stack
        fix = first_fix(finding)
        if finding is None or fix is None or stack is None or self._busy:
            return
        self.says(("◐ ", Tone.WORK), "working out what to do…")
        self._plan = Job(self, "fix-plan", lambda _: self.services.fix_plan(stack, finding, fix))
        self.refresh_bindings()

    def _ask(self, job: Job[Plan]) -> None:
        from airflow_wizard.tui.screens.dialogs import Confirm

        finding, plan = self._current(), job.value
        fix = first_fix(finding)
        if job.error or plan is None or finding is None or fix is None:
            if job.error:
                self.says_error(job.error)
            return
        self._sum_up()
        lines = [line(span(finding.found)), (), *lifecycle.commands(plan), *lifecycle.undo(fix)]
        ask = Confirm(f"{fix.title}? ({fix.risk})", lines, yes="fix it")
        self.app.push_screen(ask, lambda yes: self._apply(plan) if yes else None)

    def _apply(self, plan: Plan) -> None:
        self._deed = Job(
            self, plan.purpose, lambda job: self.services.run_plan(plan, on_event=job.emit, cancel=job.cancel)
        )
        self.refresh_bindings()

    def on_arrived(self, event: Arrived) -> None:
        """The fix went on."""
        if event.job is not self._deed or self._deed is None:
            return
        for item in self._deed.take():
            if isinstance(item, StepEvent):
                self.says(("◐ ", Tone.WORK), span(item.title), ("  ", Tone.DIM), span(item.detail, Tone.DIM))

    def _applied(self, deed: Job[Outcome]) -> None:
        outcome = deed.value
        if deed.error:
            self.says_error(deed.error)
        elif outcome and outcome.ok:
            self._fixed = f"fixed in {human_seconds(outcome.elapsed)}, and seen to be gone; "
            self.action_again()
        elif outcome:
            first = outcome.findings[0] if outcome.findings else None
            self.says(("✖ ", Tone.FAIL), span(first.found if first else "the fix failed"))

    def on_row_list_chosen(self) -> None:
        """Enter shows all of it, also where the panel is folded away."""
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        finding = self._current()
        if finding:
            lines = [
                *present.explanation(finding, first_fix(finding)),
                (),
                (("Evidence", Tone.STRONG),),
                *present.evidence(finding),
            ]
            self.app.push_screen(TextOverlay(line(span(finding.title, Tone.STRONG)), lines))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        if action == "fix":
            return not self._busy and self._stack is not None and first_fix(self._current()) is not None
        if action == "again":
            return not self._busy
        if action == "copy":
            return bool(self._found)
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The findings as text, to the clipboard of the terminal."""
        self.app.copy_to_clipboard(present.report(self._found.values()))
        self.says(("● ", Tone.OK), f"{len(self._found)} findings copied")
