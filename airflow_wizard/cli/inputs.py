"""What several commands need first: the profile, the facts, the stack, the consent."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from airflow_wizard.errors import ConsentError, UsageError
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from airflow_wizard.cli.command import Args
    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Profile
    from airflow_wizard.run.step import Plan
    from airflow_wizard.workflows.checking import CheckReport
    from airflow_wizard.workflows.stacks import StackRecord


def load_profile(args: Args, command: str) -> Profile:
    """The profile of ``--profile`` with ``--set`` on top; that of a stack launched before when only it is named.

    Asked for when a person can be asked.

    Raises:
        UsageError: it was not given and nobody can be asked.
        InvalidError: it cannot be used.
    """
    ref = args.text("profile")
    if ref is None:
        known = _known(args)
        if known is not None:
            from airflow_wizard.profile.sets import with_sets

            return with_sets(known[0], args.many("set"))
        if not args.can_ask:
            raise UsageError(
                f"{command} needs --profile",
                why="it says where Airflow runs and how; without a terminal it cannot be asked for",
                next=f"airflow-wizard {command} --profile standalone-quickstart (all of them: airflow-wizard profiles)",
            )
        ref = _ask_for_profile()
    return profile_from(ref, args.many("set"))


def profile_from(ref: str, sets: tuple[str, ...] = ()) -> Profile:
    """A profile by name, path or ``-``.

    Raises:
        UsageError: ``-``, and standard input is closed.
        InvalidError: it cannot be used.
    """
    from airflow_wizard.workflows import profiles

    if ref == "-" and sys.stdin is None:
        raise UsageError(
            "the profile shall come from standard input, which is closed",
            next="airflow-wizard plan --profile - < profile.yaml",
        )

    return profiles.load(ref, sets=sets, stdin=sys.stdin if ref == "-" else None)


def given_facts(args: Args) -> HostFacts | None:
    """The facts of ``--facts``, or None when they are to be measured."""
    path = args.text("facts")
    if path is None:
        return None
    from airflow_wizard.paths import expanded
    from airflow_wizard.workflows.checking import load_facts

    return load_facts(expanded(path))


def refuse_unusable(args: Args, profile: Profile) -> None:
    """Computes the plan once without facts: what no machine can launch is told before this one is measured.

    Raises:
        InvalidError: an answer, the name or the folder cannot be used.
    """
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.workflows.planning import make_plan, make_request

    make_plan(make_request(profile, HostFacts(), name=args.text("name"), folder=folder(args), for_display=True))


def examine(args: Args, profile: Profile, on_finding: Callable[[Finding], None] | None = None) -> CheckReport:
    """Checks the host for a profile and its stack's folder; honours ``--facts``, ``--record`` and ``--dir``."""
    from airflow_wizard.workflows.checking import check_host
    from airflow_wizard.workflows.planning import folder_of

    report = check_host(
        profile.target,
        answers=profile.given,
        folder=folder_of(profile, name=args.text("name"), folder=folder(args)),
        stack=args.text("name") or profile.name,
        facts=given_facts(args),
        on_finding=on_finding,
    )
    record(args, report.facts)
    return report


def record(args: Args, facts: HostFacts) -> None:
    """Writes the facts that were used to the file of ``--record``, if given."""
    path = args.text("record")
    if path is not None:
        from airflow_wizard.paths import expanded
        from airflow_wizard.workflows.checking import record_facts

        record_facts(expanded(path), facts)


def folder(args: Args) -> Path | None:
    """The folder of ``--dir``, absolute; that of the stack when only a known one is named."""
    from airflow_wizard.paths import expanded

    value = args.text("dir")
    if value:
        return expanded(value)
    known = _known(args) if args.text("profile") is None else None
    return known[1] if known is not None else None


def _known(args: Args) -> tuple[Profile, Path] | None:
    from airflow_wizard.paths import expanded
    from airflow_wizard.workflows.stacks import known_profile

    name, place = args.text("name"), args.text("dir")
    if name is None and not place:
        return None
    return known_profile(name, expanded(place) if place else None)


def stack(args: Args) -> StackRecord:
    """The stack that was named, or the only one there is."""
    from airflow_wizard.workflows.stacks import find_stack

    return find_stack(args.text("stack"))


def consent(plan: Plan, args: Args, command: str) -> None:
    """Asks before disruptive steps, or takes ``--yes`` for them; the rest names its own flag elsewhere.

    Raises:
        ConsentError: nobody can be asked and ``--yes`` was not given, or the person said no.
    """
    _confirm_context(plan, args, command)
    allow_privileged(plan, args, command)
    disruptive = [s for s in plan.steps if s.risk is Risk.DISRUPTIVE]
    if not disruptive or args.flag("yes"):
        return
    titles = ", ".join(s.title for s in disruptive)
    if args.can_ask:
        from airflow_wizard.cli.asking import prompter

        if prompter().confirm(f"This interrupts what runs ({titles}). Go on?", default=False):
            return
    raise ConsentError(f"{command} would interrupt what runs: {titles}", next="the same command with --yes")


def _confirm_context(plan: Plan, args: Args, command: str) -> None:
    """A cluster that is not the wizard's is only read until its name was typed."""
    if not plan.confirm:
        return
    given = args.text("confirm_context")
    if given is None and args.can_ask:
        from airflow_wizard.cli.asking import prompter

        given = prompter().text(f"This changes the cluster of {plan.confirm}. Type its name to go on", default="")
    following = f"the same command with --confirm-context {shlex.quote(plan.confirm)}"
    if given is None:
        raise ConsentError(
            f"{command} would change the cluster of context {plan.confirm}",
            why="it is not the wizard's own; until its name is given, it is only looked at",
            next=following,
        )
    if given != plan.confirm:
        raise ConsentError(f"{given[:60]!r} is not the context of this plan; nothing was changed", next=following)


def allow_privileged(plan: Plan, args: Args, command: str) -> None:
    """What needs an administrator is shown, command by command, and run only when that was agreed to.

    Raises:
        ConsentError: nobody can be asked and ``--allow-privileged`` was not given, or the person said no.
    """
    if not plan.privileged or args.flag("allow_privileged"):
        return
    from airflow_wizard.cli import narrate

    for step in plan.privileged:
        narrate.say(f"  {step.title}: {shlex.join(step.command or ())}")
    if args.can_ask:
        from airflow_wizard.cli.asking import prompter

        if prompter().confirm("These commands change this machine as its administrator. Run them?", default=False):
            return
    raise ConsentError(
        f"{command} would change this machine as its administrator: {', '.join(s.title for s in plan.privileged)}",
        why="such commands are shown and never run silently",
        next="the same command with --allow-privileged; or run them yourself: what is done already is not done again",
    )


def _ask_for_profile() -> str:
    from airflow_wizard.cli.asking import Item, prompter
    from airflow_wizard.workflows import profiles

    items = [Item(e.name, e.name, e.summary) for e in profiles.known()]
    return prompter().select("Which profile?", items, default="standalone-quickstart")
