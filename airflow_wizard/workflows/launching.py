"""From a request to *proven*."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.errors import LockedError
from airflow_wizard.run.runner import Runner
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows import ledger
from airflow_wizard.workflows.flow import finish_flow
from airflow_wizard.workflows.planning import make_plan
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.step import Outcome, OutputEvent, StepEvent


def launch(
    request: StackRequest,
    *,
    on_event: Callable[[StepEvent | OutputEvent], None],
    cancel: threading.Event | None = None,
) -> Outcome:
    """Launch a stack and prove it; what is done already is skipped, what was begun is continued.

    Returns:
        The outcome; ``ok`` means proven.

    Raises:
        LockedError: another wizard works on the same stack.
        InterruptedByUserError: ``cancel`` was set; the same call continues.
    """
    runner = Runner(
        plan=make_plan(request),
        on_event=on_event,
        cancel=cancel if cancel is not None else threading.Event(),
        secrets=request.secrets.values(),
        url=target(request.answers.target).endpoint(request).url,
        before=lambda: _still_ours(request),
    )
    outcome = runner.run()
    if outcome.ok:
        ledger.keep(Path(request.folder), str(request.release.version), outcome)
        with contextlib.suppress(OSError):
            finish_flow(request.name)
    return outcome


def _still_ours(request: StackRequest) -> None:
    """The keys this launch was planned with are the ones on disk, or there are none yet."""
    on_disk = read_secrets(Path(request.folder)).get(STACK_ID)
    if on_disk is not None and on_disk != request.secrets.get(STACK_ID):
        raise LockedError(
            "another wizard made this stack in the meantime",
            why="its keys differ from the ones this launch was planned with",
            next="run the same command again; it continues with that stack",
        )
