"""``doctor``: why does it not work?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import JSON, STACK
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding


def run(args: Args) -> int:
    """Diagnoses one stack, or this machine when there is none."""
    from airflow_wizard.cli.inputs import stack as find
    from airflow_wizard.workflows.stacks import list_stacks
    from airflow_wizard.workflows.troubleshooting import doctor

    named = args.text("stack")
    stack = find(args) if named is not None or list_stacks() else None
    return show(doctor(stack), json=args.json, stack=stack.name if stack is not None else "")


def show(findings: list[Finding], *, json: bool, stack: str = "") -> int:
    """Prints findings; exit code 1 when one must be solved."""
    from airflow_wizard.cli import output
    from airflow_wizard.cli.render_findings import render, summary
    from airflow_wizard.cli.style import Meaning
    from airflow_wizard.finding import Level, any_fail

    if json:
        output.json_object({"findings": [f.to_json() for f in findings]})
    elif findings:
        output.lines(render(findings, stack=stack))
        output.line(*summary(findings))
    else:
        output.line((Level.OK.glyph, Meaning.OK), " nothing wrong was found")
    return ExitCode.FAILED if any_fail(findings) else ExitCode.OK


COMMANDS = (
    Command(
        name="doctor",
        help="find out why a stack does not work, and what to do",
        example="airflow-wizard doctor demo",
        run=run,
        arguments=(STACK, JSON),
        about="Looks and changes nothing. Without any stack it looks at this machine.",
    ),
)
