"""What removing a stack from a cluster, or its cluster, takes away: in bytes, where anybody tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.kind import nodes_of, volumes_of
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.engines.kube_json import inner, quantity, text
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.run.handlers.kind_cluster import made_here
from airflow_wizard.run.handlers.pod_words import selector_of

if TYPE_CHECKING:
    from airflow_wizard.run.kube_actions import RemoveKindCluster, RemoveRelease

Row = tuple[str, int, str]
_KINDS = {
    "statefulset": ("/apis/apps/v1", "statefulsets", "pods that keep data"),
    "deployment": ("/apis/apps/v1", "deployments", "pods"),
    "job": ("/apis/batch/v1", "jobs", "ran once"),
    "secret": ("/api/v1", "secrets", "keys, or what Helm keeps of the release"),
}


def of_kind(action: RemoveKindCluster) -> list[Row]:
    """Nodes of the stack's own cluster, and the volumes that hold all they have.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    nodes = nodes_of(action.kind.name)
    if not nodes or not made_here(action.kind):
        return []
    with Engine() as engine:
        sizes = engine.volume_sizes()
    report = []
    for node in nodes:
        held = sum(sizes.get(volume, 0) for volume in volumes_of(node.name))
        state = "runs" if node.running else "stopped"
        report.append((node.name, held, f"node of the cluster, {state}: images, claims, database"))
    return report


def of_release(action: RemoveRelease) -> list[Row]:
    """Objects of the release, claims with the bytes they were given; nothing where the cluster does not answer."""
    release, found = action.release, {}
    place = f"namespaces/{release.namespace}"
    with KubeApi(release.cluster.with_kubectl(), timeout=5.0) as api:
        for selector in selector_of(release.name):
            try:
                for kind, (group, plural, what) in _KINDS.items():
                    if kind in ("job", "secret") and not action.data:
                        continue
                    for one in api.items(f"{group}/{place}/{plural}", labelSelector=selector):
                        name = f"{kind}/{text(inner(one, 'metadata').get('name'))}"
                        found[name] = (name, 0, what)
                claims = api.items(f"/api/v1/{place}/persistentvolumeclaims", labelSelector=selector)
            except (EngineUnreachableError, ApiRefusedError):
                return [(f"release {release.name}", 0, f"in a cluster that cannot be looked at: {api.words}")]
            for one in claims if action.data else ():
                name = f"claim/{text(inner(one, 'metadata').get('name'))}"
                size = quantity(inner(inner(one, "status"), "capacity").get("storage"))
                found[name] = (name, int(size or 0), f"{_holds(name)}, at most")
    return sorted(found.values())


def _holds(claim: str) -> str:
    if "postgres" in claim:
        return "the database"
    return "tasks that wait" if "redis" in claim else "logs" if "logs" in claim else "shared folder"
