"""``stop``, ``start``, ``restart`` and ``down``: plans on a stack that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DRY_RUN, JSON_EVENTS, STACK, YES
from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.cli.commands.destroy import CONFIRM
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.workflows.lifecycle import Extent, Verb
    from airflow_wizard.workflows.stacks import StackRecord

UNIT = Argument("--unit", "only this component", metavar="U")
VOLUMES = Argument("--volumes", "remove the database as well; wants --confirm", Takes.FLAG)


def run_verb(verb: Verb, args: Args, stack: StackRecord, extent: Extent) -> int:
    """Plans and runs one verb on a stack.

    Naming the verb is the consent for what it interrupts; what destroys asks for its own before this is called.
    """
    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.launching import finish
    from airflow_wizard.cli.progress import view_for
    from airflow_wizard.cli.running import drive
    from airflow_wizard.cli.showing import show_plan
    from airflow_wizard.cli.style import Meaning
    from airflow_wizard.text import human_seconds
    from airflow_wizard.workflows.lifecycle import plan_for
    from airflow_wizard.workflows.lifecycle import run as run_plan

    plan = plan_for(verb, stack, extent)
    if args.flag("dry_run"):
        show_plan(plan, json=args.json)
        return ExitCode.OK
    url = stack.url if verb in ("start", "restart") else ""
    outcome = drive(
        lambda on_event, cancel: run_plan(plan, on_event=on_event, cancel=cancel, url=url),
        view_for(plan, json=args.json),
    )
    finish(outcome, args)
    if outcome.ok and not args.json:
        what = f" {extent.unit}" if extent.unit else ""
        narrate.say(("● ", Meaning.OK), f"{verb} {stack.name}{what}: done in {human_seconds(outcome.elapsed)}")
    return outcome.exit_code


def _run(verb: Verb, args: Args) -> int:
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.workflows.lifecycle import Extent

    stack = find(args)
    if verb == "down" and args.flag("volumes"):
        from airflow_wizard.cli.commands.destroy import remove

        return remove(verb, stack, args, Extent(volumes=True))
    if verb == "down" and not args.json:
        from airflow_wizard.cli.commands.destroy import say_what_goes

        say_what_goes(verb, stack, Extent())
    return run_verb(verb, args, stack, Extent(unit=None if verb == "down" else args.text("unit")))


def _command(verb: Verb, text: str, about: str = "", *more: Argument) -> Command:
    return Command(
        name=verb,
        help=text,
        example=f"airflow-wizard {verb} demo",
        run=lambda args: _run(verb, args),
        arguments=(STACK, *more, YES, DRY_RUN, JSON_EVENTS),
        about=about,
    )


COMMANDS = (
    _command("stop", "stop a stack and keep everything, or one component of it", "", UNIT),
    _command("start", "start a stopped stack again and prove it, or one component of it", "", UNIT),
    _command("restart", "stop and start a stack, or one component of it", "", UNIT),
    _command(
        "down",
        "stop a stack and remove what only runs; data and files stay",
        "Containers and their network go; with --volumes the database as well. For standalone, where nothing but"
        " processes runs, it is the same as stop. destroy removes the files too.",
        VOLUMES,
        CONFIRM,
    ),
)
