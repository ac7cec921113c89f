"""Files for Flux: what it follows and in which order, and the chart as a HelmRelease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import gitops_source, names
from airflow_wizard.artifacts.kube.gitops_source import MANIFESTS, REPOSITORY, YOURS
from airflow_wizard.artifacts.kube.values import values
from airflow_wizard.artifacts.yaml_text import Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

SYNC, RELEASE = "flux/sync.yaml", "flux/release"
_SYSTEM = "flux-system"
_SOURCES = "source.toolkit.fluxcd.io/v1"
_SYNC_HEAD = f"""\
Once, by hand: kubectl apply -f {SYNC}
Where Flux was bootstrapped from this very repository, leave out the GitRepository and name the one it made
({_SYSTEM}) in both sourceRef.
"""


def oldest(request: StackRequest) -> str:
    """The oldest Flux that knows these objects."""
    return "2.6" if gitops_source.chart(request).in_registry else "2.3"


def sync_yaml(request: StackRequest) -> str:
    """What is followed: the repository, its manifests, then the release."""
    release = names.release(request)
    first, then = f"{release}-manifests", f"{release}-release"
    alone: dict[str, Node] = {
        "prune": Why(value=True, text="what left the repository goes; namespace and volumes are annotated to stay"),
        # Named health checks are ignored beside it; it looks at everything, and takes a Job for ready once complete.
    }
    after: dict[str, Node] = {
        "prune": Why(value=True, text="without the release Airflow is uninstalled; its database stays"),
        "dependsOn": Why([{"name": first}], "ready once the database is, and the init job complete"),
    }
    repository: dict[str, Node] = {
        "apiVersion": _SOURCES,
        "kind": "GitRepository",
        "metadata": {"name": release, "namespace": _SYSTEM},
        "spec": {"interval": "5m", "url": Why(REPOSITORY, YOURS), "ref": {"branch": "main"}},
    }
    documents = [repository, _follow(request, first, MANIFESTS, alone), _follow(request, then, RELEASE, after)]
    return manifests(documents, _SYNC_HEAD)


def _follow(request: StackRequest, name: str, path: str, more: dict[str, Node]) -> dict[str, Node]:
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": _SYSTEM},
        "spec": {
            "interval": "10m",
            "retryInterval": "2m",
            "timeout": "20m",
            "path": f"./{path}",
            "sourceRef": {"kind": "GitRepository", "name": names.release(request)},
            **more,
            "wait": True,
        },
    }


def release_yaml(request: StackRequest) -> str:
    """The chart's source and the release, in the stack's own namespace, where ``helm list`` shows it."""
    version = oldest(request)
    return manifests([_source(request), _release(request)], f"The chart and its values, for Flux {version} or newer.")


def _metadata(request: StackRequest) -> Node:
    found = {"name": names.release(request), "namespace": names.namespace(request)}
    return {**found, "labels": names.common_labels(request)}


def _source(request: StackRequest) -> dict[str, Node]:
    found = gitops_source.chart(request)
    spec: dict[str, Node] = {"interval": "1h", "url": found.repository}
    if found.in_registry:
        spec = {
            "interval": "1h",
            "url": f"{found.repository}/{found.name}",
            "ref": {"tag": found.version},
            "layerSelector": {
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "operation": Why("copy", "Helm wants the archive as it is"),
            },
        }
    kind = "OCIRepository" if found.in_registry else "HelmRepository"
    return {"apiVersion": _SOURCES, "kind": kind, "metadata": _metadata(request), "spec": spec}


def _release(request: StackRequest) -> dict[str, Node]:
    found, release = gitops_source.chart(request), names.release(request)
    chart: dict[str, Node] = {"chartRef": {"kind": "OCIRepository", "name": release}}
    if not found.in_registry:
        reference: Node = {"kind": "HelmRepository", "name": release}
        chart = {"chart": {"spec": {"chart": found.name, "version": found.version, "sourceRef": reference}}}
    quiet = "the chart's hooks are off, so that waiting for its pods cannot wait for ever"
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": _metadata(request),
        "spec": {
            "interval": "1h",
            "timeout": "15m",
            "releaseName": release,
            **chart,
            "install": {"disableWait": Why(value=False, text=quiet), "remediation": {"retries": 3}},
            "upgrade": Why({"disableWait": False}, "never rolled back by itself: the database is migrated by then"),
            "values": Why(values(request), "values.yaml as airflow-wizard writes it; no secret stands here"),
        },
    }
