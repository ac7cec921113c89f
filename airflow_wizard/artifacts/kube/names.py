"""Names of everything a stack has in a cluster, and the labels it is found by."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

# A StatefulSet's pods carry its name and a hash of eleven characters in one label of 63; the chart's longest
# StatefulSets are called RELEASE-triggerer and RELEASE-scheduler.
RELEASE_LIMIT = 63 - 11 - len("-triggerer")
_RESERVED = ("default", "kube-system", "kube-public", "kube-node-lease")


def release(request: StackRequest) -> str:
    """Name of the Helm release, which the name of every object begins with.

    It is the stack's own, but for what a Service cannot be called: it begins with a letter, does not end with a dash
    and leaves room for what is appended. One that was changed carries a digest, so that no two stacks share a name.
    """
    return release_of(request.name)


def release_of(stack: str) -> str:
    """The same by the name of the stack alone."""
    name = (stack if stack[:1].isalpha() else f"airflow-{stack}").rstrip("-")
    if name == stack and len(name) <= RELEASE_LIMIT:
        return name
    digest = hashlib.sha256(stack.encode()).hexdigest()[:6]
    return f"{name[: RELEASE_LIMIT - 7].rstrip('-')}-{digest}"


def named(request: StackRequest, what: str) -> str:
    """Name of one object of ours."""
    return f"{release(request)}-{what}"


def namespace(request: StackRequest) -> str:
    """The namespace everything is put into."""
    return request.answers.text("namespace")


def owns_namespace(request: StackRequest) -> bool:
    """Whether the namespace is one that a stack may bring along; Kubernetes' own are not."""
    return namespace(request) not in _RESERVED


def in_cluster(request: StackRequest, what: str) -> str:
    """Name of an object that has no namespace, told apart by it."""
    return f"{namespace(request)}-{named(request, what)}"


def labels(request: StackRequest, component: str) -> dict[str, str]:
    """Kubernetes' recommended labels for an object of ours."""
    return {
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/component": component,
        **common_labels(request),
        "app.kubernetes.io/managed-by": "airflow-wizard",
    }


def common_labels(request: StackRequest) -> dict[str, str]:
    """What the chart's objects carry too."""
    return {"app.kubernetes.io/instance": release(request), "app.kubernetes.io/part-of": "airflow"}


def selector(request: StackRequest, component: str) -> dict[str, str]:
    """The labels that pods of a component are found by; they never change."""
    return {"app.kubernetes.io/name": component, "app.kubernetes.io/instance": release(request)}
