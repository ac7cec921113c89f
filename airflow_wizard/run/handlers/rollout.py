"""Old pods make way for new ones: what is proven afterwards is the release as it is now, and not as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.run.handlers.kube_cli import api_of
from airflow_wizard.run.handlers.watch_pods import PodWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.cluster import Release
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import AwaitRollout

_REPLICA_SETS = "/apis/apps/v1/namespaces/{}/replicasets"
_REVISION = "deployment.kubernetes.io/revision"
_PATHS = ("/apis/apps/v1/namespaces/{}/deployments", "/apis/apps/v1/namespaces/{}/statefulsets")


class RolloutHandler:
    """Handler of `AwaitRollout`."""

    def done(self, action: AwaitRollout, context: RunContext) -> str:
        """Done when no pod is left that was made from earlier values."""
        return "" if _passing(action.release, context).names else "no pod is older than this installation"

    def do(self, action: AwaitRollout, context: RunContext) -> str:
        """Wait for them; a new one that ends by itself ends the wait.

        An old one may: its database was migrated, and its airflow.cfg taken away from under a container that starts.
        """
        watch = PodWatch(action.release)
        try:
            while (left := _passing(action.release, context)).names:
                watch.passing = left.revisions
                context.progress(f"to be replaced: {', '.join(left.names)}", parts=watch.parts())
                watch.check(context)
        finally:
            watch.close()
        return "all pods are new"


@dataclass(frozen=True, slots=True)
class _Passing:
    """What still has pods made from earlier values: names of Deployments and StatefulSets, and those pods' labels."""

    names: tuple[str, ...] = ()
    revisions: frozenset[str] = frozenset()


def _passing(release: Release, context: RunContext) -> _Passing:
    """What is still to be replaced; nothing where it may not be seen: what is asked of Airflow itself still counts."""
    selector = f"release={release.name}"
    with api_of(release, context) as api:
        try:
            deployments, sets = (api.items(path.format(release.namespace), labelSelector=selector) for path in _PATHS)
        except (ApiRefusedError, EngineUnreachableError):
            return _Passing()
        old = [item for item in (*deployments, *sets) if _is_old(item)]
        try:
            kept = api.items(_REPLICA_SETS.format(release.namespace), labelSelector=selector) if old else []
        except (ApiRefusedError, EngineUnreachableError):
            kept = []
    revisions = {*_of_deployments(deployments, kept), *(revision for one in sets for revision in _of_set(one))}
    return _Passing(tuple(sorted(str(item["metadata"]["name"]) for item in old)), frozenset(revisions))


def _lags(item: dict[str, Any]) -> bool:
    """Whether its controller has not yet seen what is wanted of it."""
    seen = int((item.get("status") or {}).get("observedGeneration") or 0)
    return seen < int(item["metadata"].get("generation") or 0)


def _is_old(item: dict[str, Any]) -> bool:
    status, wanted = item.get("status") or {}, (item.get("spec") or {}).get("replicas", 1)
    updated = int(status.get("updatedReplicas") or 0)
    return _lags(item) or updated < wanted or int(status.get("replicas") or 0) > updated


def _of_set(item: dict[str, Any]) -> Iterator[str]:
    """Revisions of a StatefulSet that are not the wanted one."""
    status = item.get("status") or {}
    current, update = str(status.get("currentRevision") or ""), str(status.get("updateRevision") or "")
    if _lags(item):
        yield from (current, update)
    elif current != update:
        yield current


def _of_deployments(deployments: list[dict[str, Any]], kept: list[dict[str, Any]]) -> Iterator[str]:
    """Revisions of Deployments that are not the wanted one, which is that of the newest ReplicaSet of each."""
    lagging = {str(item["metadata"].get("uid")) for item in deployments if _lags(item)}
    known = [_replica_set(one) for one in kept]
    newest = {owner: max(number for one, number, _ in known if one == owner) for owner, _, _ in known}
    for owner, number, revision in known:
        if owner in lagging or number < newest[owner]:
            yield revision


def _replica_set(item: dict[str, Any]) -> tuple[str, int, str]:
    """(uid of its Deployment, its number, what its pods are labelled with)."""
    meta = item["metadata"]
    owner = next((str(ref.get("uid")) for ref in meta.get("ownerReferences") or []), "")
    number = str((meta.get("annotations") or {}).get(_REVISION) or "")
    label = (meta.get("labels") or {}).get("pod-template-hash")
    return owner, int(number) if number.isdigit() else 0, str(label or "")
