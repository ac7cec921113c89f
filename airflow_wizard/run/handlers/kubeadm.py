"""A cluster that kubeadm makes of this machine, and its end: only the stack's own, and only when it is alone in it."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines import kubeadm
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.kube_cli import api_of, run_tool
from airflow_wizard.run.kube_actions import KUBEADM_RESET
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import CheckOwnCluster, KubeadmInit, KubeadmReset

_ANSWER_SECONDS = 60.0
_VOLUME_SECONDS = 60.0
# Namespaces of Kubernetes itself, and of what kubeadm leaves to others: flannel and local-path-provisioner.
_INSIDE = ("kube-system", "kube-flannel", "local-path-storage")


class KubeadmHandler:
    """Handler of `KubeadmInit`."""

    def done(self, action: KubeadmInit, context: RunContext) -> str:
        """Done when there is a cluster of kubeadm's that answers; one that was stopped gets a moment."""
        if not kubeadm.ADMIN_CONF.exists() or kubeadm.half_made(Path(action.release.folder)):
            return ""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while True:
            try:
                with KubeApi(action.release.cluster.with_kubectl(), timeout=5.0) as api:
                    nodes = api.items("/api/v1/nodes")
                return f"there is one already, nodes: {len(nodes)}"
            except (EngineUnreachableError, ApiRefusedError) as error:
                if time.monotonic() > deadline:
                    raise StepFailedError(
                        "kubeadm has made a cluster on this machine, and it does not answer",
                        evidence=(one_line(str(error), limit=300),),
                        why="it is not touched: what is in it may be needed",
                        next="see why: systemctl status kubelet; journalctl -u kubelet -n 50",
                    ) from error
                context.progress("there is a cluster; waiting for it to answer")
                context.pause(1.0)

    def do(self, action: KubeadmInit, context: RunContext) -> str:
        """``kubeadm init``; what an earlier, failed one of this stack left behind is reset first."""
        folder = action.release.folder
        note = kubeadm.read_note(Path(folder)) or kubeadm.Note(networks=kubeadm.networks())
        if kubeadm.half_made(Path(folder)):
            context.progress("an earlier try left it half made; clearing that away")
            _refuse_others(note, action.release)
            run_tool(context, KUBEADM_RESET, folder, fail=False)
        _refuse_member()
        _forget_networks(note, context, folder)
        kubeadm.write_note(Path(folder), replace(note, state="begun"))
        said: list[str] = []

        def line(text: str) -> None:
            said.append(text)
            context.output("kubeadm", text)
            if text.startswith("["):
                context.progress(one_line(text, limit=160))

        finished = run_tool(context, action.command(), folder, on_line=line, fail=False)
        if finished.code != 0:
            # Nothing half done is left. Where a check refused nothing was begun, and what is there is somebody else's.
            if not _refused(said):
                run_tool(context, KUBEADM_RESET, folder, fail=False)
            (Path(folder) / kubeadm.NOTE).unlink(missing_ok=True)
            raise _init_failed(said, finished)
        with api_of(action.release, context) as api:
            kubeadm.write_note(Path(folder), replace(note, state="made", uid=_uid(api)))
        return "one node"


def _refused(said: list[str]) -> bool:
    """Whether one of kubeadm's own checks stopped it before it did anything."""
    return any("[ERROR " in line for line in said)


def _refuse_member() -> None:
    file = kubeadm.ADMIN_CONF.with_name("kubelet.conf")
    if file.exists():
        raise StepFailedError(
            "this machine is a node of another cluster already",
            evidence=(f"{file} is there, and {kubeadm.ADMIN_CONF.name} is not",),
            why="it can be in one only, and leaving that one may stop what runs there",
            next="use that cluster: --set target=context --set context=NAME; or, if nobody needs it: kubeadm reset",
        )


def _init_failed(said: list[str], finished: Finished) -> StepFailedError:
    errors = [line.strip() for line in said if "[ERROR " in line or line.startswith("error")]
    return StepFailedError(
        f"kubeadm could not make the cluster: exit {finished.code}",
        evidence=tuple(one_line(line, limit=300) for line in errors[:8]) or last_words(finished.tail),
        why="this machine lacks what Kubernetes needs" if _refused(said) else "it did not come up in time",
        next="airflow-wizard check --target kubeadm names what is missing, each with its way; then the same command",
    )


def _uid(api: KubeApi) -> str:
    """By which a cluster is told from the next one of the same machine."""
    found = api.find("/api/v1/namespaces/kube-system")
    return str(((found or {}).get("metadata") or {}).get("uid") or "")


