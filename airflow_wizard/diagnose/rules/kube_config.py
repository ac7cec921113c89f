"""Rules about what a pod is made from: Secrets, ConfigMaps, keys in them, and the sandbox that it starts in. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import age, describe, kubectl, means, named, part, pods, quote
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, PodFact

_GONE = re.compile(r'(?P<kind>secret|configmap) "(?P<name>[\w.-]+)" not found', re.IGNORECASE)
_KEY = re.compile(
    r"couldn't find key (?P<key>[\w.-]+) in (?P<kind>Secret|ConfigMap) (?:[\w-]+/)?(?P<name>[\w.-]+)"
    r"|references non-existent (?P<kind2>secret|config) key: (?P<key2>[\w./-]+)"
)
_MANIFESTS = {"scripts": "scripts.yaml", "storage": "storage.yaml"}
_SANDBOX = 12.0


def references(evidence: Evidence) -> Iterator[Finding]:
    """Secrets and ConfigMaps that a container needs and that are not there, or lack a key."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        texts = [
            (c.message, f"Pod {pod.name}: {c.reason}: {c.message[:300]}")
            for c in pod.containers
            if c.state == "waiting" and refers(c.message)
        ]
        if pod.phase == "Pending" and pod.node:
            mounts = cluster.told("Pod", pod.name, "FailedMount")[-1:]
            texts += [(e.message, quote((e,))[0]) for e in mounts]
        for text, line in texts:
            found = _missing(evidence, cluster, pod, text, line)
            if found is not None:
                yield found
                break


def refers(text: str) -> bool:
    """Whether a message is about a Secret or a ConfigMap that is not there, or lacks a key."""
    return _GONE.search(text) is not None or _KEY.search(text) is not None


def _missing(evidence: Evidence, cluster: ClusterFact, pod: PodFact, text: str, line: str) -> Finding | None:
    gone, lacks = _GONE.search(text), _KEY.search(text)
    if gone is not None:
        kind, name, key = gone["kind"].lower(), gone["name"], ""
    elif lacks is not None:
        kind = (lacks["kind"] or lacks["kind2"]).lower().replace("config", "configmap").replace("mapmap", "map")
        name, key = lacks["name"] or "", lacks["key"] or lacks["key2"]
    else:
        return None
    title = "Secret" if kind == "secret" else "ConfigMap"
    # It was made in the meantime: the kubelet looks again by itself.
    there = cluster.secrets if kind == "secret" else cluster.config_maps
    if name and there is not None and name in there and (not key or key in there[name]):
        return None
    found = (
        f"the {title} {name} does not exist" if not key else f"the {title} {name} has no key {key}".replace("  ", " ")
    )
    return Finding(
        f"config.{'key' if key else kind}_missing.{part(pod)}",
        Level.FAIL,
        named(part(pod)),
        f"it cannot start: {found}",
        "what its manifest refers to",
        means(pod.component),
        evidence=(line,),
        fixes=(
            *_restore(evidence, cluster, kind, name),
            describe(cluster, kind, name) if name else describe(cluster, "pod", pod.name),
        ),
    )


def _restore(evidence: Evidence, cluster: ClusterFact, kind: str, name: str) -> tuple[Fix, ...]:
    """The stack's folder has what it was made from."""
    what = name.removeprefix(f"{cluster.release}-")
    if not name or what == name:
        return ()
    file = f"secrets/{what}.yaml" if kind == "secret" else _MANIFESTS.get(what, "")
    if file and file in evidence.files:
        command = kubectl(cluster, "apply", "--filename", f"{evidence.subject.folder}/{file}")
        return (Fix(f"Make it anew from {file}", Risk.SAFE, (command,), id=f"restore-{what}"),)
    return (launch_again(evidence.subject),)


def sandbox(evidence: Evidence) -> Iterator[Finding]:
    """Pods that a node cannot even begin to start: its network plug-in or its runtime does not play along."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        if pod.phase != "Pending" or not pod.node or any(c.state in ("running", "terminated") for c in pod.containers):
            continue
        events = cluster.told("Pod", pod.name, "FailedCreatePodSandBox", "NetworkNotReady")
        if not events or (age(evidence, pod.created) < _SANDBOX and events[-1].count < 2):
            continue
        network = re.search(r"network|cni", events[-1].message, re.IGNORECASE) is not None
        yield Finding(
            f"sandbox.{'network' if network else 'failed'}.{part(pod)}",
            Level.FAIL,
            named(part(pod)),
            f"{pod.node} cannot give it a {'network' if network else 'sandbox'}",
            why=means(pod.component),
            evidence=quote(events, 1),
            fixes=(
                Fix(
                    "See whether the network plug-in runs" if network else "See whether the system's own pods run",
                    commands=((*cluster.kubectl, "get", "pods", "--namespace", "kube-system", "-o", "wide"),),
                ),
                describe(cluster, "pod", pod.name),
            ),
        )


RULES = (references, sandbox)
