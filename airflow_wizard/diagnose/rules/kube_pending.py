"""Rules about pods that no node takes: too little room, taints, labels, claims. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import (
    age,
    anew,
    controller,
    describe,
    kubectl,
    means,
    named,
    part,
    pods,
    quote,
)
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, human_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, NodeFact, PodFact

# A cluster that is starting places its pods within this time.
_GRACE = 6.0
# A scheduler that works says within moments why it does not place a pod.
_LOOKED_AT = 45.0
CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
# Kinds by what the scheduler says, the one that settles it first: what a node lacks counts for more than that another
# one, which was never meant for it, is tainted.
_KINDS = (
    (
        "claim",
        re.compile(r"PersistentVolumeClaim|persistentvolumeclaim|persistent volumes? to bind|volume node affinity"),
    ),
    ("pods", re.compile(r"Too many pods")),
    ("memory", re.compile(r"Insufficient memory")),
    ("cpu", re.compile(r"Insufficient cpu")),
    ("cordoned", re.compile(r"were unschedulable|node\.kubernetes\.io/unschedulable")),
    ("selector", re.compile(r"node affinity/selector|node selector|anti-affinity|pod affinity|topology spread")),
    ("ports", re.compile(r"free ports")),
    ("taint", re.compile(r"taint")),
)
_CPU_LEAST, _MEMORY_LEAST = 10, 64 << 20


def pending(evidence: Evidence) -> Iterator[Finding]:
    """Pods without a node."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        if pod.phase != "Pending" or pod.node or age(evidence, pod.created) < _GRACE:
            continue
        if not pod.scheduled:
            yield from _ignored(evidence, cluster, pod)
            continue
        kind = next((name for name, pattern in _KINDS if pattern.search(pod.scheduled)), "unplaced")
        # While nodes are not ready they are tainted; that is told of the node.
        if kind == "taint" and re.search(r"node\.kubernetes\.io/(?:not-ready|unreachable|\w+-pressure)", pod.scheduled):
            kind = "node"
        yield _finding(cluster, pod, kind)


def _ignored(evidence: Evidence, cluster: ClusterFact, pod: PodFact) -> Iterator[Finding]:
    """Not even refused: what places pods does not work, or is overloaded."""
    waited = age(evidence, pod.created)
    if waited < _LOOKED_AT:
        return
    system = (*cluster.kubectl, "--namespace", "kube-system")
    yield Finding(
        f"pending.ignored.{part(pod)}",
        Level.WARN,
        named(part(pod)),
        f"the cluster has not looked for a node for it in {human_seconds(waited)}",
        "a kube-scheduler that works",
        means(pod.component),
        evidence=(f"Pod {pod.name}: Pending, without a word of the scheduler",),
        fixes=(
            Fix("See whether the scheduler runs, and how often it was started", commands=((*system, "get", "pods"),)),
            describe(cluster, "pod", pod.name),
        ),
    )


def _finding(cluster: ClusterFact, pod: PodFact, kind: str) -> Finding:
    found, fixes = _WORDS[kind](cluster, pod)
    return Finding(
        f"pending.{kind}.{part(pod)}",
        Level.FAIL,
        named(part(pod)),
        f"no node takes it: {found}",
        "a node with room for it that it may use",
        means(pod.component),
        evidence=quote(cluster.told("Pod", pod.name, "FailedScheduling"), 1)
        or (f"Pod {pod.name}: Pending: {pod.scheduled[:300]}",),
        fixes=(*fixes, describe(cluster, "pod", pod.name)),
    )


def _usable(cluster: ClusterFact) -> list[NodeFact]:
    return [
        n
        for n in cluster.nodes or ()
        if n.ready and not n.cordoned and not any(t[2] != "PreferNoSchedule" for t in n.taints)
    ]


def _short(cluster: ClusterFact, pod: PodFact, *, memory: bool) -> tuple[str, tuple[Fix, ...]]:
    asked = human_bytes(pod.memory) if memory else f"{pod.cpu}m CPU"
    rooms = []
    for node in _usable(cluster):
        used = node.asked_memory if memory else node.asked_cpu
        if used is not None:
            rooms.append(((node.memory if memory else node.cpu) - used, node.name))
    if not rooms:
        return f"it asks for {asked}, and none has that much left", ()
    free, where = max(rooms)
    shown = human_bytes(max(0, free)) if memory else f"{max(0, free)}m CPU"
    words = f"it asks for {asked}, and the roomiest node, {where}, has {shown} left"
    return words, _less(cluster, pod, free, memory=memory)


def _less(cluster: ClusterFact, pod: PodFact, free: int, *, memory: bool) -> tuple[Fix, ...]:
    """Ask for what is there, where that is enough to live on."""
    owner, least = controller(pod), _MEMORY_LEAST if memory else _CPU_LEAST
    main = next((c for c in pod.containers if not c.init), None)
    fitting = int(free * 0.8)
    if not owner or main is None or fitting < least:
        return (Fix("Make room: remove what else runs there, or add a node"),)
    size = f"memory={fitting >> 20}Mi" if memory else f"cpu={fitting}m"
    change = kubectl(cluster, "set", "resources", owner, "--containers", main.name, f"--requests={size}")
    title = f"Ask for {size.partition('=')[2]} only, until the next launch"
    return (Fix(title, Risk.DISRUPTIVE, (change, *anew(cluster, pod)), id=f"ask-less-{part(pod)}"),)


