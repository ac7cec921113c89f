"""Stop, start, restart, down, destroy: each is a plan, run by the same runner as a launch."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from airflow_wizard.errors import UsageError
from airflow_wizard.run import actions
from airflow_wizard.run.runner import Runner
from airflow_wizard.run.step import Outcome, Plan, Step
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.planning import request_of
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.run.step import OutputEvent, StepEvent

Verb = Literal["stop", "start", "restart", "down", "destroy"]

_WHAT = {
    "venv": "virtual environment with Airflow",
    "airflow.db": "database: runs, connections, variables, users",
    "logs": "logs of Airflow and of every task",
    ".env": "keys and password",
    ".airflow-wizard": "journal, backups, state",
}


def plan_for(verb: Verb, stack: StackRecord, *, unit: str | None = None) -> Plan:
    """The plan of a verb for a stack.

    Args:
        verb: what to do. ``down`` is ``stop`` where nothing but processes runs.
        stack: which one.
        unit: for ``restart``: only this component.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
        UsageError: there is no such unit.
        InvalidError: its keys cannot be read, and it is to be started.
    """
    if verb in ("start", "restart"):
        read_secrets(Path(stack.folder))
    request = request_of(stack)
    return Plan(
        purpose=verb,
        target=stack.target,
        stack=stack.name,
        folder=stack.folder,
        steps=_steps(verb, request, unit),
    )


def _steps(verb: Verb, request: StackRequest, unit: str | None) -> tuple[Step, ...]:
    module = target(request.answers.target)
    if verb in ("stop", "down"):
        return module.stop(request)
    if verb == "start":
        return module.start(request)
    if verb == "destroy":
        return module.destroy(request)
    if unit is None:
        return (*module.stop(request), *module.start(request))
    units = module.units(request)
    if unit not in units:
        raise UsageError(f"there is no unit {unit!r}", next=f"choose one of: {', '.join(units)}")
    restart = actions.RestartUnit(request.folder, unit)
    return (Step("restart", f"Restart {unit}", restart, command=("./stack", "restart", unit), usual=5.0),)


def run(
    plan: Plan,
    *,
    on_event: Callable[[StepEvent | OutputEvent], None],
    cancel: threading.Event | None = None,
    url: str = "",
) -> Outcome:
    """Run a plan of this module.

    Raises:
        LockedError: another wizard works on the same stack.
        InterruptedByUserError: ``cancel`` was set.
    """
    return Runner(plan=plan, on_event=on_event, cancel=cancel or threading.Event(), url=url).run()


def removal_report(stack: StackRecord) -> list[tuple[str, int, str]]:
    """What ``destroy`` takes away: (path, bytes on disk, what it is), of what is there now."""
    steps = plan_for("destroy", stack).steps
    paths = [p for s in steps if isinstance(s.action, actions.RemovePaths) for p in s.action.paths]
    folder = Path(stack.folder)
    report = []
    for name in paths:
        path = folder / name
        if os.path.lexists(path):
            report.append((str(path), _size(path), _WHAT.get(name, "made by the wizard")))
    return report


def _size(path: Path) -> int:
    """Bytes allocated on disk below ``path``; what cannot be read counts as nothing, links are not followed."""
    total = 0
    try:
        total += path.lstat().st_blocks * 512
    except OSError:
        return 0
    if path.is_dir() and not path.is_symlink():
        for root, folders, files in os.walk(path, onerror=lambda _: None):
            for name in (*folders, *files):
                try:
                    total += os.lstat(os.path.join(root, name)).st_blocks * 512  # noqa: PTH118 - 20,000 files
                except OSError:
                    continue
    return total
