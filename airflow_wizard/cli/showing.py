"""Showing a plan before it runs: for ``plan``, ``--dry-run`` and the review of the prompts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.cli import output
from airflow_wizard.cli.inputs import folder
from airflow_wizard.finding import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.cli.command import Args
    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Profile
    from airflow_wizard.run.step import Plan


def launch_plan(args: Args, profile: Profile, facts: HostFacts) -> Plan:
    """The launch plan with placeholders for secrets, to be shown only."""
    from airflow_wizard.workflows.planning import make_plan, make_request

    return make_plan(make_request(profile, facts, name=args.text("name"), folder=folder(args), for_display=True))


def show_plan(plan: Plan, findings: Sequence[Finding] = (), *, json: bool) -> None:
    """Prints a plan; findings that are not ok come along once each."""
    from airflow_wizard.cli.render_findings import render as render_findings
    from airflow_wizard.cli.render_plan import render

    known = {f.id for f in plan.findings}
    more = tuple(f for f in findings if f.id not in known and f.level is not Level.OK)
    whole = replace(plan, findings=plan.findings + more)
    if json:
        output.json_object(whole.to_json())
        return
    output.lines(render(plan))
    if whole.findings:
        output.line()
        output.lines(render_findings(whole.findings, evidence=False))
