"""A kind cluster of the stack's own: made, stopped, started, deleted; never one that somebody else made."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.atomic import write_text_atomic
from airflow_wizard.engines.kind import NOTE, kubelet_errors, nodes_of, noted_in
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.free_port import INTO_CLUSTER, see_free
from airflow_wizard.run.handlers.kube_cli import run_tool
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.engines.kind import KindNode
    from airflow_wizard.engines.process import Finished
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import (
        CheckKindPort,
        KindCluster,
        MakeKindCluster,
        RemoveKindCluster,
        SwitchKindNodes,
    )

_STOP_SECONDS = "20"


def made_here(kind: KindCluster) -> bool:
    """Whether this stack began to make a cluster of that name."""
    return noted_in(Path(kind.folder)) == kind.name


def refuse_foreign(kind: KindCluster, nodes: tuple[KindNode, ...]) -> None:
    """See that a cluster which is there is this stack's.

    Raises:
        StepFailedError: it is not.
    """
    if nodes and not made_here(kind):
        raise StepFailedError(
            f"kind already has a cluster called {kind.name}, and this stack did not make it",
            evidence=tuple(f"{n.name}: {n.role}, {'running' if n.running else 'stopped'}" for n in nodes),
            why="what is in it would be mixed up with this stack, and go with it",
            next=f"choose another --name; or use that cluster: --set target=context --set context=kind-{kind.name}; "
            f"or, if nobody needs it: kind delete cluster --name {kind.name}",
        )


class KindPortHandler:
    """Handler of `CheckKindPort`."""

    def done(self, action: CheckKindPort, context: RunContext) -> str:
        """Nothing to see when the stack's own cluster has it."""
        del context
        nodes = nodes_of(action.kind.name)
        if nodes and made_here(action.kind):
            if any(port == action.port for node in nodes for _, port in node.ports):
                return "leads into this stack's cluster"
            raise StepFailedError(
                f"the cluster {action.kind.name} does not have port {action.port}",
                why="kind decides about ports when it makes a cluster, and never after",
                next="take the port it was made with; or make the cluster anew, which deletes its database: "
                f"airflow-wizard down --volumes {action.kind.name}, then the same command",
            )
        return ""

    def do(self, action: CheckKindPort, context: RunContext) -> str:
        """See that it is free."""
        return see_free(action.bind, action.port, INTO_CLUSTER, context)


class MakeKindHandler:
    """Handler of `MakeKindCluster`."""

    def done(self, action: MakeKindCluster, context: RunContext) -> str:
        """Done when every node runs and the cluster answers under the stack's kubeconfig."""
        kind = action.kind
        nodes = nodes_of(kind.name)
        refuse_foreign(kind, nodes)
        if len(nodes) != kind.nodes or not Path(kind.cluster.kubeconfig).exists():
            return ""
        if not all(node.running for node in nodes):
            context.progress("its nodes are stopped; starting them")
            run_tool(context, ("docker", "start", *(node.name for node in nodes)), kind.folder)
        return f"{len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}" if _answers(kind, context) else ""

    def do(self, action: MakeKindCluster, context: RunContext) -> str:
        """Make it; what a killed run left half made goes first."""
        kind = action.kind
        nodes = nodes_of(kind.name)
        refuse_foreign(kind, nodes)
        if nodes:
            context.progress("an earlier run left it half made; making it anew")
            run_tool(context, kind.delete(), kind.folder)
        write_text_atomic(Path(kind.folder) / NOTE, json.dumps({"name": kind.name}) + "\n", 0o600)
        Path(kind.cluster.kubeconfig).unlink(missing_ok=True)

        def line(text: str) -> None:
            context.output("kind", text)
            # Each of its steps is written twice: when it begins and, with a tick, when it is done.
            if (told := text.strip()) and told[0] in "•✓✗":
                context.progress(one_line(told.lstrip("•✓✗ ").rstrip(" .…"), limit=120))

        finished = run_tool(context, kind.create(), kind.folder, on_line=line, fail=False)
        if finished.code != 0:
            told = kubelet_errors(nodes_of(kind.name))
            # What is half made is in the way of the next try.
            run_tool(context, kind.delete(), kind.folder, fail=False)
            raise _failed(kind, finished, told)
        return f"{kind.nodes} {'node' if kind.nodes == 1 else 'nodes'}"


