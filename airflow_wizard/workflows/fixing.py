"""Applying a fix: a plan like any other, which ends with seeing that what was wrong is gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.errors import ConsentError, StackStateError, UsageError
from airflow_wizard.finding import Level
from airflow_wizard.risk import Risk
from airflow_wizard.run.actions import RunCommand
from airflow_wizard.run.fix_actions import AwaitGone
from airflow_wizard.run.step import Plan, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.finding import Finding, Fix
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.run.registry import StackRecord

_OURS = "airflow-wizard"
_CHANGES = ("start", "stop", "restart", "up")


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is wrong, what helps, and the plan of it."""

    finding: Finding
    fix: Fix
    plan: Plan


def choose(findings: Sequence[Finding], wanted: str) -> tuple[Finding, Fix]:
    """The fix with that id, of the first finding that offers it; or the first usable one of the finding of that id.

    Raises:
        UsageError: nothing that is wrong now is fixed by it.
    """
    wrong = [f for f in findings if f.level is not Level.OK]
    for finding in wrong:
        for fix in finding.fixes:
            if fix.id == wanted and fix.usable:
                return finding, fix
    for finding in wrong:
        if finding.id == wanted:
            for fix in finding.fixes:
                if fix.usable:
                    return finding, fix
            by_hand = finding.fixes[0].title if finding.fixes else "nothing is known that helps"
            raise UsageError(f"{wanted} can only be solved by hand", why=by_hand, next="airflow-wizard doctor")
    known = [fix.id for finding in wrong for fix in finding.fixes if fix.usable]
    raise UsageError(
        f"nothing that is wrong now is fixed by {wanted!r}",
        why="a fix is offered while its finding is there",
        next=f"one of: {', '.join(dict.fromkeys(known))}" if known else "airflow-wizard doctor",
    )


def prepare(stack: StackRecord, wanted: str) -> Remedy:
    """Looks at the stack, and plans the fix of that id.

    Raises:
        UsageError: nothing that is wrong now is fixed by it.
        WizardError: the stack cannot be looked at.
    """
    from airflow_wizard.workflows.troubleshooting import doctor

    finding, fix = choose(doctor(stack), wanted)
    return plan_for(stack, finding, fix)


def plan_for(stack: StackRecord, finding: Finding, fix: Fix, *, facts: HostFacts | None = None) -> Remedy:
    """The plan of one fix; ``facts`` of this machine are measured where a launch needs them and none are given.

    Raises:
        ConsentError: it destroys something, which has commands of its own.
        StackStateError: the stack's folder cannot tell what it is.
    """
    if fix.risk is Risk.DESTRUCTIVE:
        raise ConsentError(
            f"{fix.title}: that takes data away for good", next="type the commands yourself; doctor shows them"
        )
    steps: list[Step] = []
    for number, command in enumerate(fix.commands, 1):
        steps += _steps(stack, fix, command, number, facts)
    if fix.answers:
        steps += _launch(stack, fix, facts)
    steps.append(_verify(lambda: _look(stack, finding), finding))
    plan = Plan(f"fix {fix.id}", stack.target, stack.name, stack.folder, steps=tuple(steps))
    return Remedy(finding, fix, plan)


def commands_plan(folder: str, finding: Finding, fix: Fix, look: Callable[[], str]) -> Plan:
    """The plan of a fix that is nothing but commands, for whoever can ``look`` whether it has helped."""
    steps = [_command(folder, fix, command, number) for number, command in enumerate(fix.commands, 1)]
    return Plan(f"fix {fix.id}", "", Path(folder).name, folder, steps=(*steps, _verify(look, finding)))


def _command(folder: str, fix: Fix, command: tuple[str, ...], number: int) -> Step:
    title = fix.title if len(fix.commands) == 1 else f"{fix.title} ({number})"
    return Step(f"fix-{number}", title, RunCommand(command, folder, unit="fix"), command=command, risk=fix.risk)


def _verify(look: Callable[[], str], finding: Finding) -> Step:
    return Step("verify", "See that it is gone", AwaitGone(finding.id, finding.title, look))


def _steps(stack: StackRecord, fix: Fix, command: tuple[str, ...], number: int, facts: HostFacts | None) -> list[Step]:
    """A command of the wizard's own is its plan: run as a program it would wait for the lock that is held here."""
    if command[:1] != (_OURS,):
        return [_command(stack.folder, fix, command, number)]
    verb = command[1] if len(command) > 1 else ""
    if verb not in _CHANGES:
        raise UsageError(f"{' '.join(command)} shows something; nothing is fixed by it", next=" ".join(command))
    if verb == "up":
        return _launch(stack, fix, facts)
    from airflow_wizard.workflows.lifecycle import Extent, plan_for

    unit = command[command.index("--unit") + 1] if "--unit" in command else None
    return list(plan_for(verb, stack, Extent(unit=unit)).steps)  # type: ignore[arg-type]


def _launch(stack: StackRecord, fix: Fix, facts: HostFacts | None) -> list[Step]:
    """The stack's own launch, with the answers that the fix changes: what is right already is skipped."""
    from airflow_wizard.workflows.checking import check_host
    from airflow_wizard.workflows.planning import make_plan, make_request
    from airflow_wizard.workflows.stacks import known_profile

    folder = Path(stack.folder)
    known = known_profile(stack.name, folder)
    if known is None:
        raise StackStateError(f"{stack.name} is not known any more", next="airflow-wizard stacks")
    profile = replace(known[0], given={**known[0].given, **dict(fix.answers)})
    report = check_host(profile.target, answers=profile.given, folder=folder, facts=facts)
    steps = make_plan(make_request(profile, report.facts, name=stack.name, folder=folder)).steps
    return [replace(step, risk=max(step.risk, fix.risk, key=_HARM.index)) for step in steps]


_HARM = (Risk.SAFE, Risk.DISRUPTIVE, Risk.PRIVILEGED, Risk.DESTRUCTIVE)


def _look(stack: StackRecord, finding: Finding) -> str:
    from airflow_wizard.diagnose.evaluate import evaluate
    from airflow_wizard.diagnose.fixed import still_wrong
    from airflow_wizard.workflows.troubleshooting import collect_evidence

    evidence: Evidence = collect_evidence(stack)
    return still_wrong(finding, evidence, evaluate(evidence))
