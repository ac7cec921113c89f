"""A launch with everything around it: consent, progress, outcome, end panel. For ``up`` and for the prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.inputs import consent
from airflow_wizard.cli.progress import view_for
from airflow_wizard.cli.running import drive
from airflow_wizard.cli.style import Meaning
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.cli.command import Args
    from airflow_wizard.run.step import Outcome


def launch_and_show(request: StackRequest, args: Args, *, consented: bool = False) -> int:
    """Launches to proven and shows how it went; asks for consent unless it was given already.

    Returns:
        exit code 0 when proven, 4 when the engine could not be reached, else 1.
    """
    from airflow_wizard.workflows.launching import launch
    from airflow_wizard.workflows.planning import make_plan

    plan = make_plan(request)
    if not consented:
        consent(plan, args, "up")
    outcome = drive(
        lambda on_event, cancel: launch(request, on_event=on_event, cancel=cancel), view_for(plan, json=args.json)
    )
    finish(outcome, args)
    if outcome.ok and not args.json:
        _show_end(request, outcome)
    return outcome.exit_code


def finish(outcome: Outcome, args: Args) -> None:
    """The last event, or in text what went wrong."""
    if args.json:
        output.json_line(outcome.to_json())
        return
    if not outcome.ok:
        from airflow_wizard.cli.render_findings import render

        narrate.say()
        narrate.lines(render(outcome.findings))
        narrate.say(
            ("✖ ", Meaning.FAIL), f"{outcome.purpose} of {outcome.stack} failed after {human_seconds(outcome.elapsed)}"
        )


def _show_end(request: StackRequest, outcome: Outcome) -> None:
    from pathlib import Path

    from airflow_wizard.cli.end_panel import end_panel
    from airflow_wizard.workflows.access import credentials, dags_place, kubectl_words, rest_example
    from airflow_wizard.workflows.ledger import last
    from airflow_wizard.workflows.stacks import find_stack

    stack = find_stack(outcome.stack)
    launch = last(Path(stack.folder))
    output.lines(
        end_panel(
            stack,
            credentials(stack),
            places=[("DAGs", dags_place(request)), *([("Pods", pods)] if (pods := kubectl_words(request)) else [])],
            rest=rest_example(stack),
            elapsed=outcome.elapsed,
            took=launch.words() if launch else "",
            show_password=output.is_terminal(),
        )
    )
