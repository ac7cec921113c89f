"""Put a stack on the registry and take it off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.run import registry

if TYPE_CHECKING:
    from airflow_wizard.run.actions import ForgetStack, RememberStack
    from airflow_wizard.run.context import RunContext


class RememberHandler:
    """Handler of `RememberStack`."""

    def done(self, action: RememberStack, context: RunContext) -> str:
        """Never: writing the same again changes nothing."""
        del action, context
        return ""

    def do(self, action: RememberStack, context: RunContext) -> str:
        """Remember it, so that every later command finds it by name."""
        del context
        registry.remember(
            name=action.name,
            target=action.target,
            folder=Path(action.folder),
            url=action.url,
            airflow_version=action.airflow_version,
            profile=dict(action.profile),
        )
        return action.folder


class ForgetHandler:
    """Handler of `ForgetStack`."""

    def done(self, action: ForgetStack, context: RunContext) -> str:
        """Never: forgetting twice changes nothing."""
        del action, context
        return ""

    def do(self, action: ForgetStack, context: RunContext) -> str:
        """Forget it."""
        del context
        registry.forget(action.name)
        return ""
