"""Old pods make way for new ones: what is proven afterwards is the release as it is now, and not as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.run.handlers.kube_cli import api_of
from airflow_wizard.run.handlers.watch_pods import PodWatch

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import AwaitRollout

_PATHS = ("/apis/apps/v1/namespaces/{}/deployments", "/apis/apps/v1/namespaces/{}/statefulsets")


class RolloutHandler:
    """Handler of `AwaitRollout`."""

    def done(self, action: AwaitRollout, context: RunContext) -> str:
        """Done when no pod is left that was made from earlier values."""
        return "" if old(action.release, context) else "no pod is older than this installation"

    def do(self, action: AwaitRollout, context: RunContext) -> str:
        """Wait for them; a new one that ends by itself ends the wait."""
        watch = PodWatch(action.release)
        try:
            while left := old(action.release, context):
                context.progress(f"to be replaced: {', '.join(left)}", parts=watch.parts())
                watch.check(context)
        finally:
            watch.close()
        return "all pods are new"


def old(release: Release, context: RunContext) -> tuple[str, ...]:
    """Names of what still has pods made from earlier values; all of them where that cannot be looked at yet."""
    found = []
    with api_of(release, context) as api:
        for path in _PATHS:
            try:
                items = api.items(path.format(release.namespace), labelSelector=f"release={release.name}")
            except (ApiRefusedError, EngineUnreachableError):
                return ()  # it may not be seen; what is asked of Airflow itself still counts
            found += [str(item["metadata"]["name"]) for item in items if _is_old(item)]
    return tuple(sorted(found))


def _is_old(item: dict[str, Any]) -> bool:
    status, wanted = item.get("status") or {}, (item.get("spec") or {}).get("replicas", 1)
    if int(status.get("observedGeneration") or 0) < int(item["metadata"].get("generation") or 0):
        return True
    updated = int(status.get("updatedReplicas") or 0)
    return updated < wanted or int(status.get("replicas") or 0) > updated
