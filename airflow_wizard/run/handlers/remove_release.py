"""What of a cluster is a stack's, taken away again: Airflow alone, or with its data."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.kube_cli import api_of, run_tool
from airflow_wizard.run.handlers.pod_words import selector_of
from airflow_wizard.run.handlers.release_owner import refuse_somebody_elses, somebody_elses

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import RemoveRelease, RestartComponent, ScaleRelease

_OWNER = "app.kubernetes.io/managed-by=airflow-wizard"
# What the chart leaves behind by design, and what the wizard added beside it.
_KINDS = "jobs,statefulsets,deployments,services,persistentvolumeclaims,secrets,configmaps,pods"
_GONE_SECONDS = 120.0


class RemoveReleaseHandler:
    """Handler of `RemoveRelease`."""

    def done(self, action: RemoveRelease, context: RunContext) -> str:
        """Done when nothing of it is in the namespace, and never begun when what is there is somebody else's."""
        with api_of(action.release, context) as api:
            if why := somebody_elses(api, action.release):
                return f"{why}: it is left as it is"
            left = _left(api, action.release, data=action.data)
            if left or (action.namespace and _own_namespace(api, action.release)):
                return ""
        return "nothing of it is there"

    def do(self, action: RemoveRelease, context: RunContext) -> str:
        """Uninstall; then, where asked for, the rest by label."""
        release = action.release
        kubectl = release.cluster.with_kubectl
        place = ("--namespace", release.namespace)
        run_tool(
            context,
            release.cluster.with_helm("uninstall", release.name, *place, "--ignore-not-found", "--wait"),
            release.folder,
        )
        told = ["Airflow"]
        if action.data:
            for selector in selector_of(release.name):
                run_tool(
                    context, kubectl(*place, "delete", _KINDS, "-l", selector, "--ignore-not-found"), release.folder
                )
            files = [file for file in action.files if (Path(release.folder) / file).exists()]
            if files:
                words = [word for file in files for word in ("-f", file)]
                run_tool(context, kubectl("delete", "--ignore-not-found", *words), release.folder)
            told.append("database, claims, keys and jobs")
        with api_of(release, context) as api:
            self._see_gone(api, action, context)
            owned = action.namespace and _own_namespace(api, release)
            strangers = _strangers(api, release) if owned else []
        if owned and strangers:
            told.append(f"kept namespace {release.namespace}: {', '.join(strangers[:3])} in it")
        elif owned:
            run_tool(context, kubectl("delete", "namespace", release.namespace), release.folder)
            told.append(f"namespace {release.namespace}")
        return "; ".join(filter(None, (", ".join(told), action.stays)))

    @staticmethod
    def _see_gone(api: KubeApi, action: RemoveRelease, context: RunContext) -> None:
        deadline = time.monotonic() + _GONE_SECONDS
        while left := _left(api, action.release, data=action.data):
            context.progress(f"waiting for {', '.join(left[:4])} to go")
            if time.monotonic() > deadline:
                raise StepFailedError(
                    f"still there after {_GONE_SECONDS:.0f} s: {', '.join(left[:8])}",
                    why="something keeps them, often a volume that is still in use or a finalizer",
                    next=f"see: kubectl --namespace {action.release.namespace} describe {left[0]}",
                )
            context.pause(0.5)


_PATHS = {
    "pod": "/api/v1/namespaces/{}/pods",
    "statefulset": "/apis/apps/v1/namespaces/{}/statefulsets",
    "deployment": "/apis/apps/v1/namespaces/{}/deployments",
}
_DATA_PATHS = {
    "job": "/apis/batch/v1/namespaces/{}/jobs",
    "persistentvolumeclaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "secret": "/api/v1/namespaces/{}/secrets",
}


def _left(api: KubeApi, release: Release, *, data: bool) -> list[str]:
    """What of the release is still there, as ``kind/name``; without ``data`` only what runs of the chart's own."""
    found = []
    paths = {**_PATHS, **(_DATA_PATHS if data else {})}
    for selector in selector_of(release.name) if data else (f"release={release.name}",):
        for kind, path in paths.items():
            try:
                items = api.items(path.format(release.namespace), labelSelector=selector)
            except ApiRefusedError as error:
                if error.status in (403, 404):
                    continue
                raise
            found += [f"{kind}/{one['metadata']['name']}" for one in items]
    return sorted(set(found))


