"""``fix``: applies a fix of a finding, and sees that the finding is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DRY_RUN, JSON_EVENTS, STACK, YES
from airflow_wizard.cli.command import Args, Argument, Command
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.workflows.fixing import Remedy


def run(args: Args) -> int:
    """Plans one fix, shows it, asks where it interrupts something, runs it and verifies."""
    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.inputs import consent
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.cli.launching import finish
    from airflow_wizard.cli.progress import view_for
    from airflow_wizard.cli.running import drive
    from airflow_wizard.cli.showing import show_plan
    from airflow_wizard.cli.style import Meaning
    from airflow_wizard.text import human_seconds
    from airflow_wizard.workflows.fixing import prepare
    from airflow_wizard.workflows.lifecycle import run as run_plan

    stack = find(args)
    remedy = prepare(stack, args.text("id") or "")
    if args.flag("dry_run"):
        show_plan(remedy.plan, json=args.json)
        return ExitCode.OK
    if not args.json:
        _say(remedy)
    consent(remedy.plan, args, "fix")
    outcome = drive(
        lambda on_event, cancel: run_plan(remedy.plan, on_event=on_event, cancel=cancel, url=stack.url),
        view_for(remedy.plan, json=args.json),
    )
    finish(outcome, args)
    if outcome.ok and not args.json:
        took = human_seconds(outcome.elapsed)
        narrate.say(("● ", Meaning.OK), f"{remedy.finding.id} is gone: {remedy.fix.title.lower()}, done in {took}")
    return outcome.exit_code


def _say(remedy: Remedy) -> None:
    """What is wrong, and exactly what would be run."""
    import shlex

    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.style import Meaning

    finding, fix = remedy.finding, remedy.fix
    narrate.say((f"{finding.level.glyph} {finding.title}", Meaning.STRONG), f"  {finding.found}")
    narrate.say(f"{fix.title} ({fix.risk}):")
    for command in fix.commands:
        narrate.say("  ", (f"$ {shlex.join(command)}", Meaning.ACCENT))
    for name, value in fix.answers:
        narrate.say("  ", (f"{name}: {value}", Meaning.ACCENT), ", and launch again")
    for command in fix.undo:
        narrate.say("  ", (f"to take it back: {shlex.join(command)}", Meaning.DIM))


COMMANDS = (
    Command(
        name="fix",
        help="apply a fix of a finding, and see that the finding is gone",
        example="airflow-wizard fix untaint demo",
        run=run,
        arguments=(
            Argument("id", "id of the fix, as doctor --json has it, or of the finding", required=True),
            STACK,
            YES,
            DRY_RUN,
            JSON_EVENTS,
        ),
        about="Shows the exact commands first. What interrupts something is asked about, or wants --yes; what takes"
        " data away or wants root is never run, only shown.",
    ),
)
