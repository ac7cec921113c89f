"""``check``: is this machine ready?"""

from __future__ import annotations

from airflow_wizard.cli.arguments import DIR, FACTS_ARGUMENTS, JSON, PROFILE_ARGUMENTS, TARGET
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode


def run(args: Args) -> int:
    """Measures (or replays) the host and judges it; exit 1 when something must be solved."""
    from airflow_wizard.cli import narrate, output
    from airflow_wizard.cli.inputs import folder, given_facts, profile_from, record
    from airflow_wizard.cli.render_findings import render, summary
    from airflow_wizard.finding import Finding, any_fail
    from airflow_wizard.options.model import Target
    from airflow_wizard.workflows.checking import check_host

    ref, sets = args.text("profile"), args.many("set")
    profile = profile_from(ref, sets) if ref is not None else None
    if profile is None and sets:
        from airflow_wizard.errors import UsageError

        raise UsageError("--set needs --profile", next="airflow-wizard check --profile standalone-quickstart --set …")
    if profile is not None:
        from airflow_wizard.host.facts import HostFacts
        from airflow_wizard.workflows.profiles import answers_for

        # What no machine could run is told before this one is measured.
        answers_for(profile, HostFacts())
    named = args.text("target")
    target = Target(named) if named else profile.target if profile else None
    live = narrate.can_be_live() and not args.json

    def seen(finding: Finding) -> None:
        if live:
            narrate.live(f"{finding.level.glyph} {finding.title}  {finding.found}")

    report = check_host(
        target,
        answers=profile.given if profile else {},
        folder=folder(args),
        stack=profile.name if profile else "",
        facts=given_facts(args),
        on_finding=seen,
    )
    if live:
        narrate.live("")
    record(args, report.facts)
    if args.json:
        output.json_object(
            {"findings": [f.to_json() for f in report.findings], "facts": report.facts.to_json(), "target": target}
        )
    else:
        output.lines(render(report.findings))
        output.line()
        output.line(*summary(report.findings))
    return ExitCode.FAILED if any_fail(report.findings) else ExitCode.OK


COMMANDS = (
    Command(
        name="check",
        help="say whether this machine is ready, and what to do where it is not",
        example="airflow-wizard check --target standalone",
        run=run,
        arguments=(TARGET, *PROFILE_ARGUMENTS, DIR, *FACTS_ARGUMENTS, JSON),
        about="Without --target every target is considered. Exit 1 when something must be solved; what could not be"
        " measured is shown as unknown, never as ok.",
    ),
)