def _own_namespace(api: KubeApi, release: Release) -> bool:
    """Whether the namespace is one that the wizard made for this stack."""
    try:
        found = api.find(f"/api/v1/namespaces/{release.namespace}")
    except ApiRefusedError:
        return False
    labels = ((found or {}).get("metadata") or {}).get("labels") or {}
    owner = labels.get("app.kubernetes.io/managed-by") == "airflow-wizard"
    return owner and labels.get("app.kubernetes.io/instance") == release.name


def _strangers(api: KubeApi, release: Release) -> list[str]:
    """What else is in the namespace: it would go with it."""
    found = []
    for kind, path in {**_PATHS, **_DATA_PATHS}.items():
        try:
            items = api.items(path.format(release.namespace))
        except ApiRefusedError:
            continue
        found += [f"{kind}/{one['metadata']['name']}" for one in items]
    return found


class ScaleHandler:
    """Handler of `ScaleRelease`."""

    def done(self, action: ScaleRelease, context: RunContext) -> str:
        """Done when every component is set to its number."""
        with api_of(action.release, context) as api:
            refuse_somebody_elses(api, action.release)
            return "" if _other(api, action) else "as asked for"

    def do(self, action: ScaleRelease, context: RunContext) -> str:
        """``kubectl scale`` each."""
        release, wanted = action.release, dict(action.replicas)
        with api_of(release, context) as api:
            sets = _other(api, action)
        for component, kind, name, _ in sets:
            words = ("--namespace", release.namespace, "scale", f"{kind}/{name}", f"--replicas={wanted[component]}")
            run_tool(context, release.cluster.with_kubectl(*words), release.folder)
        return ", ".join(f"{component} {wanted[component]}" for component, *_ in sets)


def _other(api: KubeApi, action: ScaleRelease) -> list[tuple[str, str, str, int]]:
    """As `_sets`, those that are to have another number: to be started in the order of a start, stopped against it."""
    wanted = dict(action.replicas)
    order = list(wanted)
    found = [s for s in _sets(api, action.release) if s[3] != wanted.get(s[0], s[3])]
    found.sort(key=lambda s: order.index(s[0]) if s[3] == 0 else -order.index(s[0]))
    return [s for s in found if s[3] == 0] if action.stopped else found


class RestartHandler:
    """Handler of `RestartComponent`."""

    def done(self, action: RestartComponent, context: RunContext) -> str:
        """Never."""
        del action, context
        return ""

    def do(self, action: RestartComponent, context: RunContext) -> str:
        """``kubectl rollout restart``."""
        release = action.release
        with api_of(release, context) as api:
            refuse_somebody_elses(api, release)
            found = [(kind, name) for c, kind, name, _ in _sets(api, release) if c == action.component]
        if not found:
            raise StepFailedError(
                f"there is no {action.component} in {release.namespace}",
                why="nothing can be started again that is not there",
                next="airflow-wizard up brings it back",
            )
        for kind, name in found:
            place = ("--namespace", release.namespace)
            kubectl = release.cluster.with_kubectl
            run_tool(context, kubectl(*place, "rollout", "restart", f"{kind}/{name}"), release.folder)
            run_tool(context, kubectl(*place, "rollout", "status", f"{kind}/{name}", "--timeout", "5m"), release.folder)
        return "new pods run"


def _sets(api: KubeApi, release: Release) -> list[tuple[str, str, str, int]]:
    """(component, kind, name, replicas) of every StatefulSet and Deployment of the release."""
    found = {}
    for selector in selector_of(release.name):
        for kind in ("statefulset", "deployment"):
            for one in api.items(_PATHS[kind].format(release.namespace), labelSelector=selector):
                meta = one["metadata"]
                labels = meta.get("labels") or {}
                component = str(labels.get("component") or labels.get("app.kubernetes.io/component") or "other")
                size = (one.get("spec") or {}).get("replicas", 1)
                found[kind, meta["name"]] = (component, kind, str(meta["name"]), int(size))
    return list(found.values())
