"""Review: every file and every command, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Level
from airflow_wizard.text import plain
from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.measure import facts_of
from airflow_wizard.tui.present import review as present
from airflow_wizard.tui.present.launch import trouble
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Tone, content, dim, span
from airflow_wizard.tui.widgets.rows import RowList
from airflow_wizard.tui.widgets.side import SidePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.preview import FilePreview
    from airflow_wizard.run.step import Plan

# A preview is read, not scrolled through for hours; colouring 10,000 lines would be felt.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was computed; nothing of it was done."""

    request: StackRequest
    plan: Plan
    previews: list[FilePreview]
    findings: list[Finding]
    memory: int | None


class Review(WizardScreen):
    """The fourth step."""

    NAME = STEP = "review"
    SIDE = True
    TITLE_TEXT = "This is what would be done"
    BINDINGS = bindings(*SCREENS["review"])

    def __init__(self) -> None:
        super().__init__()
        self._job: Job[Reviewed] | None = None
        self._doing: Job[str] | None = None
        self._data: Reviewed | None = None
        self._diff = False

    def body(self) -> Iterable[Widget]:
        """Files and steps."""
        yield RowList(*present.COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Computes the plan in a thread: it reads what is on disk."""
        self.part(RowList, "#rows").focus()
        self.about(f"{self.session.profile_name}  {self.session.target}")
        self.says(("◐ ", Tone.WORK), "working out files and steps…")
        self._job = Job(self, "review", lambda _: self._compute())

    def _compute(self) -> Reviewed:
        session, services = self.session, self.services
        facts = facts_of(self.wizard)
        folder = Path(session.folder) if session.folder else None
        request = services.request(session.profile(), facts, folder, show=True)
        plan = services.plan(request)
        report = services.check_host(
            session.target, answers=request.answers.values, folder=Path(plan.folder), facts=facts, on_finding=None
        )
        fit = next((f for f in services.rank_targets(facts) if f.target is session.target), None)
        findings = [*report.findings, *plan.findings]
        return Reviewed(request, plan, services.preview(plan), findings, fit.memory if fit else None)

    def on_ended(self, event: Ended) -> None:
        """The plan is there, or something was written."""
        if event.job is self._job:
            if self._job.error:
                self.says_error(self._job.error)
                lines = trouble(self._job.error)
                self.explain("This cannot be planned", lines)
            elif self._job.value:
                self._data = self._job.value
                rows = self.part(RowList, "#rows")
                rows.show(present.rows(self._data.plan, self._data.previews))
                self._sum_up()
                self._explain()
            self.refresh_bindings()
        elif event.job is self._doing:
            if self._doing.error:
                self.says_error(self._doing.error)
            else:
                self.says(("● ", Tone.OK), span(self._doing.value or ""))
            self.refresh_bindings()

    def _sum_up(self) -> None:
        if self._data is None:
            return
        failing = [f for f in self._data.findings if f.level is Level.FAIL]
        if failing:
            words = ", ".join(f"{f.title} {f.found}" for f in failing)
            self.says(("✖ ", Tone.FAIL), span(words, Tone.FAIL))
            return
        answers = self._data.request.answers
        listens = ":".join(part for part in (answers.text("bind"), answers.text("port")) if part)
        self.says(*present.costs(self._data.memory, listens))

    def _explain(self) -> None:
        if self._data is None:
            return
        kind, _, name = self.part(RowList, "#rows").current.partition(":")
        if kind == "step":
            step = next(s for s in self._data.plan.steps if s.id == name)
            self.explain(step.title, present.step_lines(step))
        elif kind == "file":
            self._show_file(next(p for p in self._data.previews if p.path == name))
        self.refresh_bindings()

    def _show_file(self, preview: FilePreview) -> None:
        from textual.highlight import highlight

        as_diff = bool(self._diff and preview.diff and preview.state != "new")
        text = plain(preview.diff if as_diff else preview.text, limit=LONGEST)
        language = "diff" if as_diff else _language(preview.path)
        words = highlight(text, language=language) if language else content(*[(span(t),) for t in text.splitlines()])
        self.part(SidePanel, "#side").show_text(preview.path, present.file_lines(preview), words)

    def on_row_list_highlighted(self) -> None:
        """Another file or step is shown."""
        self._explain()

    def on_row_list_chosen(self) -> None:
        """Enter launches, wherever the cursor is."""
        self.action_launch()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        ready = self._data is not None and (self._doing is None or self._doing.over)
        if action in {"launch", "write", "script"}:
            return ready
        if action == "diff":
            key = self.part(RowList, "#rows").current.partition(":")[2]
            return (
                any(p.path == key and p.diff and p.state != "new" for p in self._data.previews) if self._data else False
            )
        return super().check_action(action, parameters)

    def action_diff(self) -> None:
        """The file, or its difference to what is on disk."""
        self._diff = not self._diff
        self._explain()

    def action_launch(self) -> None:
        """Goes on; asks first when a check says that this machine is not fit."""
        if self._data is None:
            return
        failing = [f for f in self._data.findings if f.level is Level.FAIL]
        if not failing:
            self._ask_consent()
            return
        from airflow_wizard.tui.screens.dialogs import Confirm

        lines: list[Line] = []
        for finding in failing:
            lines += [(("✖ ", Tone.FAIL), span(f"{finding.title}: {finding.found}")), dim(finding.why), ()]
        self.app.push_screen(
            Confirm("This machine is not fit for it yet", lines, yes="launch anyway"),
            lambda yes: self._ask_consent() if yes else None,
        )

    def _ask_consent(self) -> None:
        """A cluster that is not the wizard's wants its name typed; an administrator's commands want a yes."""
        from airflow_wizard.tui.screens.dialogs import AskText, Confirm

        if self._data is None:
            return
        plan = self._data.plan
        if plan.confirm:
            lines = [dim("It is not the wizard's own. Until its name is typed, it is only looked at.")]
            question = AskText(
                f"This changes the cluster of context {plan.confirm}",
                lines,
                ask=(span("Type its name:"),),
                accept=lambda typed: "" if typed == plan.confirm else "that is not its name",
            )
            self.app.push_screen(question, lambda typed: self._go_on(typed == plan.confirm))
        elif plan.privileged:
            shown = [line for step in plan.privileged for line in present.step_lines(step)]
            dialog = Confirm("This changes this machine as its administrator", shown, yes="run these commands")
            self.app.push_screen(dialog, lambda yes: self._go_on(bool(yes)))
        else:
            self._go_on(yes=True)

    def _go_on(self, yes: bool) -> None:
        if yes:
            self.wizard.action_go("launch")

    def action_write(self) -> None:
        """Writes the files and runs nothing."""
        if self._data is None:
            return
        out = Path(self._data.plan.folder)

        def work(_: Job[str]) -> str:
            folder = Path(self.session.folder) if self.session.folder else None
            request = self.services.request(self.session.profile(), facts_of(self.wizard), folder, show=False)
            report = self.services.write(request, out)
            counts = (("written", report.written), ("kept as you left them", report.kept), ("merged", report.merged))
            return ", ".join(f"{len(paths)} {word}" for word, paths in counts if paths) + f" in {out}"

        self._do("write", work)

    def action_script(self) -> None:
        """Saves a script that repeats the launch without the wizard."""
        from airflow_wizard.tui.screens.dialogs import AskText

        def save(path: str | None) -> None:
            if path and self._data:
                request, place = self._data.request, Path(path).expanduser().absolute()
                self._do("script", lambda _: _save_script(self.services.script(request), place))

        name = f"launch-{self._data.plan.stack}.sh" if self._data else "launch.sh"
        question = AskText("Save a script that repeats this without the wizard", [dim("File:")], value=name)
        self.app.push_screen(question, save)

    def _do(self, name: str, work: Callable[[Job[str]], str]) -> None:
        self.says(("◐ ", Tone.WORK), "writing…")
        self._doing = Job(self, name, work)
        self.refresh_bindings()


def _save_script(text: str, place: Path) -> str:
    from airflow_wizard.atomic import write_text_atomic

    write_text_atomic(place, text, 0o700)
    return f"saved as {place}"


def _language(path: str) -> str:
    suffix = Path(path).suffix
    known = {".yaml": "yaml", ".yml": "yaml", ".cfg": "ini", ".ini": "ini", ".toml": "toml", ".py": "python",
             ".sh": "bash", ".md": "markdown", ".json": "json", ".env": "ini"}  # fmt: skip
    return known.get(suffix, "ini" if Path(path).name == ".env" else "bash" if not suffix else "")
