"""Keeping the unfinished flow, and asking before a launch is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.errors import WizardError

if TYPE_CHECKING:
    from airflow_wizard.tui.app import WizardApp
    from airflow_wizard.tui.services import Services
    from airflow_wizard.tui.session import Session

# Textual's own empty screen and one of ours; what lies above is an overlay.
DEPTH = 2


def save(services: Services, session: Session) -> None:
    """Writes down where the flow stands."""
    from airflow_wizard.workflows.flow import FlowState

    services.save_flow(
        FlowState(
            screen=session.step,
            target=str(session.target) if session.target else None,
            profile_name=session.profile_name,
            given=dict(session.given),
            folder=session.folder,
            stack=session.stack or None,
        )
    )


def save_quietly(services: Services, session: Session) -> None:
    """The same on the way out, where a full disk must not hold anybody back."""
    if not session.step:
        return
    try:
        save(services, session)
    except (OSError, WizardError):
        return


def may_leave(app: WizardApp) -> bool:
    """False when the screen wants to ask first; it asks by itself then."""
    from airflow_wizard.tui.screens.base import WizardScreen

    return all(not (isinstance(screen, WizardScreen) and not screen.may_leave()) for screen in app.screen_stack)
