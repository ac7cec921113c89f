"""MicroK8s, and what a cluster of this machine lacks before Airflow can run in it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.atomic import write_text_atomic
from airflow_wizard.engines.probe_command import ask
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.kube_cli import api_of, run_tool
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import (
        DefaultStorage,
        FreeControlPlane,
        PodNetwork,
        SaveKubeconfig,
        StartMicroK8s,
    )

_TAINT = "node-role.kubernetes.io/control-plane"
_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_ANSWER_SECONDS = 60.0


class PodNetworkHandler:
    """Handler of `PodNetwork`."""

    def done(self, action: PodNetwork, context: RunContext) -> str:
        """Done when there is one. That a node is ready says nothing: settings of an earlier network are enough."""
        with api_of(action.release, context) as api:
            sets = [one["metadata"]["name"] for one in api.items("/apis/apps/v1/daemonsets")]
        return next((f"there is one: {name}" for name in sets if name != "kube-proxy"), "")

    def do(self, action: PodNetwork, context: RunContext) -> str:
        """Apply its manifest."""
        run_tool(context, action.release.cluster.with_kubectl("apply", "-f", action.manifest), action.release.folder)
        return action.manifest


class FreeControlPlaneHandler:
    """Handler of `FreeControlPlane`."""

    def done(self, action: FreeControlPlane, context: RunContext) -> str:
        """Done when the only node takes pods, or there are others that do."""
        with api_of(action.release, context) as api:
            nodes = api.items("/api/v1/nodes")
        kept = [node for node in nodes if _TAINT in _taints(node)]
        if len(nodes) > len(kept):
            return "there are nodes that take pods"
        return "" if kept else "it takes pods"

    def do(self, action: FreeControlPlane, context: RunContext) -> str:
        """Take the taint away."""
        words = ("taint", "nodes", "--all", f"{_TAINT}-")
        run_tool(context, action.release.cluster.with_kubectl(*words), action.release.folder)
        return "the control plane takes pods"


def _taints(node: dict[str, Any]) -> list[str]:
    return [str(taint.get("key")) for taint in (node.get("spec") or {}).get("taints") or []]


class DefaultStorageHandler:
    """Handler of `DefaultStorage`."""

    def done(self, action: DefaultStorage, context: RunContext) -> str:
        """Done when a class is marked as the default."""
        return f"{name} is the default" if (name := default_class(action.release, context)) else ""

    def do(self, action: DefaultStorage, context: RunContext) -> str:
        """Apply the provisioner's manifest where its class is missing, and mark that as the default."""
        release = action.release
        with api_of(release, context) as api:
            there = api.find(f"/apis/storage.k8s.io/v1/storageclasses/{action.name}")
        if there is None:
            run_tool(context, release.cluster.with_kubectl("apply", "-f", action.manifest), release.folder)
        if not default_class(release, context):
            words = ("annotate", "storageclass", action.name, f"{_DEFAULT}=true", "--overwrite")
            run_tool(context, release.cluster.with_kubectl(*words), release.folder)
        return f"{default_class(release, context)} is the default"


def default_class(release: Release, context: RunContext) -> str:
    """Name of the storage class that is taken by default; empty where there is none."""
    with api_of(release, context) as api:
        for one in api.items("/apis/storage.k8s.io/v1/storageclasses"):
            if ((one.get("metadata") or {}).get("annotations") or {}).get(_DEFAULT) == "true":
                return str(one["metadata"]["name"])
    return ""


class MicroK8sHandler:
    """Handler of `StartMicroK8s`."""

    def done(self, action: StartMicroK8s, context: RunContext) -> str:
        """Never: what is on is asked by doing it, and switching on again changes nothing."""
        del action, context
        return ""

    def do(self, action: StartMicroK8s, context: RunContext) -> str:
        """Start it where it does not run; then switch on what is off."""
        status = ("microk8s", "status", "--wait-ready", "--timeout", "120", "--format", "yaml")
        said = _said(context, status, action.folder)
        if "is not running" in said:
            run_tool(context, ("microk8s", "start"), action.folder)
            said = _said(context, status, action.folder)
        if "Insufficient permissions" in said:
            raise StepFailedError(
                "MicroK8s may not be used by this user",
                why="it is for root and for members of its group",
                next="sudo usermod -a -G microk8s $USER; newgrp microk8s; then the same command",
            )
        enabled = _enabled(said)
        missing = [name for name in action.addons if name not in enabled]
        for name in missing:
            run_tool(context, ("microk8s", "enable", name), action.folder)
        return f"switched on: {', '.join(missing)}" if missing else "runs, with all that is needed"


def _said(context: RunContext, argv: tuple[str, ...], folder: str) -> str:
    lines: list[str] = []
    finished = run_tool(context, argv, folder, on_line=lines.append, fail=False)
    said = "\n".join(lines)
    if finished.code != 0 and "Insufficient permissions" not in said:
        raise StepFailedError(
            "MicroK8s is not ready",
            evidence=last_words(finished.tail),
            why="Airflow runs in it",
            next="see why: microk8s inspect",
        )
    return said


def _enabled(said: str) -> set[str]:
    """Names of the add-ons that ``microk8s status --format yaml`` says are on."""
    import yaml

    try:
        found = yaml.safe_load(said)
    except yaml.YAMLError:
        return set()
    addons = found.get("addons") if isinstance(found, dict) else None
    return {str(a.get("name")) for a in addons or [] if isinstance(a, dict) and a.get("status") == "enabled"}


class KubeconfigHandler:
    """Handler of `SaveKubeconfig`."""

    def done(self, action: SaveKubeconfig, context: RunContext) -> str:
        """Never: its certificates change."""
        del action, context
        return ""

    def do(self, action: SaveKubeconfig, context: RunContext) -> str:
        """Write it for this user alone; it goes through no log."""
        ended = context.command_started(action.command, action.folder)
        began = time.monotonic()
        said = ask(action.command, timeout=_ANSWER_SECONDS)
        ended(said.code or 0 if said.ok else 1, time.monotonic() - began)
        if not said.ok or "clusters" not in said.out:
            raise StepFailedError(
                f"`{' '.join(action.command)}` gave no kubeconfig: {one_line(said.reason or 'it is empty', limit=200)}",
                why="kubectl and Helm find the cluster by it",
                next=f"see what it says: {' '.join(action.command)}",
            )
        path = Path(action.file)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_text_atomic(path, said.out, 0o600)
        return os.path.relpath(path, action.folder)
