"""``up``: launch to proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import (
    DIR,
    DRY_RUN,
    FACTS_ARGUMENTS,
    JSON_EVENTS,
    NAME,
    PRIVILEGED,
    PROFILE_ARGUMENTS,
    YES,
)
from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding
    from airflow_wizard.workflows.stacks import StackRecord

IGNORE = Argument("--ignore-check", "launch although the check ID fails; repeatable, or all", Takes.MANY, "ID")

CONTEXT = Argument(
    "--confirm-context", "the context's name, as consent to change a cluster that is not the wizard's", metavar="NAME"
)
CONSENT = (CONTEXT, PRIVILEGED)


def run(args: Args) -> int:
    """Checks, plans, launches and proves; shows the end panel."""
    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.inputs import examine, folder, load_profile, refuse_unusable
    from airflow_wizard.cli.launching import launch_and_show
    from airflow_wizard.cli.showing import launch_plan, show_plan
    from airflow_wizard.workflows.planning import make_request

    _refuse_unknown_checks(args.many("ignore_check"))
    profile = load_profile(args, "up")
    refuse_unusable(args, profile)
    if not args.json:
        narrate.say(f"checking this machine for {profile.target}")
    report = examine(args, profile)
    plan = launch_plan(args, profile, report.facts)
    if args.flag("dry_run"):
        show_plan(plan, report.findings, json=args.json)
        return ExitCode.OK
    _refuse_unfit(report.findings, args.many("ignore_check"), plan.stack)
    request = make_request(profile, report.facts, name=args.text("name"), folder=folder(args))
    return launch_and_show(request, args)


def relaunch(stack: StackRecord, args: Args) -> int:
    """Launches a stack that is known from its own settings, as ``up --name`` does."""
    from pathlib import Path

    from airflow_wizard.cli.inputs import given_facts, record
    from airflow_wizard.cli.launching import launch_and_show
    from airflow_wizard.workflows.checking import check_host
    from airflow_wizard.workflows.planning import make_request
    from airflow_wizard.workflows.stacks import known_profile

    folder = Path(stack.folder)
    known = known_profile(stack.name, folder)
    if known is None:
        raise UsageError(f"{stack.name} is not known any more", next="airflow-wizard stacks")
    report = check_host(
        known[0].target, answers=known[0].given, folder=folder, stack=stack.name, facts=given_facts(args)
    )
    record(args, report.facts)
    request = make_request(known[0], report.facts, name=stack.name, folder=folder)
    return launch_and_show(request, args, consented=True)


def _refuse_unknown_checks(ignored: tuple[str, ...]) -> None:
    """A slip would otherwise be found out only after the measuring, or never."""
    from airflow_wizard.checks.registry import all_checks
    from airflow_wizard.cli.parser import unknown_word

    known = ["all", *(check.id for check in all_checks())]
    for word in ignored:
        if word not in known:
            raise unknown_word("--ignore-check ID", word, known, help_of="airflow-wizard check --json")


def _refuse_unfit(findings: tuple[Finding, ...], ignored: tuple[str, ...], stack: str) -> None:
    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.failure import FindingsError, UnreachableError
    from airflow_wizard.cli.render_findings import render
    from airflow_wizard.finding import Level

    failing = tuple(f for f in findings if f.level is Level.FAIL and f.id not in ignored)
    if not failing or "all" in ignored:
        return
    narrate.lines(render(failing))
    ids = " ".join(f"--ignore-check {f.id}" for f in failing)
    silent = any(f.id in ("docker.engine", "kube.reachable") for f in failing)
    raise (UnreachableError if silent else FindingsError)(
        "this machine is not ready: " + ", ".join(f.title for f in failing),
        findings=findings,
        stack=stack,
        why="the launch would fail or not stay up",
        next=f"solve it as shown above, then the same command; to launch anyway add {ids}",
    )


COMMANDS = (
    Command(
        name="up",
        help="launch Airflow and prove that it runs a task",
        example="airflow-wizard up --profile standalone-quickstart --name demo",
        run=run,
        arguments=(
            *PROFILE_ARGUMENTS,
            NAME,
            DIR,
            YES,
            CONTEXT,
            PRIVILEGED,
            DRY_RUN,
            IGNORE,
            *FACTS_ARGUMENTS,
            JSON_EVENTS,
        ),
        about="Run it again after an interruption or a failure: finished steps are recognised and skipped. There is no"
        " deadline while something still moves.",
    ),
)
