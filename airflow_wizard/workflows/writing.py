"""Artifacts only: no engine, no network, no prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.writer import WriteReport, write_artifacts
from airflow_wizard.run.lock import StackLock
from airflow_wizard.targets.registry import target

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest

__all__ = ["WriteReport", "write"]


def write(request: StackRequest, out: Path) -> WriteReport:
    """Write the files of a stack into ``out`` and nothing else; an edit that is there is never lost.

    Args:
        request: what the stack is to be; its folder is taken to be ``out``.
        out: the folder; made when missing.

    Raises:
        LockedError: another wizard works in ``out``.
        StackStateError: a newer wizard wrote there.
        WizardError: the file system refused.
    """
    folder = out.expanduser().absolute()
    here = replace(request, folder=str(folder))
    artifacts = target(here.answers.target).artifacts(here)
    with StackLock(folder):
        return write_artifacts(folder, artifacts)
