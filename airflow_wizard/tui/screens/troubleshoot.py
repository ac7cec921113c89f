"""Troubleshoot: what is wrong with a stack, or with this machine; causes first, consequences under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.errors import UsageError
from airflow_wizard.finding import Finding, Level, worst_first
from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.present import findings as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Row, RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

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
        """Evidence was judged."""
        if event.job is not self._job or self._job is None:
            return
        if self._job.error:
            self.says_error(self._job.error)
        elif self._job.value is not None:
            stack, found = self._job.value
            self.about(f"stack {stack.name}" if stack else "this machine")
            self._paint(found)
        self.refresh_bindings()

    def _paint(self, found: list[Finding]) -> None:
        ordered = in_order(found)
        self._found = {finding.id: finding for finding, _ in ordered}
        self.part(RowList, "#rows").show([row(finding, follows=follows) for finding, follows in ordered])
        bad = [f for f, follows in ordered if not follows and f.level in {Level.FAIL, Level.WARN}]
        consequences = sum(follows for _, follows in ordered)
        if not bad:
            self.says(("● ", Tone.OK), "nothing is wrong that the wizard knows how to see")
        else:
            words = f"{len(bad)} to look at" + (f", {consequences} consequences" if consequences else "")
            self.says(("✖ ", Tone.FAIL) if bad[0].level is Level.FAIL else ("▲ ", Tone.WARN), words)
        self._explain()

    def _explain(self) -> None:
        finding = self._found.get(self.part(RowList, "#rows").current)
        if finding is None:
            return
        lines = present.explanation(finding)
        if finding.evidence:
            lines += [(), (("Evidence", Tone.STRONG),)]
            lines += [(("│ ", Tone.DIM), span(text, Tone.DIM)) for text in finding.evidence]
        self.explain(finding.title, lines)

    def on_row_list_highlighted(self) -> None:
        """Another finding is explained."""
        self._explain()

    def on_row_list_chosen(self) -> None:
        """Enter shows all of it, also where the panel is folded away."""
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        finding = self._found.get(self.part(RowList, "#rows").current)
        if finding:
            lines = [*present.explanation(finding), (), (("Evidence", Tone.STRONG),), *present.evidence(finding)]
            self.app.push_screen(TextOverlay(line(span(finding.title, Tone.STRONG)), lines))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        if action == "again":
            return self._job is None or self._job.over
        if action == "copy":
            return bool(self._found)
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The findings as text, to the clipboard of the terminal."""
        self.app.copy_to_clipboard(present.report(self._found.values()))
        self.says(("● ", Tone.OK), f"{len(self._found)} findings copied")
