"""``stacks``: every Airflow the wizard knows."""

from __future__ import annotations

from dataclasses import asdict

from airflow_wizard.cli.arguments import JSON
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode


def run(args: Args) -> int:
    """Lists the stacks, and says which of them cannot be used any more."""
    from airflow_wizard.cli import narrate, output
    from airflow_wizard.cli.style import Meaning, table
    from airflow_wizard.workflows.stacks import list_stacks, problems

    stacks, found = list_stacks(), problems()
    if found:
        from airflow_wizard.cli.render_findings import render

        narrate.lines(render(found))
    if args.json:
        output.json_object([asdict(s) for s in stacks])
        return ExitCode.OK
    if not stacks and not found:
        narrate.say("no stack yet; the first one: airflow-wizard up --profile standalone-quickstart")
    output.lines(table([[(s.name, Meaning.ACCENT), str(s.target), s.airflow_version, s.url, s.folder] for s in stacks]))
    return ExitCode.OK


COMMANDS = (
    Command(
        name="stacks",
        help="list every Airflow the wizard knows",
        example="airflow-wizard stacks --json",
        run=run,
        arguments=(JSON,),
    ),
)
