"""Rules about storage: claims that nothing fills, volumes that cannot be mounted. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import age, describe, kubectl, means, named, part, pods, quote
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, PodFact, StoreClaimFact

_GRACE = 5.0
# Provisioners that give a folder of one node, which one node at a time may use.
_ONE_NODE = (
    "rancher.io/local-path",
    "k8s.io/minikube-hostpath",
    "openebs.io/local",
    "topolvm.io",
    "kubernetes.io/no-provisioner",
)
_MODE = re.compile(r"only supports? ReadWriteOnce|access ?modes?|not support\w* .*ReadWriteMany", re.IGNORECASE)
_SIZE = re.compile(r"exceeds|too large|not enough|no space|insufficient|capacity|out of", re.IGNORECASE)
_DEFAULT = '{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}}}'


def claims(evidence: Evidence) -> Iterator[Finding]:
    """Claims of the stack that stay unbound, or have lost their volume."""
    cluster = evidence.cluster
    if cluster is None or cluster.classes is None:
        return
    for claim in cluster.claims or ():
        if claim.phase == "Lost":
            yield _finding(cluster, claim, "lost", "its volume is gone", "What was in it is gone with it.", ())
        if claim.phase != "Pending" or age(evidence, claim.created) < _GRACE or not _users(cluster, claim):
            continue
        yield from _pending(evidence, cluster, claim)


def _users(cluster: ClusterFact, claim: StoreClaimFact) -> list[str]:
    """Components whose pods wait for a claim; a claim that nobody waits for is nobody's problem."""
    return list(dict.fromkeys(part(p) for p in cluster.pods or () if claim.name in p.claims and p.deleting is None))


def _pending(evidence: Evidence, cluster: ClusterFact, claim: StoreClaimFact) -> Iterator[Finding]:
    classes = {c.name: c for c in cluster.classes or ()}
    said = " ".join(e.message for e in cluster.told("PersistentVolumeClaim", claim.name) if e.warning)
    if claim.storage_class is None:
        if not any(c.default for c in classes.values()):
            found = "it names no storage class, and the cluster has no default one"
            yield _finding(cluster, claim, "no_class", found, "Nobody makes a volume for it.", _make_default(cluster))
        return
    if claim.storage_class == "":
        yield from _by_hand(evidence, cluster, claim)
        return
    known = classes.get(claim.storage_class)
    if known is None:
        found = f"its storage class {claim.storage_class} does not exist"
        yield _finding(
            cluster,
            claim,
            "class_missing",
            found,
            "Nobody makes a volume for it.",
            _other_class(evidence, cluster, claim),
        )
    elif _MODE.search(said) or (
        known.provisioner in _ONE_NODE and set(claim.modes) & {"ReadWriteMany", "ReadOnlyMany"}
    ):
        modes = " and ".join(claim.modes)
        found = f"it asks for {modes}, and {claim.storage_class} ({known.provisioner}) gives a volume to one node only"
        fixes = (
            Fix(
                "Keep logs in a folder of a node instead",
                Risk.DISRUPTIVE,
                answers=(("log_storage", "node"),),
                id="logs-on-node",
            ),
        )
        yield _finding(cluster, claim, "mode", found, "Several pods are to share it.", fixes)
    elif "exceeded quota" in said:
        yield _finding(cluster, claim, "quota", "the namespace's quota does not allow it", "", ())
    elif said and _SIZE.search(said):
        found = f"{human_bytes(claim.size)} are more than {claim.storage_class} can give"
        yield _finding(cluster, claim, "size", found, "Volumes are made of what is there.", ())
    elif said:
        yield _finding(cluster, claim, "failed", f"{known.provisioner} cannot make the volume", "", ())


def _by_hand(evidence: Evidence, cluster: ClusterFact, claim: StoreClaimFact) -> Iterator[Finding]:
    """Of no class: a volume that somebody made is waited for."""
    if cluster.volumes is None:
        return
    volume = next((v for v in cluster.volumes if v.name == claim.volume), None)
    here = f"{cluster.namespace}/{claim.name}"
    if claim.volume and volume is None:
        found = f"the volume {claim.volume} that it names does not exist"
        fixes = (_apply(evidence, cluster, "storage.yaml", "storage"),)
        yield _finding(cluster, claim, "no_volume", found, "It is made by storage.yaml, not by the cluster.", fixes)
    elif volume is not None and volume.claim and volume.claim != here:
        found = f"its volume {claim.volume} belongs to the claim {volume.claim}"
        yield _finding(cluster, claim, "taken", found, "A volume serves one claim.", ())
    elif volume is not None and volume.phase == "Released":
        command = kubectl(
            cluster, "patch", "pv", volume.name, "--type=json", "-p", '[{"op":"remove","path":"/spec/claimRef/uid"}]'
        )
        fixes = (Fix("Give the volume to the new claim; its data stays", Risk.SAFE, (command,), id="rebind"),)
        found = f"its volume {volume.name} still belongs to a claim that was deleted"
        yield _finding(cluster, claim, "released", found, "Kubernetes never gives such a volume away by itself.", fixes)


