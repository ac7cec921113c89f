"""``plan``: what would be done."""

from __future__ import annotations

from airflow_wizard.cli.arguments import DIR, FACTS_ARGUMENTS, JSON, NAME, PROFILE_ARGUMENTS
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode


def run(args: Args) -> int:
    """Computes the launch plan and prints it; changes nothing."""
    from airflow_wizard.cli.inputs import examine, load_profile, refuse_unusable
    from airflow_wizard.cli.showing import launch_plan, show_plan

    profile = load_profile(args, "plan")
    refuse_unusable(args, profile)
    report = examine(args, profile)
    plan = launch_plan(args, profile, report.facts)
    show_plan(plan, report.findings, json=args.json)
    return ExitCode.OK


COMMANDS = (
    Command(
        name="plan",
        help="print the files, steps and exact commands of a launch; changes nothing",
        example="airflow-wizard plan --profile standalone-quickstart --set port=8081",
        run=run,
        arguments=(*PROFILE_ARGUMENTS, NAME, DIR, *FACTS_ARGUMENTS, JSON),
        about="Secrets are generated at launch; a plan shows placeholders.",
    ),
)