def _answers(kind: KindCluster, context: RunContext) -> bool:
    """Whether the cluster answers; nodes that were just started get a moment."""
    deadline = time.monotonic() + 60.0
    while True:
        try:
            with KubeApi(kind.cluster.with_kubectl(), timeout=5.0) as api:
                api.get("/api/v1/nodes", limit="1")
        except (EngineUnreachableError, ApiRefusedError):
            if time.monotonic() > deadline:
                return False
            context.progress("waiting for the cluster's API")
            context.pause(1.0)
        else:
            return True


# (words of kind or kubeadm, why, what to do)
_REASONS = (
    (
        "could not find a log line that matches",
        "a node did not come up: often too few inotify watches, or an engine that lacks what Kubernetes needs",
        "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512, then the same command",
    ),
    ("port is already allocated", "a port is taken", "choose another: --set port=NUMBER"),
    (
        "failed to pull image",
        "the node's image cannot be had",
        "see why: docker pull IMAGE; or name another: --set node_image=IMAGE",
    ),
    ("no space left on device", "the engine's disk is full", "see what is on it: docker system df"),
    (
        "rootless",
        "a rootless engine needs control groups v2 and delegation",
        "https://kind.sigs.k8s.io/docs/user/rootless/",
    ),
    ("unknown field", "kind.yaml has a key that this kind does not know", "take your last change of kind.yaml back"),
    (
        "failed to init node with kubeadm",
        "Kubernetes did not start in the node",
        "the last lines say why; the same command tries again",
    ),
)


# Frames of Go's stacks and what kubeadm tells of its progress say nothing to a person.
_NOISE = re.compile(r"\.go:\d+|^[a-z0-9.]+[/.][\w./()*-]+$|^[IW]\d{4} |^\[[a-z-]+\]|^Stack Trace|^Command Output:")


def _failed(kind: KindCluster, finished: Finished, told: tuple[str, ...]) -> StepFailedError:
    said = "\n".join((*finished.tail, *told))
    why, following = next(
        ((why, following) for words, why, following in _REASONS if words in said),
        ("there is no cluster without it", "read the last lines above; the same command tries again"),
    )
    lines = [line for line in finished.tail if not _NOISE.search(line.strip())]
    return StepFailedError(
        f"kind could not make the cluster {kind.name}: exit {finished.code}",
        evidence=(*last_words(lines, most=6), *told),
        why=why,
        next=following,
    )


class RemoveKindHandler:
    """Handler of `RemoveKindCluster`."""

    def done(self, action: RemoveKindCluster, context: RunContext) -> str:
        """Done when there is none, or none of this stack."""
        del context
        nodes = nodes_of(action.kind.name)
        if not nodes:
            self._forget(action.kind)
            return "there is no cluster"
        return "" if made_here(action.kind) else f"left alone: this stack did not make {action.kind.name}"

    def do(self, action: RemoveKindCluster, context: RunContext) -> str:
        """Delete it, and see that it is gone."""
        run_tool(context, action.kind.delete(), action.kind.folder)
        left = nodes_of(action.kind.name)
        if left:
            names = " ".join(node.name for node in left)
            raise StepFailedError(
                f"{names} could not be removed",
                why="the engine still has them",
                next=f"docker rm --force --volumes {names}",
            )
        self._forget(action.kind)
        return f"cluster {action.kind.name} and everything in it"

    @staticmethod
    def _forget(kind: KindCluster) -> None:
        (Path(kind.folder) / NOTE).unlink(missing_ok=True)
        Path(kind.cluster.kubeconfig).unlink(missing_ok=True)


class SwitchKindHandler:
    """Handler of `SwitchKindNodes`."""

    def done(self, action: SwitchKindNodes, context: RunContext) -> str:
        """Done when all nodes are as asked for."""
        del context
        nodes = nodes_of(action.kind.name)
        refuse_foreign(action.kind, nodes)
        wanted = action.verb == "start"
        if not nodes:
            if wanted:
                raise StepFailedError(
                    f"there is no cluster {action.kind.name}",
                    why="it was deleted, and its database with it",
                    next=f"make it anew: airflow-wizard up --name {action.kind.name}",
                )
            return "there is no cluster"
        if all(node.running == wanted for node in nodes):
            return "they run" if wanted else "they do not run"
        return ""

    def do(self, action: SwitchKindNodes, context: RunContext) -> str:
        """Stop or start their containers."""
        names = [node.name for node in nodes_of(action.kind.name)]
        extra = ("--time", _STOP_SECONDS) if action.verb == "stop" else ()
        run_tool(context, ("docker", action.verb, *extra, *names), action.kind.folder)
        return f"{len(names)} {'node' if len(names) == 1 else 'nodes'}"
