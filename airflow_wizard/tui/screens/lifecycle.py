"""Stop, start, restart and destroy from the dashboard: each a plan that is shown before it is run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.run.step import Outcome, Plan, StepEvent
from airflow_wizard.text import human_bytes, human_seconds
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Tone, dim, line, span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.workflows.lifecycle import Verb
    from airflow_wizard.workflows.stacks import StackRecord

QUESTIONS = {
    "stop": ("Stop {}?", "Everything is kept: database, logs, answers."),
    "restart": ("Restart {}?", "Tasks that run now are ended and tried again by Airflow."),
    "start": ("Start {} again?", "With the same database and answers."),
}


class Lifecycle(WizardScreen):
    """What a screen that shows a stack can do to it."""

    _plan: Job[tuple[Plan, list[tuple[str, int, str]]]] | None = None
    _deed: Job[Outcome] | None = None
    _verb: Verb = "stop"
    _then: Callable[[], object] | None = None

    @property
    def stack(self) -> StackRecord | None:
        """What is looked at."""
        return None

    @property
    def busy(self) -> bool:
        """Something is being done to the stack now."""
        return any(job is not None and not job.over for job in (self._plan, self._deed))

    def may_leave(self) -> bool:
        """Something that is being done is waited for; leaving once more stops it."""
        if self._deed is None or self._deed.over:
            return True
        if self._then:
            self._deed.cancel.set()
        self._then = lambda: self.wizard.exit(0)
        self.says(("◐ ", Tone.WORK), f"leaving when {self._verb} is done; ", ("^q", Tone.ACCENT), " again stops it")
        return False

    def abandon(self, then: Callable[[], object]) -> bool:
        """Stops it in an orderly way."""
        if self._deed is None or self._deed.over:
            return False
        self._then = then
        self._deed.cancel.set()
        return True

    def action_stop(self) -> None:
        """Asks, then stops."""
        self._prepare("stop")

    def action_start(self) -> None:
        """Asks, then starts."""
        self._prepare("start")

    def action_restart(self) -> None:
        """Asks, then restarts."""
        self._prepare("restart")

    def action_destroy(self) -> None:
        """Lists what goes and asks for the stack's name."""
        self._prepare("destroy")

    def _prepare(self, verb: Verb) -> None:
        stack, services = self.stack, self.services
        if stack is None or self.busy:
            return
        self._verb = verb
        self.says(("◐ ", Tone.WORK), f"working out how to {verb} it…")
        self._plan = Job(
            self,
            f"plan-{verb}",
            lambda _: (services.lifecycle_plan(verb, stack), services.removal(stack) if verb == "destroy" else []),
        )

    def lifecycle_arrived(self, event: Arrived) -> None:
        """A step went on."""
        if event.job is not self._deed or self._deed is None:
            return
        for item in self._deed.take():
            if isinstance(item, StepEvent):
                self.says(("◐ ", Tone.WORK), span(item.title), ("  ", Tone.DIM), span(item.detail, Tone.DIM))

    def lifecycle_ended(self, event: Ended) -> None:
        """The plan is there and is asked about; or it was run."""
        if event.job is self._plan:
            if self._plan.error or self._plan.value is None:
                if self._plan.error:
                    self.says_error(self._plan.error)
            else:
                self.says("")
                self._ask(*self._plan.value)
        elif event.job is self._deed:
            self._done(self._deed)
            if self._then:
                self._then()
        self.refresh_bindings()

    def _ask(self, plan: Plan, removal: list[tuple[str, int, str]]) -> None:
        from airflow_wizard.tui.screens.dialogs import AskText, Confirm

        name = plan.stack
        commands: list[Line] = [
            (("$ ", Tone.DIM), span(shlex.join(step.command), Tone.ACCENT)) if step.command else dim(step.title)
            for step in plan.steps
        ]
        if self._verb != "destroy":
            question, what = QUESTIONS[self._verb]
            dialog = Confirm(question.format(name), [line(what), (), *commands], yes=self._verb)
            self.app.push_screen(dialog, lambda yes: self._run(plan) if yes else None)
            return
        self.app.push_screen(
            AskText(
                f"Destroy {name}?",
                [*leaving(plan.folder, removal), (), *commands],
                ask=line("Type ", span(name, Tone.ACCENT), " to remove it for good:"),
                accept=lambda text: "" if text == name else f"that is not {name}",
            ),
            lambda typed: self._run(plan) if typed == name else None,
        )

    def _run(self, plan: Plan) -> None:
        self._deed = Job(
            self, plan.purpose, lambda job: self.services.run_plan(plan, on_event=job.emit, cancel=job.cancel)
        )
        self.refresh_bindings()

    def _done(self, deed: Job[Outcome]) -> None:
        outcome = deed.value
        if deed.error:
            self.says_error(deed.error)
        elif outcome and outcome.ok:
            self.says(("● ", Tone.OK), f"{outcome.purpose} done in {human_seconds(outcome.elapsed)}")
            if outcome.purpose == "destroy":
                self.session.stack = ""
                self.wizard.action_home()
        elif outcome:
            first = outcome.findings[0] if outcome.findings else None
            self.says(("✖ ", Tone.FAIL), span(f"{first.title} {first.found}" if first else f"{outcome.purpose} failed"))


def leaving(folder: str, removal: Sequence[tuple[str, int, str]]) -> list[Line]:
    """What goes, biggest first, and how much that is; what is not listed stays."""
    total = human_bytes(sum(size for _, size, _ in removal))
    lines: list[Line] = [
        line((f"{total} in all. ", Tone.WARN), "This cannot be undone; what is not listed stays."),
        (),
        line("In ", span(folder, Tone.DIM)),
    ]
    for path, size, what in sorted(removal, key=lambda entry: -entry[1]):
        short, _ = span(path.removeprefix(f"{folder}/"))
        lines.append(
            (
                ("✖ ", Tone.FAIL),
                (f"{short:<24} ", Tone.PLAIN),
                (f"{human_bytes(size):>8}  ", Tone.WARN),
                span(what, Tone.DIM),
            )
        )
    return lines
