"""Facts on demand, for a step that is entered before anything was measured. Called from threads only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.options.model import KUBERNETES_TARGETS

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.tui.app import WizardApp


def facts_of(app: WizardApp) -> HostFacts:
    """What is known of this machine; measured now when nothing is.

    Raises:
        WizardError: recorded facts cannot be read.
    """
    session = app.session
    recorded = app.start_with.facts
    if session.facts is None:
        known = app.services.load_facts(Path(recorded)) if recorded else None
        report = app.services.check_host(
            session.target,
            answers=session.given,
            folder=Path(session.folder) if session.folder else None,
            facts=known,
            on_finding=None,
        )
        session.facts, session.findings = report.facts, list(report.findings)
    if session.target in KUBERNETES_TARGETS and not recorded:
        # The cluster, or the chart, was chosen or changed after the machine was measured.
        session.facts = app.services.with_cluster(
            session.facts,
            session.target,
            answers=session.given,
            folder=Path(session.folder) if session.folder else None,
            stack=session.stack or session.profile().name,
        )
    return session.facts
