"""Checks of a cluster's nodes: ready, with room for Airflow, and with its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, amount, kubectl, reached, rows, said, words
from airflow_wizard.checks.machine import GIB, MIB
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import Json

    Node = Mapping[str, Json]

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
# What the pods of the smallest stack ask for together when there is room, and what they need at the very least.
ROOM_COMFORT, ROOM_LEAST = 2 * GIB, 900 * MIB
CPU_COMFORT, CPU_LEAST = 0.7, 0.2
_PODS = 8
_ARCHITECTURES = ("amd64", "arm64")
_MAY_NOT = "you may not list nodes"


def takes_pods(node: Node) -> bool:
    """Whether a pod of ours would be placed there."""
    return node.get("ready") is True and node.get("cordoned") is not True and not words(node.get("taints"))


def _nodes(case: Case) -> Finding:
    if case.facts.value("cluster", "nodes") is None:
        return case.unknown(_MAY_NOT)
    found = list(rows(case.facts.value("cluster", "nodes")))
    usable = [node for node in found if takes_pods(node)]
    evidence = tuple(_line(node) for node in found)[:8]
    look = Fix("See the nodes", commands=(kubectl(case, "get", "nodes", "-o", "wide"),))
    names = ", ".join(one_line(node.get("name"), limit=30) for node in found[:3])
    if not found:
        return case.fail("no node", "a node", "Pods would wait for ever.", look)
    if not usable:
        return _none_usable(case, found, look, evidence)
    strange = sorted({str(n.get("arch")) for n in usable} - {*_ARCHITECTURES, ""})
    if strange and len(strange) == len({str(n.get("arch")) for n in usable}):
        why = "Airflow's image is made for amd64 and arm64 only."
        return case.fail(f"{names}: {one_line(', '.join(strange))}", "amd64 or arm64", why, look, evidence=evidence)
    pressed = [n for n in usable if words(n.get("pressure"))]
    if pressed:
        kinds = ", ".join(sorted({p for n in pressed for p in words(n.get("pressure"))}))
        why = "Such a node takes no new pods and ends some that run."
        describe = Fix("See what it lacks", commands=(kubectl(case, "describe", "node", str(pressed[0].get("name"))),))
        return case.warn(
            f"{one_line(kinds)} on {len(pressed)} of {len(found)}", "none", why, describe, evidence=evidence
        )
    text = f"{len(usable)} of {len(found)} take pods" if len(usable) < len(found) else f"{len(found)} ready"
    return case.ok(f"{text} ({names})")


def _none_usable(case: Case, found: list[Node], look: Fix, evidence: tuple[str, ...]) -> Finding:
    ready = [node for node in found if node.get("ready") is True]
    if not ready:
        reason = one_line(found[0].get("reason") or "", limit=120)
        why = "No pod starts on a node that is not ready."
        if "cni" in reason.lower() or "network" in reason.lower():
            why = "The network plug-in is missing: kubeadm brings none along, and without one no node becomes ready."
        text = f"{len(found)} not ready: {reason}" if reason else f"{len(found)} not ready"
        judged = case.warn if case.target is Target.KUBEADM else case.fail
        return judged(text, "a ready node", why, look, evidence=evidence)
    taints = {t for node in ready for t in words(node.get("taints"))}
    if taints and all(t.startswith(CONTROL_PLANE) for t in taints):
        remove = kubectl(case, "taint", "nodes", "--all", f"{CONTROL_PLANE}-")
        fix = Fix("Let the control plane run pods", Risk.DISRUPTIVE, (remove,))
        why = "On a cluster of one machine the control plane has to run everything."
        return case.fail("only control planes, which take no pods", "a node for pods", why, fix, evidence=evidence)
    shown = one_line(", ".join(sorted(taints)) or "cordoned", limit=100)
    uncordon = Fix("Let one take pods", Risk.DISRUPTIVE, (kubectl(case, "uncordon", str(ready[0].get("name"))),))
    fixes = (look,) if taints else (uncordon, look)
    return case.fail(
        f"no node takes pods: {shown}", "one that does", "Pods would wait for ever.", *fixes, evidence=evidence
    )


def _line(node: Node) -> str:
    memory, cpu = amount(node, "memory"), amount(node, "cpu")
    parts = [
        one_line(node.get("name"), limit=60),
        "ready" if node.get("ready") is True else f"not ready: {one_line(node.get('reason'), limit=100)}",
        f"{cpu:g} CPU" if cpu is not None else "",
        human_bytes(memory) if memory is not None else "",
        *(one_line(t, limit=80) for t in words(node.get("taints"))),
        *words(node.get("pressure")),
        "cordoned" if node.get("cordoned") is True else "",
    ]
    return ", ".join(part for part in parts if part)


def _room(case: Case) -> Finding:
    nodes = [node for node in rows(case.facts.value("cluster", "nodes")) if takes_pods(node)]
    if case.facts.value("cluster", "nodes") is None:
        return case.unknown(_MAY_NOT)
    if not nodes:
        return case.unknown("no node takes pods", causes=("kube.nodes",))
    memory, cpu, pods = (_left(nodes, what) for what in ("memory", "cpu", "pods"))
    if memory is None or cpu is None:
        return case.unknown("what runs there already may not be listed")
    found = f"{human_bytes(max(memory, 0))} and {max(cpu, 0):.1f} CPU not promised"
    needed = f"{human_bytes(ROOM_COMFORT)} and {CPU_COMFORT:g} CPU"
    top = Fix("See what asks for it", commands=(kubectl(case, "describe", "nodes"),))
    smaller = Fix("Use the smallest topology", answers=(("executor", "LocalExecutor"),), id="kube.local-executor")
    if memory < ROOM_LEAST or cpu < CPU_LEAST:
        why = "A pod is placed where what it asks for is free: some would wait for ever."
        return case.fail(found, needed, why, top, *_if_other(case, smaller))
    if pods is not None and pods < _PODS:
        why = "A node takes a fixed number of pods, whatever they need."
        return case.fail(f"room for {max(pods, 0):.0f} more pods", f"{_PODS} pods", why, top)
    if memory < ROOM_COMFORT or cpu < CPU_COMFORT:
        why = "The pods ask for less than they like to have; under load some are ended or slow."
        return case.warn(found, needed, why, top, *_if_other(case, smaller))
    return case.ok(found, needed)


def _if_other(case: Case, fix: Fix) -> tuple[Fix, ...]:
    return () if said(case, "executor") == "LocalExecutor" else (fix,)


def _left(nodes: list[Node], what: str) -> float | None:
    """What the nodes have not promised yet; None when one of them does not say."""
    left = 0.0
    for node in nodes:
        there, used = amount(node, what), amount(node, f"used_{what}")
        if there is None or used is None:
            return None
        left += max(0.0, there - used)
    return left


def _image(case: Case) -> Finding:
    image = said(case, "image") or f"apache/airflow:{said(case, 'airflow_version')}"
    there = case.facts.value("cluster", "images")
    nodes = [node for node in rows(case.facts.value("cluster", "nodes")) if takes_pods(node)]
    if not isinstance(there, dict) or case.facts.value("cluster", "nodes") is None:
        return case.unknown(_MAY_NOT)
    count = there.get(image)
    if not isinstance(count, int):
        return case.unknown(f"the nodes were not asked for {one_line(image)}")
    if count and count >= len(nodes):
        return case.ok(f"{one_line(image)} is on every node")
    trial = (
        "run",
        "airflow-image-trial",
        f"--image={image}",
        "--restart=Never",
        "--rm",
        "-i",
        "--command",
        "--",
        "true",
    )
    try_it = Fix("Try whether a node gets it", commands=(kubectl(case, *trial),))
    found = f"{one_line(image)} on {count} of {len(nodes)} nodes" if count else f"{one_line(image)} not seen on a node"
    return case.info(
        found, "Nodes fetch it at the first start, which takes minutes; a private one needs a sign-in.", try_it
    )


CHECKS = (
    Check("kube.nodes", "Nodes", "Pods run on them.", ("cluster",), reached(_nodes), EXISTING, also=BEFORE),
    Check(
        "kube.room",
        "Room",
        "What pods ask for has to be free on a node.",
        ("cluster",),
        reached(_room),
        EXISTING,
        also=BEFORE,
    ),
    Check(
        "kube.image",
        "Image",
        "Every node that runs Airflow needs it.",
        ("cluster",),
        reached(_image),
        EXISTING,
        also=BEFORE,
    ),
)