class CheckOwnHandler:
    """Handler of `CheckOwnCluster`."""

    def done(self, action: CheckOwnCluster, context: RunContext) -> str:
        """Never: what is in it changes."""
        del action, context
        return ""

    def do(self, action: CheckOwnCluster, context: RunContext) -> str:
        """See that it is the one that was noted, of one node, and that no pod and no volume is anybody else's."""
        del context
        release = action.release
        note = kubeadm.read_note(Path(release.folder)) or kubeadm.Note()
        try:
            with KubeApi(release.cluster.with_kubectl(), timeout=5.0) as api:
                same = bool(note.uid) and _uid(api) == note.uid
                others = _others(api, release)
        except (EngineUnreachableError, ApiRefusedError) as error:
            raise StepFailedError(
                "what else is in the cluster cannot be seen",
                evidence=(one_line(str(error), limit=300),),
                why="it is taken away only when nobody else has anything in it",
                next="see why: systemctl status kubelet\nif nobody needs it: sudo kubeadm reset, then the same command",
            ) from error
        if not same:
            raise StepFailedError(
                "the cluster of this machine is not the one that was made for this stack",
                why="whoever made it may need it",
                next=f"without --cluster: airflow-wizard destroy {release.name} --confirm {release.name}",
            )
        if others:
            raise StepFailedError(
                f"others have something in the cluster: {', '.join(others[:3])}",
                evidence=tuple(others),
                why="it would go with the cluster",
                next=f"keep the cluster: airflow-wizard destroy {release.name} --confirm {release.name}",
            )
        return "it was made for this stack, and nobody else has anything in it"


def _refuse_others(note: kubeadm.Note, release: Release) -> None:
    """What was left half made does not answer, or has nothing in it; else somebody has made another one since."""
    try:
        with KubeApi(release.cluster.with_kubectl(), timeout=5.0) as api:
            others = _others(api, release)
            strange = bool(note.uid) and _uid(api) != note.uid
    except ApiRefusedError:
        others, strange = [], True  # it answers, and what is in it cannot be seen
    except EngineUnreachableError:
        return
    if others or strange:
        raise StepFailedError(
            "there is a cluster on this machine that this stack did not make",
            evidence=tuple(others),
            why="an earlier try of this stack ended half way; what is there now may be needed",
            next=f"use that cluster, or forget the try: rm {shlex.quote(str(Path(release.folder) / kubeadm.NOTE))}",
        )


def _others(api: KubeApi, release: Release) -> list[str]:
    """Nodes that joined, and what in the cluster is neither its own nor the stack's."""
    nodes = api.items("/api/v1/nodes")
    found = [f"node/{one['metadata']['name']}" for one in nodes[1:]]
    for kind, path in (("pod", "/api/v1/pods"), ("persistentvolumeclaim", "/api/v1/persistentvolumeclaims")):
        found += [
            f"{kind}/{one['metadata']['name']} in {one['metadata'].get('namespace')}"
            for one in api.items(path)
            if not _known(one["metadata"], release)
        ]
    return found


def _known(meta: dict[str, Any], release: Release) -> bool:
    labels, namespace = meta.get("labels") or {}, meta.get("namespace")
    mine = release.name in (labels.get("release"), labels.get("app.kubernetes.io/instance"))
    return namespace in _INSIDE or (namespace == release.namespace and mine)


class KubeadmResetHandler:
    """Handler of `KubeadmReset`."""

    def done(self, action: KubeadmReset, context: RunContext) -> str:
        """Done when the stack has none."""
        del context
        return "" if kubeadm.read_note(Path(action.release.folder)) else "it has none"

    def do(self, action: KubeadmReset, context: RunContext) -> str:
        """``kubeadm reset``, and what that leaves: settings of the pods' network, and of this machine."""
        folder = Path(action.release.folder)
        note = kubeadm.read_note(folder) or kubeadm.Note()
        if note.state == "made":
            _await_volumes(action.release, context)
        else:
            _refuse_others(note, action.release)
        kubeadm.write_note(folder, replace(note, state="begun"))
        run_tool(context, action.command(), action.release.folder)
        if left := kubeadm.left():
            raise StepFailedError(
                f"kubeadm reset has left {', '.join(map(str, left[:3]))}",
                why="the kubelet may not have been stopped, and brings back what was cleared away",
                next="stop it: sudo systemctl stop kubelet; then the same command",
            )
        _forget_networks(note, context, action.release.folder, *(f for f in action.files if Path(f).exists()))
        (folder / kubeadm.NOTE).unlink(missing_ok=True)
        return "the cluster is gone; interfaces of its network go with the next start of this machine"


def _forget_networks(note: kubeadm.Note, context: RunContext, folder: str, *more: str) -> None:
    """Settings of a network that is no more would let the next cluster's nodes seem ready without one."""
    known = note.networks
    left = [str(kubeadm.NETWORKS / name) for name in kubeadm.networks() if known is not None and name not in known]
    if left or more:
        run_tool(context, ("rm", "-f", *left, *more), folder)


def _await_volumes(release: Release, context: RunContext) -> None:
    """Let the provisioner delete what was in the stack's volumes: without the cluster nobody would."""
    deadline = time.monotonic() + _VOLUME_SECONDS
    with api_of(release, context) as api:
        while left := [v["metadata"]["name"] for v in api.items("/api/v1/persistentvolumes") if _goes(v, release)]:
            context.progress(f"waiting for the data of {len(left)} volume{'s' * (len(left) != 1)} to be deleted")
            if time.monotonic() > deadline:
                raise StepFailedError(
                    f"the data of {left[0]} is not deleted after {_VOLUME_SECONDS:.0f} s",
                    why="without the cluster it would stay on the disk, and nobody would know whose it was",
                    next=f"see why: kubectl describe persistentvolume {left[0]}; then the same command",
                )
            context.pause(0.5)


def _goes(volume: dict[str, Any], release: Release) -> bool:
    spec = volume.get("spec") or {}
    claimed = (spec.get("claimRef") or {}).get("namespace") == release.namespace
    return claimed and spec.get("persistentVolumeReclaimPolicy") == "Delete"
