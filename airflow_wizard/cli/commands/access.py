"""``credentials`` and ``open``: the way in."""

from __future__ import annotations

from airflow_wizard.cli.arguments import JSON, STACK
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode


def run_credentials(args: Args) -> int:
    """Prints address, user and password."""
    from airflow_wizard.cli import output
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.cli.style import table
    from airflow_wizard.workflows.access import credentials

    login = credentials(find(args))
    if args.json:
        output.json_object({"url": login.url, "user": login.user, "password": login.password})
    else:
        output.lines(table([["URL", login.url], ["User", login.user], ["Password", login.password]]))
    return ExitCode.OK


def run_open(args: Args) -> int:
    """Opens the stack's address in a browser, and prints it either way."""
    from airflow_wizard.cli import narrate, output
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.workflows.access import open_in_browser

    stack = find(args)
    opened = open_in_browser(stack.url)
    if args.json:
        output.json_object({"url": stack.url, "opened": opened})
    else:
        output.line(stack.url)
        if not opened:
            narrate.warn("no browser could be opened here; the address is above")
    return ExitCode.OK if opened else ExitCode.FAILED


COMMANDS = (
    Command(
        name="credentials",
        help="print the login that was tested at launch",
        example="airflow-wizard credentials demo --json",
        run=run_credentials,
        arguments=(STACK, JSON),
    ),
    Command(
        name="open",
        help="open Airflow in a browser",
        example="airflow-wizard open demo",
        run=run_open,
        arguments=(STACK, JSON),
    ),
)
