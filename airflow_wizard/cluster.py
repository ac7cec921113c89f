"""Which cluster, and what of it is a stack's. Plain values that everything which talks to Kubernetes is given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Of the stack's own database. Every Airflow in the catalogue takes it: no upgrade of Airflow ends at its database.
POSTGRES_MAJOR = 16
# Bytes of free disk below which the kubelet of a cluster that is made here takes no pods and throws out those it has.
EVICTED_BELOW = 3 << 30


class AccessMode(StrEnum):
    """How a volume is given to pods, by the names Kubernetes has for it."""

    ONE = "ReadWriteOnce"
    READ_MANY = "ReadOnlyMany"
    MANY = "ReadWriteMany"


class Need(StrEnum):
    """What makes a right in a cluster needed: every plan, or one that does this."""

    ALWAYS = "always"
    NAMESPACE = "namespace"
    VOLUMES = "volumes"
    INGRESS = "ingress"
    ROUTE = "route"
    PODS = "pods"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, by the words that kubectl and Helm are told it with.

    Attributes:
        context: name of the kube context; always named, the current one is never assumed.
        kubeconfig: absolute path of the file it stands in; empty for the person's own one.
        kubectl: the command, without which cluster.
        helm: the command, without which cluster.
    """

    context: str
    kubeconfig: str = ""
    kubectl: tuple[str, ...] = ("kubectl",)
    helm: tuple[str, ...] = ("helm",)

    def with_kubectl(self, *words: str) -> tuple[str, ...]:
        """A kubectl command for this cluster."""
        file = ("--kubeconfig", self.kubeconfig) if self.kubeconfig else ()
        return (*self.kubectl, *file, "--context", self.context, *words)

    def with_helm(self, *words: str) -> tuple[str, ...]:
        """A Helm command for this cluster."""
        file = ("--kubeconfig", self.kubeconfig) if self.kubeconfig else ()
        return (*self.helm, *file, "--kube-context", self.context, *words)


@dataclass(frozen=True, slots=True)
class Release:
    """What of a cluster belongs to a stack.

    Its objects are labelled ``release=NAME`` (the chart's own) or ``app.kubernetes.io/instance=NAME`` (the wizard's).

    Attributes:
        folder: absolute folder of the stack.
        cluster: where.
        namespace: everything is in it.
        name: of the Helm release; names of objects begin with it.
        components: that keep running, in start order, by the chart's names: ``postgres``, ``api-server``, ….
    """

    folder: str
    cluster: Cluster
    namespace: str
    name: str
    components: tuple[str, ...]
