"""Seeing that a fix has helped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.errors import StepFailedError
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.fix_actions import AwaitGone

_BETWEEN = 1.0


class AwaitGoneHandler:
    """Handler of `AwaitGone`."""

    def done(self, action: AwaitGone, context: RunContext) -> str:
        """Never known beforehand: what was wrong a moment ago may be hidden by what was just done."""
        del action, context
        return ""

    def do(self, action: AwaitGone, context: RunContext) -> str:
        """Look until it is gone."""
        began = time.monotonic()
        while True:
            still = action.look()
            took = time.monotonic() - began
            if not still:
                return f"{action.finding} is gone, seen after {human_seconds(took)}"
            context.progress(still)
            if took > action.patience:
                raise StepFailedError(
                    f"{action.finding} is still there after {human_seconds(took)}: {still}",
                    why="what was done did not help, or not yet",
                    next="airflow-wizard doctor shows what is left",
                )
            context.pause(_BETWEEN)
