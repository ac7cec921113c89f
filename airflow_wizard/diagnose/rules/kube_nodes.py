"""Rules about the cluster itself: does it answer, are its nodes well, does its DNS work. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import age, pods, quote
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, NodeFact

# A node that was just added, or a name server that is just being started, is given so long.
_GRACE = 8.0
_PRESSURES = {
    "MemoryPressure": "its memory runs out",
    "DiskPressure": "it has too little disk left",
    "PIDPressure": "it has too many processes",
    "NetworkUnavailable": "its network is not set up",
}
_NO_NETWORK = re.compile(r"cni|network ?plugin|NetworkPluginNotReady|network not ready", re.IGNORECASE)
UNRESOLVED = re.compile(r"Temporary failure in name resolution|\[Errno -3\]|Try again$|server misbehaving|EAI_AGAIN")


def answers(evidence: Evidence) -> Iterator[Finding]:
    """The cluster does not answer, or not to us."""
    cluster = evidence.cluster
    if cluster is not None and cluster.unreachable:
        yield Finding(
            "cluster.unreachable",
            Level.FAIL,
            "Cluster",
            cluster.unreachable,
            "a cluster that answers",
            "Whether the stack runs cannot be seen, and nothing of it can be changed.",
            fixes=(Fix(cluster.next),) if cluster.next else (),
        )


def nodes(evidence: Evidence) -> Iterator[Finding]:
    """Nodes that are not ready or run out of something."""
    cluster = evidence.cluster
    if cluster is None:
        return
    used = {pod.node for pod in pods(evidence)}
    for node in cluster.nodes or ():
        matters = node.name in used or len(cluster.nodes or ()) == 1 or not any(n.ready for n in cluster.nodes or ())
        level = Level.FAIL if matters else Level.WARN
        if node.ready is not True and age(evidence, node.since) > _GRACE:
            yield _away(cluster, node, level)
        for condition, message in node.pressures:
            yield Finding(
                f"node.pressure.{node.name}",
                level,
                f"Node {node.name}",
                f"{_PRESSURES[condition]} ({condition})",
                why="It takes nothing new and throws pods out to save itself.",
                evidence=(f"Node {node.name}: {condition}: {message[:300]}",),
                fixes=(
                    Fix("See what takes it", commands=((*cluster.kubectl, "describe", "node", node.name),)),
                    Fix("Free disk or memory on that machine; pods come back by themselves"),
                ),
            )


def _away(cluster: ClusterFact, node: NodeFact, level: Level) -> Finding:
    described = Fix("See what it says", commands=((*cluster.kubectl, "describe", "node", node.name),))
    if node.ready is False and _NO_NETWORK.search(node.why):
        return Finding(
            f"node.network.{node.name}",
            level,
            f"Node {node.name}",
            "it has no network plug-in",
            "a network plug-in that runs",
            "No pod gets an address, so none starts there.",
            evidence=(f"Node {node.name}: NotReady: {node.why[:300]}",),
            fixes=(Fix("Install one (kubeadm brings none), for example Flannel or Calico"), described),
        )
    found = "the cluster has lost sight of it" if node.ready is None else "it is not ready"
    fixes = [described]
    if cluster.kind_cluster:
        start = ("docker", "start", node.name)
        fixes.insert(0, Fix("Start the container that it is", Risk.SAFE, (start,), id=f"start-node-{node.name}"))
    return Finding(
        f"node.away.{node.name}",
        level,
        f"Node {node.name}",
        f"{found}: {node.why[:200]}" if node.why else found,
        "a node that is ready",
        "What ran there is not seen any more, and nothing new is placed there.",
        evidence=(f"Node {node.name}: Ready={'Unknown' if node.ready is None else 'False'}: {node.why[:300]}",),
        fixes=tuple(fixes),
    )


def dns(evidence: Evidence) -> Iterator[Finding]:
    """The cluster's own name server does not run, or does not answer."""
    cluster = evidence.cluster
    if cluster is None or cluster.dns is None:
        return
    ready, there = cluster.dns
    lines = tuple(
        f"{unit}: {line[:300]}" for unit, texts in evidence.lines.items() for line in texts if UNRESOLVED.search(line)
    )
    oldest = max((age(evidence, pod.created) for pod in cluster.pods or ()), default=0.0)
    if ready or (there == 0 and not lines) or (there and oldest < _GRACE):
        return
    system = (*cluster.kubectl, "--namespace", "kube-system")
    fixes = (
        Fix("Start it anew", Risk.SAFE, ((*system, "rollout", "restart", "deployment/coredns"),), id="restart-dns"),
        Fix("See why it does not run", commands=((*system, "describe", "pods", "--selector", "k8s-app=kube-dns"),)),
    )
    if there == 0:
        scale = (*system, "scale", "deployment/coredns", "--replicas=1")
        fixes = (
            Fix("Let it run again", Risk.SAFE, (scale,), id="start-dns"),
            Fix("On microk8s: microk8s enable dns"),
        )
    yield Finding(
        "dns.down",
        Level.FAIL,
        "DNS of the cluster",
        "none of its pods runs" if there == 0 else f"none of its {there} pods is ready",
        "a name server that answers pods",
        "Components find each other, the database and the Git server by name.",
        evidence=lines[-2:] or (f"kube-system: k8s-app=kube-dns: {ready} of {there} ready",),
        fixes=fixes,
    )


def memory(evidence: Evidence) -> Iterator[Finding]:
    """A node whose kernel killed something because all of its memory was taken."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for node in cluster.nodes or ():
        events = [e for e in cluster.events or () if e.reason == "SystemOOM" and e.name == node.name]
        if events and age(evidence, events[-1].last) < 600:
            yield Finding(
                f"node.memory.{node.name}",
                Level.FAIL,
                f"Node {node.name}",
                "all of its memory was taken, and the kernel killed a process",
                why="Which one is chance: Airflow's, the database's or the cluster's own.",
                evidence=quote(events),
                fixes=(Fix("Run less at once", Risk.DISRUPTIVE, answers=(("parallelism", 4), ("api_workers", 1))),),
            )


RULES = (answers, nodes, dns, memory)
