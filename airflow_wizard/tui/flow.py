"""Keeping the unfinished flow, and leaving: asked for by a key, or told by a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

from airflow_wizard.errors import ExitCode, WizardError

if TYPE_CHECKING:
    from airflow_wizard.tui.app import WizardApp
    from airflow_wizard.tui.services import Services
    from airflow_wizard.tui.session import Session

# Textual's own empty screen and one of ours; what lies above is an overlay.
DEPTH = 2
INTERRUPTED = int(ExitCode.INTERRUPTED)
PATIENCE = 15.0  # seconds for what runs to stop its own children, before the app goes without it


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


def listen_to_signals(app: WizardApp) -> None:
    """A signal ends the app in an orderly way: what runs is stopped, the terminal is given back."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        # Windows has no signal handlers in its loop, and some threads may not set one.
        with contextlib.suppress(NotImplementedError, AttributeError, ValueError, RuntimeError):
            loop.add_signal_handler(getattr(signal, name), _told_to_end, app)


def _told_to_end(app: WizardApp) -> None:
    from airflow_wizard.tui.screens.base import WizardScreen

    save_quietly(app.services, app.session)
    stopping = [s.abandon(lambda: app.exit(INTERRUPTED)) for s in app.screen_stack if isinstance(s, WizardScreen)]
    if any(stopping):
        app.set_timer(PATIENCE, lambda: app.exit(INTERRUPTED))
    else:
        app.exit(INTERRUPTED)
