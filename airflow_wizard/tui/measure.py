"""Facts on demand, for a step that is entered before anything was measured. Called from threads only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.tui.app import WizardApp


def facts_of(app: WizardApp) -> HostFacts:
    """What is known of this machine; measured now when nothing is.

    Raises:
        WizardError: recorded facts cannot be read.
    """
    session = app.session
    if session.facts is None:
        recorded = app.start_with.facts
        known = app.services.load_facts(Path(recorded)) if recorded else None
        report = app.services.check_host(
            session.target,
            answers=session.given,
            folder=Path(session.folder) if session.folder else None,
            facts=known,
            on_finding=None,
        )
        session.facts, session.findings = report.facts, list(report.findings)
    return session.facts
