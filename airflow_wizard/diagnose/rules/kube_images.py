"""Rules about images that a node cannot get, by what the runtime says of it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from airflow_wizard.diagnose.rules.kube_model import describe, means, part, pods, quote
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, PodContainerFact, PodFact

_PULLING = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable")


class _Kind(NamedTuple):
    id: str
    pattern: re.Pattern[str]
    found: str
    why: str
    advice: str


# The first that matches counts: a registry that refuses says so in many words, and some of them name several reasons.
_KINDS = (
    _Kind(
        "rate_limited",
        re.compile(r"toomanyrequests|429 Too Many Requests|pull rate limit", re.IGNORECASE),
        "the registry has had enough of this address for now",
        "Docker Hub counts anonymous pulls by address, and gives them back after some hours.",
        "Log in to the registry with a pull secret, or take the image from a mirror: --set image=REGISTRY/NAME:TAG",
    ),
    _Kind(
        "gone",
        re.compile(r"bitnami/\S+.*(?:not found|manifest unknown)", re.IGNORECASE),
        "it is not in the registry any more: Bitnami's images were moved away",
        "The images that the chart names by default are no longer published.",
        "Use the stack's own PostgreSQL: --set database=postgres",
    ),
    _Kind(
        "refused",
        re.compile(
            r"pull access denied|unauthorized|authentication required|denied: |no basic auth|403 Forbidden"
            r"|insufficient_scope|authorization failed",
            re.IGNORECASE,
        ),
        "the registry does not give it to this cluster",
        "It is private or does not exist; a registry says the same of both.",
        "Check the name; for a private one make a pull secret and name it in values.yaml",
    ),
    _Kind(
        "missing",
        re.compile(r"not found|manifest unknown|NotFound|no such image|no matching manifest", re.IGNORECASE),
        "there is no such image",
        "The name or the tag is wrong, or it was never pushed.",
        "Choose a tag that exists: --set image=NAME:TAG",
    ),
    _Kind(
        "untrusted",
        re.compile(r"x509|certificate|tls: |server gave HTTP response to HTTPS client", re.IGNORECASE),
        "the registry's certificate is not trusted by the node",
        "The registry, or something in between, has a certificate that nobody told the node of.",
        "Give the nodes the registry's certificate authority, or load the image into them",
    ),
    _Kind(
        "no_dns",
        re.compile(
            r"no such host|server misbehaving|Temporary failure in name resolution|dial tcp: lookup|lookup \S+ on ",
            re.IGNORECASE,
        ),
        "the node cannot resolve the registry's name",
        "Nodes ask their own name server, not the cluster's.",
        "Give the nodes a name server that works, or load the image into them",
    ),
    _Kind(
        "no_network",
        re.compile(
            r"timeout|deadline exceeded|connection (?:refused|reset)|network is unreachable|no route to host"
            r"|proxyconnect|EOF",
            re.IGNORECASE,
        ),
        "the registry cannot be reached from the node",
        "The network, a proxy or a firewall is in between.",
        "See whether a node reaches the registry, or load the image into them",
    ),
)  # fmt: skip
_UNKNOWN = _Kind(
    "unavailable", re.compile(""), "the node cannot get it", "", "Read what the cluster says about the pod"
)


def images(evidence: Evidence) -> Iterator[Finding]:
    """Containers that wait for an image that does not come."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        for container in pod.containers:
            if container.state == "waiting" and container.reason in _PULLING:
                yield _finding(cluster, pod, container)


def _finding(cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Finding:
    events = cluster.told("Pod", pod.name, "Failed", "ErrImageNeverPull", "BackOff", "InspectFailed")
    about = [e for e in events if e.container in ("", container.name) and container.image in e.message]
    # The state says "back-off" half of the time; the reason stands in the events.
    text = " ".join((container.message, *(e.message for e in about)))
    never = container.reason == "ErrImageNeverPull" or container.pull_policy == "Never"
    if container.reason == "InvalidImageName":
        kind = _Kind("invalid", re.compile(""), "that is no name of an image", "", "Correct it: --set image=NAME:TAG")
    elif never:
        kind = _Kind(
            "not_loaded",
            re.compile(""),
            "it is not on the node, and may not be pulled (imagePullPolicy: Never)",
            "An image that was built on this machine is not in the cluster's nodes by itself.",
            "Load the image into the nodes",
        )
    else:
        kind = next((k for k in _KINDS if k.pattern.search(text)), _UNKNOWN)
    return Finding(
        f"image.{kind.id}.{part(pod)}",
        Level.FAIL,
        f"Image of {part(pod)}",
        f"{container.image}: {kind.found}",
        "an image that the node can get",
        f"{kind.why} {means(pod.component)}".strip(),
        evidence=quote(about) or (f"Pod {pod.name}: {container.reason}: {container.message[:300]}",),
        fixes=(*_load(cluster, pod, container), Fix(kind.advice), describe(cluster, "pod", pod.name)),
    )


def _load(cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> tuple[Fix, ...]:
    """On kind an image of this machine is a command away."""
    if not cluster.kind_cluster:
        return ()
    load = ("kind", "load", "docker-image", container.image, "--name", cluster.kind_cluster)
    # The kubelet would wait up to five minutes before it looks again.
    again = (*cluster.kubectl, "delete", "pod", pod.name)
    return (
        Fix(
            "Load the image from this machine into the cluster", Risk.SAFE, (load, again), id=f"load-image-{part(pod)}"
        ),
    )


RULES = (images,)
