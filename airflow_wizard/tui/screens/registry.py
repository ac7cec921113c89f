"""Which module a screen lives in; loaded when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from textual.screen import Screen

SCREENS = {
    "welcome": "Welcome",
    "checks": "Checks",
    "target": "TargetChoice",
    "options": "OptionForm",
    "review": "Review",
    "launch": "Launch",
    "dashboard": "Dashboard",
    "troubleshoot": "Troubleshoot",
    "profiles": "Profiles",
}


def make(name: str) -> Screen[None]:
    """A new screen.

    Raises:
        KeyError: there is no screen of that name.
    """
    kind = SCREENS[name]
    module = import_module(f"airflow_wizard.tui.screens.{name}")
    return cast("Screen[None]", getattr(module, kind)())
