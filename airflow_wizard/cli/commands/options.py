"""``options``: what can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import JSON, TARGET
from airflow_wizard.cli.command import Args, Argument, Command, Takes, Words
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.options.model import Target

NAME = Argument("option", "one option with everything about it", words=Words.OPTIONS)
SCHEMA = Argument("--schema", "print the JSON schema of a profile", Takes.FLAG)


def run(args: Args) -> int:
    """Lists options, explains one, or prints the schema."""
    from airflow_wizard.cli import output
    from airflow_wizard.options.model import Target

    named = args.text("target")
    target = Target(named) if named else None
    if args.flag("schema"):
        from airflow_wizard.options.schema import profile_schema
        from airflow_wizard.profile.model import PROFILE_SCHEMA

        output.json_object(profile_schema(PROFILE_SCHEMA, target))
        return ExitCode.OK
    wanted = args.text("option")
    if wanted is not None:
        return _one(wanted, target, json=args.json)
    from airflow_wizard.cli.render_options import overview
    from airflow_wizard.options.describe import describe_all

    shown = describe_all(target=target)
    if args.json:
        output.json_object(shown)
    else:
        output.lines(overview(shown))
    return ExitCode.OK


def _one(name: str, target: Target | None, *, json: bool) -> int:
    from airflow_wizard.cli import output
    from airflow_wizard.cli.render_options import detail
    from airflow_wizard.options.describe import describe
    from airflow_wizard.options.registry import option as named

    option = named(name.replace("-", "_"))
    row = describe(option, target=target if target in option.targets else None)
    if json:
        output.json_object(row)
    else:
        output.lines(detail(row))
    return ExitCode.OK


COMMANDS = (
    Command(
        name="options",
        help="list what can be asked, with the default and the reason",
        example="airflow-wizard options executor",
        run=run,
        arguments=(NAME, TARGET, SCHEMA, JSON),
        about="Each is a key of a profile and goes on a command line as --set OPTION=VALUE.",
    ),
)
