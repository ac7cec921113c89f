"""A stack as files for a Git repository that Argo CD or Flux follows; no engine, no network, no prompt."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import gitops
from airflow_wizard.artifacts.kube.gitops_source import is_local
from airflow_wizard.artifacts.kube.secrets import ENV
from airflow_wizard.artifacts.writer import WriteReport, write_artifacts
from airflow_wizard.errors import UsageError
from airflow_wizard.options.kubernetes import OFFICIAL_CHART
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.run.lock import StackLock

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest

__all__ = ["WriteReport", "export_gitops", "refuse_target"]


def refuse_target(target: Target) -> None:
    """Only a cluster that stays can follow a repository.

    Raises:
        UsageError: it is another target.
    """
    if target in KUBERNETES_TARGETS - {Target.KIND}:
        return
    raise UsageError(
        f"export gitops is not for the target {target}",
        why="Argo CD and Flux follow a repository from inside a cluster, and one that outlives this machine's engine",
        next="airflow-wizard export gitops --profile any-cluster --out DIR",
    )


def export_gitops(request: StackRequest, out: Path) -> WriteReport:
    """Write the repository's files into ``out``; an edit that is there is never lost, and no secret is written.

    Args:
        request: what the stack is to be; its secrets are not looked at.
        out: the folder; made when missing.

    Raises:
        UsageError: the target is no cluster that stays, its chart is a local one, or ``out`` is a stack's folder.
        LockedError: another wizard works in ``out``.
        WizardError: the file system refused.
    """
    refuse_target(request.answers.target)
    folder = out.expanduser().absolute()
    if is_local(request):
        raise UsageError(
            f"the chart comes from {request.answers.text('chart_source')}, which is on this machine",
            why="Argo CD and Flux fetch the chart themselves, from a repository or a registry",
            next=f"the same command with --set chart_source={OFFICIAL_CHART} (or oci://REGISTRY/PATH/airflow)",
        )
    if (folder / ENV).exists():
        raise UsageError(
            f"{folder} is the folder of a stack and holds its secrets",
            why="these files are for a Git repository, and its README.md would take the place of the stack's",
            next=f"the same command with another folder: --out {shlex.quote(f'{folder}-gitops')}",
        )
    with StackLock(folder):
        return write_artifacts(folder, gitops.artifacts(request))
