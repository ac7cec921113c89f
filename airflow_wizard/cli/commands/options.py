"""``options``: what can be asked."""

from __future__ import annotations

from airflow_wizard.cli.arguments import JSON, TARGET
from airflow_wizard.cli.command import Args, Argument, Command, Takes, Words
from airflow_wizard.errors import ExitCode

NAME = Argument("option", "one option with everything about it", words=Words.OPTIONS)
SCHEMA = Argument("--schema", "print the JSON schema of a profile", Takes.FLAG)


def run(args: Args) -> int:
    """Lists options, explains one, or prints the schema."""
    from airflow_wizard.cli import output
    from airflow_wizard.options.model import Target

    named = args.text("target")
    target = Target(named) if named else None
    if args.flag("schema"):
        from airflow_wizard.cli.schema import profile_schema

        output.json_object(profile_schema(target))
        return ExitCode.OK
    wanted = args.text("option")
    if wanted is not None:
        return _one(wanted, target, json=args.json)
    from airflow_wizard.cli.declared import declared
    from airflow_wizard.cli.render_options import overview

    shown = declared(target)
    if args.json:
        output.json_object([d.to_json() for d in shown])
    else:
        output.lines(overview(shown))
    return ExitCode.OK


def _one(name: str, target: object, *, json: bool) -> int:
    from airflow_wizard.cli import output
    from airflow_wizard.cli.declared import declared
    from airflow_wizard.cli.render_options import detail
    from airflow_wizard.options import registry
    from airflow_wizard.options.model import Target

    option = registry.option(name)
    place = target if isinstance(target, Target) and target in option.targets else None
    found = next(d for d in declared(place) if d.option.name == option.name)
    if json:
        output.json_object(found.to_json())
    else:
        output.lines(detail(found))
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
