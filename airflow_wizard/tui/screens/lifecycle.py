"""Stop, start, restart, and the ways to take a stack away: each a plan that is shown before it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from airflow_wizard.run.step import Outcome, Plan, StepEvent
from airflow_wizard.text import human_seconds
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.present import lifecycle as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Tone, dim, line, span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow_wizard.profile.model import Profile
    from airflow_wizard.workflows.lifecycle import Verb
    from airflow_wizard.workflows.stacks import StackRecord


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is asked about.

    Attributes:
        plan: what would be run.
        removal: what it takes away, with all that may be taken as well.
        with_more: the plan that takes images, or the cluster, as well; None when there are none of its own.
        profile: for a launch afterwards: the answers of the stack.
    """

    plan: Plan
    removal: list[tuple[str, int, str]]
    with_more: Plan | None = None
    profile: tuple[Profile, Path] | None = None


class Lifecycle(WizardScreen):
    """What a screen that shows a stack can do to it."""

    _plan: Job[Prepared] | None = None
    _deed: Job[Outcome] | None = None
    _deed_name = "stop"
    _unit = ""
    _again: tuple[Profile, Path] | None = None
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
        self.says(
            ("◐ ", Tone.WORK), f"leaving when {self._deed_name} is done; ", ("^q", Tone.ACCENT), " again stops it"
        )
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

    def action_remove(self) -> None:
        """Lets choose how much goes: containers, data, everything, or a new start."""
        from airflow_wizard.tui.screens.dialogs import Choose

        if self.stack is not None and not self.busy:
            question = f"Take away what of {self.stack.name}?"
            self.app.push_screen(Choose(question, present.choices(self.stack.target), present.CHOICES), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name:
            self._prepare(name)

    def prepare_unit(self, verb: Verb, unit: str) -> None:
        """Asks, then stops, starts or restarts one unit."""
        self._prepare(verb, unit)

    def _prepare(self, name: str, unit: str = "") -> None:
        """``name`` is a verb, or ``down+data``; with ``unit`` only that."""
        stack = self.stack
        if stack is None or self.busy:
            return
        self._deed_name, self._unit = name.partition("+")[0], unit
        self.says(("◐ ", Tone.WORK), f"working out how to {self._deed_name} it…")
        self._plan = Job(self, f"plan-{name}", lambda _: self._work_out(name, stack))

    def _work_out(self, name: str, stack: StackRecord) -> Prepared:
        from airflow_wizard.workflows.lifecycle import Extent

        verb = cast("Verb", self._deed_name)
        services, extent = self.services, Extent(volumes=name == "down+data")
        if verb in {"stop", "start", "restart"}:
            return Prepared(services.lifecycle_plan(verb, stack, Extent(unit=self._unit or None)), [])
        plan, profile = services.lifecycle_plan(verb, stack, extent), None
        if verb == "destroy":
            extent = Extent(images=True, cluster=True)
        removal = services.removal(verb, stack, extent)
        more = services.lifecycle_plan(verb, stack, extent) if present.more(removal) else plan
        if verb == "reset":
            profile = services.known_profile(stack)
        return Prepared(plan, removal, more if more != plan else None, profile)

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
                self._ask(self._plan.name.removeprefix("plan-"), self._plan.value)
        elif event.job is self._deed:
            self._done(self._deed)
            if self._then:
                self._then()
        self.refresh_bindings()

    def _ask(self, name: str, prepared: Prepared) -> None:
        from airflow_wizard.tui.screens.dialogs import AskText, Confirm

        plan, stack, more = prepared.plan, prepared.plan.stack, prepared.with_more
        question, what = (present.UNIT_QUESTIONS if self._unit else present.QUESTIONS)[name]
        listed = present.commands(plan)
        self._again = prepared.profile
        if name not in present.ASKS:
            question_of = Confirm(
                question.format(self._unit or stack),
                [line(what), (), *listed],
                yes="remove" if name == "down" else name,
            )
            self.app.push_screen(question_of, lambda yes: self._run(plan) if yes else None)
            return
        dialog = AskText(
            question.format(stack),
            [line(what), (), *present.leaving(plan.folder, prepared.removal, apart=more is not None), (), *listed],
            ask=line("Type ", span(stack, Tone.ACCENT), f" {present.ASKS[name]}"),
            accept=lambda text: "" if text == stack else f"that is not {stack}",
            switch=dim(present.more(prepared.removal)) if more else (),
        )

        def answered(typed: str | None) -> None:
            if typed == stack:
                self._run(more if dialog.switched and more else plan)

        self.app.push_screen(dialog, answered)

    def _run(self, plan: Plan) -> None:
        self._deed = Job(
            self, plan.purpose, lambda job: self.services.run_plan(plan, on_event=job.emit, cancel=job.cancel)
        )
        self.refresh_bindings()

    def _done(self, deed: Job[Outcome]) -> None:
        outcome, what = deed.value, f" {self._unit}" if self._unit else ""
        if deed.error:
            self.says_error(deed.error)
        elif outcome and outcome.ok:
            self.says(("● ", Tone.OK), f"{outcome.purpose}{what} done in {human_seconds(outcome.elapsed)}")
            if outcome.purpose == "destroy":
                self.session.stack = ""
                self.wizard.action_home()
            elif outcome.purpose == "reset" and self._again:
                profile, folder = self._again
                self.session.begin(profile)
                self.session.folder = str(folder)
                self.wizard.action_go("launch")
        elif outcome:
            first = outcome.findings[0] if outcome.findings else None
            self.says(("✖ ", Tone.FAIL), span(f"{first.title} {first.found}" if first else f"{outcome.purpose} failed"))
