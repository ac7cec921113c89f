"""The chart, installed or brought to what values.yaml says; a release that a killed Helm left stuck is freed first."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines import helm_record
from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.kube_cli import Patience, api_of, run_tool
from airflow_wizard.run.handlers.pod_words import unix_time

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import InstallRelease

# Without --wait Helm is done in seconds; a record that says otherwise for so long was left by one that was ended.
_PENDING_SECONDS = 60.0


class InstallHandler:
    """Handler of `InstallRelease`."""

    def done(self, action: InstallRelease, context: RunContext) -> str:
        """Done when the newest revision is deployed, from the values that are on disk and this chart."""
        with api_of(action.release, context) as api:
            newest = _newest(api, action.release)
            if newest is not None and action.only_new:
                return "it is there: it is upgraded when the database was"
            if newest is None or helm_record.status(newest) != "deployed":
                return ""
            if helm_record.description(newest) != description(action):
                return ""
        return f"revision {helm_record.revision(newest)} is what values.yaml says"

    def do(self, action: InstallRelease, context: RunContext) -> str:
        """Free it where it is stuck, then ``helm upgrade --install``."""
        release = action.release
        with api_of(release, context) as api:
            patience = Patience(context)
            while True:
                _free(api, action, context)
                try:
                    run_tool(context, action.command(description(action)), release.folder)
                except EngineUnreachableError as error:
                    if not patience(error.what):
                        raise
                else:
                    break
        with api_of(release, context) as api:
            newest = _newest(api, action.release)
        if newest is None or helm_record.status(newest) != "deployed":
            state = helm_record.status(newest) if newest else "no record of it"
            raise StepFailedError(
                f"Helm ended well, but the release is not deployed: {state}",
                why="nothing can be said about what is in the cluster",
                next=f"see: {' '.join(release.cluster.with_helm('history', release.name, '-n', release.namespace))}",
            )
        return f"revision {helm_record.revision(newest)}"


def description(action: InstallRelease) -> str:
    """What a revision is made from, as one line: the digest of values.yaml as it is on disk, and the chart."""
    digest = hashlib.sha256((Path(action.release.folder) / action.values).read_bytes())
    digest.update(f"{action.chart} {action.repo} {action.version}".encode())
    return f"{helm_record.OURS} {digest.hexdigest()[:12]}"


def is_foreign(api: KubeApi, release: Release) -> bool:
    """Whether somebody else made the newest revision, by ``helm rollback`` or ``helm upgrade``."""
    newest = _newest(api, release)
    return newest is not None and not helm_record.is_ours(newest)


def _newest(api: KubeApi, release: Release) -> dict[str, Any] | None:
    """The newest record of the release; Helm keeps each revision in a Secret."""
    selector = f"owner=helm,name={release.name}"
    path = f"/api/v1/namespaces/{release.namespace}/secrets"
    try:
        found = api.items(path, labelSelector=selector)
    except ApiRefusedError as error:
        if error.status == 404:
            return None
        raise StepFailedError(
            f"Helm's records in {release.namespace} cannot be read: {error}",
            why="whether the release is there, and how it ended, is kept there",
            next="airflow-wizard check --target context names the rights that are needed",
        ) from error
    return max(found, key=helm_record.revision, default=None)


def _free(api: KubeApi, action: InstallRelease, context: RunContext) -> None:
    """Take the mark of a Helm away that was ended in the middle; what it made stays, and is taken over.

    Raises:
        StepFailedError: somebody else is at work on it.
    """
    release = action.release
    while (newest := _newest(api, release)) is not None and helm_record.status(newest).startswith("pending-"):
        began = unix_time(newest["metadata"].get("creationTimestamp")) or 0.0
        left = began + _PENDING_SECONDS - time.time()
        if left <= 0:
            name = newest["metadata"]["name"]
            context.progress(f"freeing the release: {helm_record.status(newest)} since {time.time() - began:.0f} s")
            words = ("--namespace", release.namespace, "delete", "secret", name)
            run_tool(context, release.cluster.with_kubectl(*words), release.folder)
            return
        context.progress(
            f"another Helm is at work on it ({helm_record.status(newest)}); going on in {left:.0f} s at most"
        )
        context.pause(1.0)
