"""The smoke DAG in a ConfigMap, for a cluster whose DAGs are in no folder that this machine can write to."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.smoke_dag import smoke_dag
from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import WizardError
from airflow_wizard.run.handlers.kube_cli import api_of, run_tool
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.run.actions import RemoveSmokeDag, RunSmokeDag
    from airflow_wizard.run.context import RunContext

_NUDGE = "airflow-wizard/smoke"
_MANAGER = "airflow-wizard-smoke"
_PATIENCE = 180.0


def place(action: RunSmokeDag, release: Release, context: RunContext) -> str:
    """Put it into the ConfigMap, and have the pods that are there already take it at once."""
    dag = {f"{action.dag_id}.py": smoke_dag(action.dag_id, airflow3=action.airflow3)}
    _apply(action.config_map, dag, release, context)
    nudge(release, context)
    return f"ConfigMap {action.config_map}"


def _apply(name: str, files: dict[str, str], release: Release, context: RunContext) -> None:
    """These files in the ConfigMap, beside what the stack's own manifest has in it.

    By a name of their own among its managers: whoever applies the manifest again leaves them, and they leave the rest.
    """
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": release.namespace},
        "data": files,
    }
    command = release.cluster.with_kubectl("apply", "--server-side", "--field-manager", _MANAGER, "-f", "-")
    run_tool(context, command, release.folder, typed=json.dumps(manifest))


def nudge(release: Release, context: RunContext) -> None:
    """A pod that changes is looked at by its node at once; else the node takes up to a minute and a half."""
    stamp = f"{_NUDGE}={int(time.time())}"
    words = ("--namespace", release.namespace, "annotate", "pods", "-l", f"release={release.name}", stamp)
    run_tool(context, release.cluster.with_kubectl(*words, "--overwrite"), release.folder, fail=False)


def parse_now(action: RunSmokeDag, release: Release, context: RunContext) -> None:
    """Airflow 2 parses one folder only: here it is told to parse this one as well, once, in its own pod.

    Raises:
        StepFailedError: it could not.
    """
    file = f"{action.seen_as}/{action.dag_id}.py"
    script = f"test -f {file} && exec airflow dags reserialize --subdir {action.seen_as}"
    target = f"deploy/{release.name}-dag-processor"
    words = ("--namespace", release.namespace, "exec", target, "--container", "dag-processor", "--", "sh", "-c", script)
    command = release.cluster.with_kubectl(*words)
    deadline = time.monotonic() + _PATIENCE
    while True:
        last = time.monotonic() > deadline
        finished = run_tool(context, command, release.folder, fail=last, on_line=lambda _: None)
        if finished.code == 0:
            return
        said = next((one_line(line, limit=120) for line in reversed(finished.tail) if line.strip()), "")
        context.progress(f"the pod does not have it yet {said}".strip())
        context.pause(2.0)


def log_of_pods(dag_id: str, release: Release, context: RunContext) -> str:
    """What the pods of a DAG's tasks wrote, for a task whose log stays with its pod; empty where there is none."""
    pods = f"/api/v1/namespaces/{release.namespace}/pods"
    with api_of(release, context) as api:
        found = api.items(pods, labelSelector=f"dag_id={dag_id},kubernetes_executor=True")
        texts = []
        for pod in found:
            with contextlib.suppress(ApiRefusedError):
                texts.append(api.text(f"{pods}/{pod['metadata']['name']}/log", container="base", tailLines="500"))
    return "\n".join(texts)


def remove(action: RemoveSmokeDag, release: Release, context: RunContext) -> None:
    """Take it away again, and the pods its task had; the others lose the file with the ConfigMap."""
    kubectl = release.cluster.with_kubectl
    place = ("--namespace", release.namespace)
    if action.config_map:
        with contextlib.suppress(WizardError):  # the namespace may be gone, or the cluster
            _apply(action.config_map, {}, release, context)
        nudge(release, context)
    words = (*place, "delete", "pods", "-l", f"dag_id={action.dag_id},kubernetes_executor=True", "--wait=false")
    run_tool(context, kubectl(*words), release.folder, fail=False)
