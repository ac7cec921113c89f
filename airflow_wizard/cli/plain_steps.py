"""The steps of the prompts: checks, target, options, review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate
from airflow_wizard.cli.asking import Item
from airflow_wizard.cli.command import Args
from airflow_wizard.cli.style import Meaning
from airflow_wizard.errors import InterruptedByUserError, WizardError
from airflow_wizard.finding import Level
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.paths import expanded
from airflow_wizard.profile.model import Profile
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes
from airflow_wizard.workflows.flow import FlowState, clear_flow, save_flow

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.cli.asking import Prompter
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.run.step import Plan
    from airflow_wizard.targets.model import Fit


class Flow:
    """One walk through the wizard; what is decided is in ``state`` and kept on disk."""

    def __init__(self, ask: Prompter, state: FlowState, *, facts_file: str | None) -> None:
        self.ask = ask
        self.state = state
        self.facts = HostFacts()
        self._facts_file = facts_file

    def keep(self, step: str) -> None:
        """Notes where we are."""
        self.state = replace(self.state, screen=step)
        save_flow(self.state)

    def checks(self) -> bool:
        """Measures and shows this machine; False when the person leaves."""
        from airflow_wizard.cli.render_findings import render, summary

        while True:
            narrate.say()
            narrate.say(("Checks", Meaning.STRONG), "  is this machine ready?")
            findings = self._measure()
            narrate.lines(render(findings))
            narrate.say(*summary(findings))
            failing = any(f.level is Level.FAIL for f in findings)
            items = [Item("next", "Go on"), Item("again", "Check again"), Item("quit", "Leave")]
            chosen = self.ask.select("And now?", items, default="again" if failing else "next")
            if chosen != "again":
                return chosen == "next"

    def target(self) -> None:
        """Asks where Airflow shall run."""
        from airflow_wizard.workflows.choosing import rank_targets

        fits = rank_targets(self.facts)
        narrate.say()
        items = [Item(str(f.target), f.title, _fit_note(f)) for f in fits]
        answer = self.ask.select("Where should Airflow run?", items, default=self.state.target or str(fits[0].target))
        chosen = next(f for f in fits if str(f.target) == answer)
        narrate.say(chosen.about)
        if self.state.target not in (None, str(chosen.target)):
            self.state = replace(self.state, given={})
        self.state = replace(self.state, target=str(chosen.target))

    def options(self) -> None:
        """Asks for the answers, group by group."""
        from airflow_wizard.cli.plain_options import ask_options

        def kept(answers: dict[str, Answer]) -> None:
            self.state = replace(self.state, given=dict(answers))
            self.keep("options")

        kept(ask_options(self.ask, self._target(), self.facts, dict(self.state.given), kept=kept))

    def review(self) -> int | str:
        """Shows files and commands, then does what the person says: an exit code, or the step to go back to."""
        try:
            plan = self._plan()
        except InterruptedByUserError:
            raise
        except WizardError as problem:
            # Answers that do not fit together end in the options, not in the shell.
            narrate.error(problem)
            return "options" if self.ask.confirm("Back to the options?", default=True) else 0
        narrate.say()
        narrate.say(("Review", Meaning.STRONG))
        blocked = self._show(plan)
        chosen = self.ask.select("And now?", _REVIEW, default="options" if blocked else "launch")
        if chosen == "launch":
            anyway = "This machine is not ready, as shown above. Launch anyway?"
            return self._launch() if not blocked or self.ask.confirm(anyway, default=False) else "review"
        if chosen in ("options", "target"):
            return chosen
        if chosen == "write":
            self._write(plan)
        elif chosen == "save":
            self._save()
        elif chosen == "place":
            self._place(plan)
        return 0 if chosen == "quit" else "review"

    def _measure(self) -> tuple[Finding, ...]:
        from airflow_wizard.workflows.checking import check_host, load_facts

        recorded = load_facts(Path(self._facts_file)) if self._facts_file else None
        target = Target(self.state.target) if self.state.target else None
        folder = Path(self.state.folder) if self.state.folder else None
        report = check_host(target, answers=self.state.given, folder=folder, facts=recorded)
        self.facts = report.facts
        return report.findings

    def _judge(self) -> tuple[Finding, ...]:
        """The facts looked at again for the target and the answers; only a cluster chosen meanwhile is asked."""
        from airflow_wizard.cli.plain_options import current
        from airflow_wizard.workflows.checking import check_host, with_cluster

        target = self._target()
        folder = Path(self.state.folder) if self.state.folder else None
        answers = current(target, self.facts, dict(self.state.given))
        if target in KUBERNETES_TARGETS and not self._facts_file:
            stack = self.state.stack or self.state.profile_name or str(target)
            self.facts = with_cluster(self.facts, target, answers=answers, folder=folder, stack=stack)
        return check_host(target, answers=answers, folder=folder, facts=self.facts).findings

    def _target(self) -> Target:
        return Target(self.state.target) if self.state.target else Target.STANDALONE

    def _request(self, *, for_display: bool) -> StackRequest:
        from airflow_wizard.workflows.planning import make_request

        target = self._target()
        profile = Profile(self.state.profile_name or str(target), target, dict(self.state.given))
        folder = Path(self.state.folder) if self.state.folder else None
        return make_request(profile, self.facts, name=self.state.stack, folder=folder, for_display=for_display)

    def _plan(self) -> Plan:
        from airflow_wizard.workflows.planning import make_plan

        return make_plan(self._request(for_display=True))

    def _show(self, plan: Plan) -> bool:
        """Shows the plan and what is not ok for it; True when something must be solved first."""
        from airflow_wizard.cli.render_findings import render as render_findings
        from airflow_wizard.cli.render_plan import render
        from airflow_wizard.workflows.planning import preview

        narrate.lines(render(plan, preview(plan)))
        findings = [f for f in self._judge() if f.level is not Level.OK]
        known = {f.id for f in findings}
        narrate.lines(render_findings([*findings, *(f for f in plan.findings if f.id not in known)], evidence=False))
        return any(f.level is Level.FAIL for f in findings)

    def _launch(self) -> int:
        from airflow_wizard.cli.launching import launch_and_show

        self.keep("review")
        code = launch_and_show(self._request(for_display=False), Args({"yes": True}))
        if code == 0:
            clear_flow()
        return code

    def _write(self, plan: Plan) -> None:
        from airflow_wizard.workflows.writing import write

        report = write(self._request(for_display=False), Path(plan.folder))
        narrate.say(f"{len(report.written)} files written to {plan.folder}; nothing was started")

    def _save(self) -> None:
        from airflow_wizard.workflows import profiles

        name = self.ask.text("Name of the profile", default=self.state.profile_name or "mine")
        profile = Profile(name, self._target(), dict(self.state.given))
        try:
            path = profiles.save(profile, overwrite=False)
        except WizardError as problem:
            narrate.error(problem)
            return
        self.state = replace(self.state, profile_name=name)
        narrate.say(f"saved in {path}")

    def _place(self, plan: Plan) -> None:
        name = self.ask.text("Name of the stack", default=plan.stack)
        folder = self.ask.text("Folder", default=plan.folder if name == plan.stack else self.state.folder)
        place = str(expanded(folder)) if folder and folder != plan.folder else self.state.folder
        self.state = replace(self.state, stack=name if name != plan.stack else self.state.stack, folder=place)


_REVIEW = (
    Item("launch", "Write and launch"),
    Item("write", "Write the files only"),
    Item("options", "Change answers"),
    Item("target", "Choose another target"),
    Item("place", "Change name or folder"),
    Item("save", "Save the answers as a profile"),
    Item("quit", "Leave; the answers are kept"),
)


def _fit_note(fit: Fit) -> str:
    parts = [str(fit.verdict), fit.reason]
    if fit.memory is not None and fit.verdict is not Verdict.FITS:  # a fit says it in its reason
        parts.append(human_bytes(fit.memory))
    return ", ".join(p for p in parts if p)
