"""Nodes that are ready, and manifests of the stack's folder in the cluster."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi, NoClusterError
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.kube_cli import api_of, run_tool
from airflow_wizard.run.handlers.pod_words import pod_of, selector_of
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.cluster import Release
    from airflow_wizard.run.context import Part, RunContext
    from airflow_wizard.run.kube_actions import ApplyFiles, ApplyKey, AwaitNodes

_NODES_SECONDS = 180.0
# A node of somebody's cluster may be off for weeks.
_OTHERS_SECONDS = 40.0
_START_SECONDS = 15.0
NAMESPACE = "namespace.yaml"
_POLL = 0.5


class AwaitNodesHandler:
    """Handler of `AwaitNodes`."""

    def done(self, action: AwaitNodes, context: RunContext) -> str:
        """Never: it is a look."""
        del action, context
        return ""

    def do(self, action: AwaitNodes, context: RunContext) -> str:
        """Wait until all nodes are ready; where some stay away one that is has to do."""
        began = time.monotonic()
        deadline, refused_until = began + _NODES_SECONDS, began + _START_SECONDS
        with KubeApi(action.release.cluster.with_kubectl(), timeout=5.0) as api:
            while True:
                parts: tuple[Part, ...] = ()
                try:
                    nodes = api.items("/api/v1/nodes")
                except NoClusterError as error:
                    if time.monotonic() > deadline:
                        raise
                    words, last = "the API does not answer yet", error.what
                except ApiRefusedError as error:
                    # An API server that has just started does not know yet what anybody may do.
                    if error.status == 403 and time.monotonic() > refused_until:
                        return "its nodes may not be looked at"
                    if error.status == 401 and time.monotonic() > refused_until:
                        raise _stranger(error) from error
                    words, last = f"the API refuses: {one_line(error, limit=100)}", str(error)
                else:
                    parts = tuple(node_part(node) for node in nodes)
                    good = sum(state == "ok" for _, state, _ in parts)
                    if good and (good == len(parts) or time.monotonic() > began + _OTHERS_SECONDS):
                        return f"{good} ready" if good == len(parts) else f"{good} of {len(parts)} ready"
                    words, last = f"{good} of {len(parts)} nodes are ready", ""
                context.progress(words, parts=parts)
                if time.monotonic() > deadline:
                    raise StepFailedError(
                        f"the cluster's nodes are not ready after {_NODES_SECONDS:.0f} s: {words}",
                        evidence=tuple(f"{n}: {d}" for n, _, d in parts) or (last,),
                        why="no pod starts on a node that is not ready",
                        next=f"see why: {' '.join(action.release.cluster.with_kubectl('describe', 'nodes'))}",
                    )
                context.pause(_POLL)


def _stranger(error: ApiRefusedError) -> EngineUnreachableError:
    return EngineUnreachableError(
        f"the cluster does not accept who you are: {one_line(error, limit=200)}",
        why="nothing can be seen or changed there",
        next="sign in anew; then the same command continues here",
    )


def node_part(node: dict[str, Any]) -> Part:
    """(name, ok | waiting, words) of a node. Pure."""
    name = str((node.get("metadata") or {}).get("name", "?"))
    conditions = (node.get("status") or {}).get("conditions") or []
    ready: dict[str, Any] = next((c for c in conditions if c.get("type") == "Ready"), {})
    if ready.get("status") == "True":
        return name, "ok", "ready"
    return name, "waiting", one_line(str(ready.get("message") or ready.get("reason") or "not ready"), limit=160)


class ApplyHandler:
    """Handler of `ApplyFiles`."""

    def done(self, action: ApplyFiles, context: RunContext) -> str:
        """Never: the cluster compares, and changes nothing where nothing differs."""
        del action, context
        return ""

    def do(self, action: ApplyFiles, context: RunContext) -> str:
        """Apply them; says how many objects changed."""
        changed: list[str] = []

        def line(text: str) -> None:
            context.output("kubectl", text)
            changed.append(text)

        files = tuple(
            file for file in action.files if file != NAMESPACE or not foreign_namespace(action.release, context)
        )
        apply(action.release, files, context, on_line=line)
        retry_images(action.release, context)
        return f"{sum('serverside-applied' in text for text in changed)} objects"


def foreign_namespace(release: Release, context: RunContext) -> bool:
    """Whether the namespace is there and somebody else made it: it stays as it is, and need not be ours to change."""
    with api_of(release, context) as api:
        try:
            found = api.find(f"/api/v1/namespaces/{release.namespace}")
        except ApiRefusedError:
            return True  # it may not even be looked at: an administrator made it
    labels = ((found or {}).get("metadata") or {}).get("labels") or {}
    return found is not None and labels.get("app.kubernetes.io/managed-by") != "airflow-wizard"


def retry_images(release: Release, context: RunContext) -> None:
    """Pods that could not get their image are made anew: a node waits up to five minutes before it tries again."""
    now = time.time()
    stuck: set[str] = set()
    with api_of(release, context) as api, contextlib.suppress(ApiRefusedError):
        for selector in selector_of(release.name):
            pods = api.items(f"/api/v1/namespaces/{release.namespace}/pods", labelSelector=selector)
            found = (pod_of(pod, now) for pod in pods)
            stuck |= {pod.name for pod in found if pod.stuck and pod.stuck[0] == "ImagePullBackOff"}
    if stuck:
        words = ("--namespace", release.namespace, "delete", "pods", *sorted(stuck), "--wait=false")
        run_tool(context, release.cluster.with_kubectl(*words), release.folder, fail=False)


class ApplyKeyHandler:
    """Handler of `ApplyKey`."""

    def done(self, action: ApplyKey, context: RunContext) -> str:
        """Never: the cluster compares, and changes nothing where nothing differs."""
        del action, context
        return ""

    def do(self, action: ApplyKey, context: RunContext) -> str:
        """Apply it; neither a file nor a command line has it."""
        release = action.release
        try:
            key = Path(action.file).expanduser().read_bytes()
        except OSError as error:
            raise StepFailedError(
                f"the deploy key {action.file} cannot be read: {error.strerror or error}",
                why="the repository is fetched with it",
                next="name an existing file: --set git_key=PATH",
            ) from error
        # ssh refuses a key whose last line does not end.
        key = key if key.endswith(b"\n") else key + b"\n"
        labels = {"app.kubernetes.io/instance": release.name, "app.kubernetes.io/managed-by": "airflow-wizard"}
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": action.secret, "namespace": release.namespace, "labels": labels},
            "type": "Opaque",
            "data": {"gitSshKey": base64.b64encode(key).decode()},
        }
        run_tool(context, apply_command(release, "-"), release.folder, typed=json.dumps(manifest))
        return f"Secret {action.secret}"


def apply_command(release: Release, *files: str) -> tuple[str, ...]:
    """``kubectl apply`` as a person would type it in the stack's folder.

    On the server's side: nothing of a Secret is copied into an annotation, and what somebody else set is not taken.
    """
    words = [word for file in files for word in ("-f", file)]
    return release.cluster.with_kubectl("apply", "--server-side", *words)


def apply(
    release: Release, files: tuple[str, ...], context: RunContext, *, on_line: Callable[[str], None] | None = None
) -> None:
    """Apply manifests of the stack's folder.

    Raises:
        StepFailedError: the cluster refused one.
        EngineUnreachableError: it does not answer.
    """
    there = [file for file in files if (Path(release.folder) / file).exists()]
    run_tool(context, apply_command(release, *there), release.folder, on_line=on_line)
