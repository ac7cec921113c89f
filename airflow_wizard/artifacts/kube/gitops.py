"""A stack as a Git repository that Argo CD or Flux follows: the manifests as they are, and what puts them in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from airflow_wizard.artifacts.kube import argocd, flux, gitops_readme, stack, texts
from airflow_wizard.artifacts.kube.gitops_source import MANIFESTS
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.yaml_text import Block, Why, manifests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_HEAD = """\
The files beside this one are the very ones that `airflow-wizard write` makes; what only a GitOps tool has to know of
them stands here. Argo CD and Flux both build this folder with kustomize; each ignores the other's annotations.
"""
_WAVE, _SYNC = "argocd.argoproj.io/sync-wave", "argocd.argoproj.io/sync-options"
_PRUNE, _FORCE = "kustomize.toolkit.fluxcd.io/prune", "kustomize.toolkit.fluxcd.io/force"
_STAYS = {_SYNC: "Prune=false,Delete=false", _PRUNE: "disabled"}


class _Kind(NamedTuple):
    """What is said of all objects of one kind in one file.

    Attributes:
        file: the file they are in.
        kind: their kind.
        wave: Argo CD applies a wave when all before it are healthy; the chart and the ingress are in wave 0.
        more: further annotations.
        spec: lines of the patch below ``spec``.
        why: the comment above.
    """

    file: str
    kind: str
    wave: int
    more: dict[str, str]
    spec: tuple[str, ...]
    why: str


_KINDS = (
    _Kind("namespace.yaml", "Namespace", -5, _STAYS, (), "it takes the database along, so no tool deletes it"),
    _Kind("scripts.yaml", "ConfigMap", -3, {}, (), "before the pods that run them"),
    _Kind("storage.yaml", "PersistentVolume", -3, _STAYS, (), "a volume that pods write to is not deleted"),
    _Kind("storage.yaml", "PersistentVolumeClaim", -3, _STAYS, (), "nor is its claim"),
    _Kind("postgres.yaml", "Service", -3, {}, (), "the address of the database"),
    _Kind("postgres.yaml", "StatefulSet", -3, {}, (), "the database, ready before the job that migrates it"),
    _Kind(
        "init-job.yaml",
        "Job",
        -2,
        # Replace alone would fail: the server has added a selector that a Job cannot lose.
        {_SYNC: "Force=true,Replace=true", _FORCE: "enabled"},
        ("ttlSecondsAfterFinished: null",),
        "complete before the chart; made anew when it differs, as no Job can be changed; kept, or it would be missed",
    ),
)


def artifacts(request: StackRequest) -> tuple[Artifact, ...]:
    """Every file, relative to the root of the repository. No secret: those are named, and get there another way.

    The request is for a target that is a cluster, and its chart for one that a cluster can fetch
    (`airflow_wizard.artifacts.kube.gitops_source.is_local`).
    """
    applied = stack.applied(request)
    files = [Artifact("README.md", gitops_readme.readme(request), "what to commit, what to replace, where secrets go")]
    files += [Artifact(f"{MANIFESTS}/{a.path}", a.text, a.purpose) for a in applied]
    files += [
        Artifact(f"{MANIFESTS}/kustomization.yaml", _kustomization([a.path for a in applied]), "their order"),
        Artifact(argocd.FILE, argocd.application_yaml(request), "for Argo CD"),
        Artifact(flux.SYNC, flux.sync_yaml(request), "for Flux: what it follows, in which order"),
        Artifact(f"{flux.RELEASE}/helm-release.yaml", flux.release_yaml(request), "for Flux: the chart"),
        Artifact(".gitignore", texts.GITIGNORE, "keeps secrets out of Git"),
    ]
    return tuple(files)


def _kustomization(paths: list[str]) -> str:
    document: dict[str, Node] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(paths),
        "patches": [
            Why(
                {"target": {"kind": known.kind}, "patch": Block("".join(f"{line}\n" for line in _patch(known)))},
                known.why,
            )
            for known in _KINDS
            if known.file in paths
        ],
    }
    return manifests([document], _HEAD)


def _patch(known: _Kind) -> Iterator[str]:
    """Lines of a strategic merge patch; its name is not looked at, because the target says what it is for."""
    yield f"apiVersion: {_VERSIONS.get(known.kind, 'v1')}"
    yield f"kind: {known.kind}"
    yield "metadata:"
    yield "  name: any"
    yield "  annotations:"
    yield f'    {_WAVE}: "{known.wave}"'
    yield from (f"    {name}: {value}" for name, value in known.more.items())
    if known.spec:
        yield "spec:"
        yield from (f"  {line}" for line in known.spec)


_VERSIONS = {"StatefulSet": "apps/v1", "Job": "batch/v1"}
