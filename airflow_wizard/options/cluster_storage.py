"""What a cluster keeps where, and what kind makes a cluster of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.kind import node_image
from airflow_wizard.options import rules
from airflow_wizard.options.kubernetes import GROUP
from airflow_wizard.options.machine import release_of
from airflow_wizard.options.model import KUBERNETES_TARGETS, Choice, Kind, Option, Situation, Target
from airflow_wizard.options.resources import executor_of

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

# Where the logs of tasks are kept that have a pod of their own.
PODS, CLAIM, NODE = "pods", "claim", "node"
_KEPT = {
    Target.KIND: (NODE, "all nodes of kind share a folder of this machine"),
    Target.KUBEADM: (NODE, "its storage classes usually give a volume to one node at a time"),
    Target.MICROK8S: (CLAIM, "its own storage class gives a volume to several pods at once"),
}


def _pods(situation: Situation) -> bool:
    return "Kubernetes" in executor_of(situation)


def _refuse_node_image(value: Answer, situation: Situation) -> str:
    if value is None:
        return "needs an image of a node; empty is none"
    return rules.optional(rules.image)(value, situation)


def _default_node_image(situation: Situation) -> str:
    return node_image(situation.facts.text("kind", "version"), release_of(situation)).image


def _because_node_image(situation: Situation) -> str:
    release = release_of(situation)
    chosen = node_image(situation.facts.text("kind", "version"), release).kubernetes
    return f"Kubernetes {chosen}: of those made for kind, nearest to what Airflow {release.version} was tested on"


OPTIONS = (
    Option(
        name="log_storage",
        title="Task logs",
        group=GROUP,
        kind=Kind.CHOICE,
        help="Where the log of a task is kept that has a pod of its own.",
        why="Such a pod takes its log along when it goes.\nA shared volume keeps it for the web page.",
        default=lambda s: _KEPT.get(s.target, (PODS, ""))[0],
        because=lambda s: _KEPT.get(s.target, ("", "most storage classes cannot share a volume; it would hang"))[1],
        choices=lambda _: (
            Choice(PODS, "with the pod", "ended pods stay for a day; kubectl logs shows them, the web page does not"),
            Choice(CLAIM, "a shared claim", "needs a storage class that gives ReadWriteMany"),
            Choice(NODE, "a folder of one node", "works with every cluster of one node"),
        ),
        targets=KUBERNETES_TARGETS,
        applies=_pods,
        example=PODS,
    ),
    Option(
        name="storage_node",
        title="Node of the folders",
        group=GROUP,
        kind=Kind.TEXT,
        help="Host name of the node that holds folders of DAGs and logs; empty when the cluster has one node.",
        why="Folders of a node are seen by its own pods alone: what needs them is kept on it.",
        default=lambda _: None,
        because=lambda _: "a cluster on one machine has one node",
        targets=frozenset({Target.KUBEADM, Target.MICROK8S, Target.CONTEXT}),
        refuse=rules.optional(rules.host_name),
        expert=True,
        example="server-1",
    ),
    Option(
        name="nodes",
        title="Nodes",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Nodes of the cluster that kind makes; the first one also runs Kubernetes itself.",
        why="One is enough to run Airflow.\nMore to see how pods spread, each takes about 600 MB.",
        default=lambda _: 1,
        because=lambda _: "the least memory",
        targets=frozenset({Target.KIND}),
        refuse=rules.between(1, 9),
        expert=True,
        example="2",
    ),
    Option(
        name="node_image",
        title="Node image",
        group=GROUP,
        kind=Kind.TEXT,
        help="Image of kind's nodes, which decides the release of Kubernetes.",
        why="Named by digest: the same tag is built again for other releases of kind.",
        default=_default_node_image,
        because=_because_node_image,
        targets=frozenset({Target.KIND}),
        refuse=_refuse_node_image,
        expert=True,
        example="kindest/node:v1.35.8",
    ),
)