def _memory(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    return _short(cluster, pod, memory=True)


def _cpu(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    return _short(cluster, pod, memory=False)


def _taint(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del pod
    nodes = cluster.nodes or ()
    taints = sorted({key for n in nodes for key, _, effect in n.taints if effect != "PreferNoSchedule"})
    fixes: tuple[Fix, ...] = ()
    if nodes and all(any(t[0] in CONTROL_PLANE for t in n.taints) for n in nodes):
        found = "its only node is reserved for the control plane"
        commands = tuple(
            kubectl(cluster, "taint", "nodes", node.name, f"{key}-")
            for node in nodes
            for key, _, _ in node.taints
            if key in CONTROL_PLANE
        )
        undo = tuple(
            kubectl(cluster, "taint", "nodes", node.name, f"{key}={value}:{effect}")
            for node in nodes
            for key, value, effect in node.taints
            if key in CONTROL_PLANE
        )
        fixes = (Fix("Let the control plane's node run pods as well", Risk.SAFE, commands, id="untaint", undo=undo),)
    else:
        found = f"every node keeps it away by a taint ({', '.join(taints) or 'unseen'})"
        fixes = tuple(
            Fix(
                f"Remove the taint {key} from {node.name}",
                Risk.DISRUPTIVE,
                (kubectl(cluster, "taint", "nodes", node.name, f"{key}-"),),
                id=f"untaint-{node.name}",
                undo=(kubectl(cluster, "taint", "nodes", node.name, f"{key}={value}:{effect}"),),
            )
            for node in nodes
            for key, value, effect in node.taints
            if effect != "PreferNoSchedule" and key not in CONTROL_PLANE and "node.kubernetes.io/" not in key
        )
    return found, fixes


def _selector(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    wanted = ", ".join(f"{k}={v}" for k, v in pod.selector.items())
    fixes = []
    nodes = _usable(cluster)
    if wanted and len(nodes) == 1:
        labels = tuple(f"{k}={v}" for k, v in pod.selector.items() if nodes[0].labels.get(k) is None)
        if len(labels) == len(pod.selector):
            command = kubectl(cluster, "label", "nodes", nodes[0].name, *labels)
            back = kubectl(cluster, "label", "nodes", nodes[0].name, *(f"{key}-" for key in pod.selector))
            title = f"Give {nodes[0].name} the label"
            fixes.append(Fix(title, Risk.SAFE, (command,), id="label-node", undo=(back,)))
    fixes.append(Fix("See the labels of the nodes", commands=(kubectl(cluster, "get", "nodes", "--show-labels"),)))
    return f"none has the labels it wants{f' ({wanted})' if wanted else ''}", tuple(fixes)


def _cordoned(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del pod
    names = [n.name for n in cluster.nodes or () if n.cordoned]
    commands = tuple(kubectl(cluster, "uncordon", name) for name in names)
    undo = tuple(kubectl(cluster, "cordon", name) for name in names)
    title = f"Let {', '.join(names)} take pods again"
    fixes = (Fix(title, Risk.SAFE, commands, id="uncordon", undo=undo),) if names else ()
    return f"{', '.join(names) or 'the nodes'} takes nothing new (cordoned)", fixes


def _full(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del pod
    most = max((n.pods for n in cluster.nodes or ()), default=0)
    listed = kubectl(cluster, "get", "pods", "--all-namespaces")
    return f"each has as many pods as it may ({most})", (Fix("See which pods could go", commands=(listed,)),)


def _claim(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    unbound = [c.name for c in cluster.claims or () if c.name in pod.claims and c.phase != "Bound"]
    missing = [n for n in pod.claims if cluster.claims is not None and n not in {c.name for c in cluster.claims}]
    if missing:
        return f"the claim {', '.join(missing)} does not exist", ()
    if "affinity" in pod.scheduled:
        return "its volume is on another node", ()
    return f"its storage is not there yet ({', '.join(unbound) or 'a claim'} is not bound)", ()


def _ports(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del cluster, pod
    return "the port it wants on the node is taken", ()


def _node(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del cluster, pod
    return "the node is not well", ()


def _unplaced(cluster: ClusterFact, pod: PodFact) -> tuple[str, tuple[Fix, ...]]:
    del cluster
    return pod.scheduled[:200], ()


_WORDS = {
    "claim": _claim,
    "pods": _full,
    "memory": _memory,
    "cpu": _cpu,
    "cordoned": _cordoned,
    "selector": _selector,
    "ports": _ports,
    "taint": _taint,
    "node": _node,
    "unplaced": _unplaced,
}

RULES = (pending,)
