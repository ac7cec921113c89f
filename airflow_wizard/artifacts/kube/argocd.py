"""application.yaml for Argo CD: the chart and the manifests as two sources of one Application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import gitops_source, names
from airflow_wizard.artifacts.kube.gitops_source import MANIFESTS, REPOSITORY, YOURS
from airflow_wizard.artifacts.kube.values import values
from airflow_wizard.artifacts.yaml_text import Why, manifests

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

FILE = "argocd/application.yaml"
# Several sources came with 2.6; values as an object are documented for 2.10.
OLDEST = "2.10"
_HEAD = """\
For Argo CD {oldest} or newer: kubectl apply -f {file}
Before 3.0, and wherever it finds its objects by label, README.md has a setting that comes first.
Deleting it leaves everything running: it has no finalizer. To let it delete what it made, add the finalizer
resources-finalizer.argocd.argoproj.io; namespace and volumes stay even then.
"""


def application_yaml(request: StackRequest) -> str:
    """The text of the file."""
    release = names.release(request)
    document: dict[str, Node] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": Why(release, "the release's: where Argo CD sets a label to it, the selectors of pods still fit"),
            "namespace": "argocd",
            "labels": names.common_labels(request),
        },
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": names.namespace(request)},
            "sources": [_chart(request), _manifests()],
            "syncPolicy": _policy(),
            "ignoreDifferences": [_claims()],
        },
    }
    return manifests([document], _HEAD.format(oldest=OLDEST, file=FILE))


def _chart(request: StackRequest) -> Node:
    found = gitops_source.chart(request)
    return {
        # A registry is told by the missing scheme.
        "repoURL": found.registry,
        "chart": found.name,
        "targetRevision": found.version,
        "helm": {
            "releaseName": names.release(request),
            "valuesObject": Why(values(request), "values.yaml as airflow-wizard writes it; no secret stands here"),
        },
    }


def _manifests() -> Node:
    return {"path": MANIFESTS, "repoURL": Why(REPOSITORY, YOURS), "targetRevision": "HEAD"}


def _policy() -> Node:
    options: Node = [
        # Else each sync would run the init job again, changed or not: it is replaced, not applied.
        Why("ApplyOutOfSyncOnly=true", "the init job runs again only when it changed"),
    ]
    why = "a sync is started by hand; to follow the repository, add: automated: {selfHeal: true, prune: true}"
    return {"syncOptions": Why(options, why)}


def _claims() -> Node:
    fields = ("apiVersion", "kind", "status", "spec.volumeMode")
    paths: Node = [f".spec.volumeClaimTemplates[]?.{field}" for field in fields]
    why = "filled in by the server, and nobody can change it in a StatefulSet"
    return {"group": "apps", "kind": "StatefulSet", "jqPathExpressions": Why(paths, why)}