def _finding(
    cluster: ClusterFact, claim: StoreClaimFact, kind: str, found: str, why: str, fixes: tuple[Fix, ...]
) -> Finding:
    waiting = ", ".join(_users(cluster, claim))
    return Finding(
        f"claim.{kind}.{claim.name}",
        Level.FAIL,
        f"Storage {claim.name}",
        found,
        "a claim that gets a volume",
        f"{why} {waiting.capitalize()} cannot start without it.".strip() if waiting else why,
        evidence=quote(cluster.told("PersistentVolumeClaim", claim.name))
        or (f"PersistentVolumeClaim {claim.name}: {claim.phase}",),
        fixes=(*fixes, describe(cluster, "pvc", claim.name)),
    )


def _make_default(cluster: ClusterFact) -> tuple[Fix, ...]:
    names = [c.name for c in cluster.classes or () if c.provisioner != "kubernetes.io/no-provisioner"]
    if not names:
        return (Fix("Install a provisioner, for example local-path; on microk8s: microk8s enable hostpath-storage"),)
    return tuple(
        Fix(
            f"Make {name} the default class",
            Risk.SAFE,
            (kubectl(cluster, "patch", "storageclass", name, "-p", _DEFAULT),),
            id="default-class" if len(names) == 1 else f"default-class-{name}",
            undo=(kubectl(cluster, "patch", "storageclass", name, "-p", _DEFAULT.replace("true", "false")),),
        )
        for name in names
    )


def _other_class(evidence: Evidence, cluster: ClusterFact, claim: StoreClaimFact) -> tuple[Fix, ...]:
    """A claim cannot change its class: without data it is made anew, and its StatefulSet with it."""
    del evidence
    known = sorted(cluster.classes or (), key=lambda c: (not c.default, c.name))
    if not known:
        return _make_default(cluster)
    owners = {p.owner for p in cluster.pods or () if claim.name in p.claims}
    drops = tuple(
        kubectl(cluster, "delete", kind.lower(), name) for kind, name in sorted(owners) if kind == "StatefulSet"
    )
    commands = (*drops, kubectl(cluster, "delete", "pvc", claim.name))
    title = f"Use {known[0].name} instead; the claim holds nothing yet and is made anew"
    return (Fix(title, Risk.DISRUPTIVE, commands, (("storage_class", known[0].name),), id="other-class"),)


def _apply(evidence: Evidence, cluster: ClusterFact, file: str, what: str) -> Fix:
    command = kubectl(cluster, "apply", "--filename", f"{evidence.subject.folder}/{file}")
    return Fix(f"Make it anew from {file}", Risk.SAFE, (command,), id=f"restore-{what}")


_GONE = re.compile(
    r'(secret|configmap) "?([\w.-]+)"? not found|references non-existent (secret|config) key', re.IGNORECASE
)


def mounts(evidence: Evidence) -> Iterator[Finding]:
    """Pods with a node whose volumes cannot be mounted there."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        if pod.phase != "Pending" or not pod.node or age(evidence, pod.created) < _GRACE:
            continue
        events = cluster.told("Pod", pod.name, "FailedMount", "FailedAttachVolume", "FailedMapVolume")
        if not events or _GONE.search(events[-1].message):
            continue  # what is missing has a rule of its own
        yield _mount(evidence, cluster, pod, events[-1].message)


def _mount(evidence: Evidence, cluster: ClusterFact, pod: PodFact, text: str) -> Finding:
    if "Multi-Attach" in text:
        found = "its volume is still attached to another node"
        advice = Fix(
            "Wait until the old pod is gone, or end it there", commands=(kubectl(cluster, "get", "pods", "-o", "wide"),)
        )
    else:
        found = "a volume cannot be mounted on its node"
        advice = launch_again(evidence.subject)
    return Finding(
        f"mount.failed.{part(pod)}",
        Level.FAIL,
        named(part(pod)),
        found,
        why=means(pod.component),
        evidence=quote(cluster.told("Pod", pod.name, "FailedMount", "FailedAttachVolume", "FailedMapVolume")),
        fixes=(advice, describe(cluster, "pod", pod.name)),
    )


RULES = (claims, mounts)
