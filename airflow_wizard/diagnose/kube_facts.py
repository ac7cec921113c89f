"""What of a cluster matters to a stack, as frozen values trimmed from the API's objects.

A list that could not be read is None, never empty: what was not seen proves nothing. Times are unix seconds, memory and
storage bytes, CPU thousandths. Texts are safe to show: one line, secrets masked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class EventFact:
    """Something the cluster told about one object.

    Attributes:
        kind: of the object.
        name: of the object.
        reason: Kubernetes' word, for example ``FailedScheduling``.
        message: what it says.
        warning: whether it is a warning.
        count: how often it was told.
        first: when for the first time.
        last: when for the last time.
        container: the container it is about; empty when it is about the whole object.
    """

    kind: str
    name: str
    reason: str
    message: str
    warning: bool = True
    count: int = 1
    first: float = 0.0
    last: float = 0.0
    container: str = ""


@dataclass(frozen=True, slots=True)
class PodContainerFact:
    """One container of a pod.

    Attributes:
        name: of the container.
        image: it is made from.
        init: whether it comes before the others (a side-car that stays counts as one of the others).
        state: ``waiting``, ``running`` or ``terminated``; empty before the kubelet said anything.
        reason: of that state, for example ``CrashLoopBackOff``.
        message: of that state.
        exit_code: how it ended, now or the last time; None when it never did.
        ended: reason of its last end, for example ``OOMKilled``.
        ended_at: when that was.
        ended_message: what it left behind to read.
        since: since when it is in this state; None when the cluster does not say.
        ready: its readiness probe is content.
        restarts: how often it was started again.
        memory_limit: None without a limit.
        pull_policy: when the image is pulled.
    """

    name: str
    image: str
    init: bool = False
    state: str = ""
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    ended: str = ""
    ended_at: float | None = None
    ended_message: str = ""
    since: float | None = None
    ready: bool = False
    restarts: int = 0
    memory_limit: int | None = None
    pull_policy: str = ""


@dataclass(frozen=True, slots=True)
class PodFact:
    """One pod of the stack.

    Attributes:
        name: its name.
        component: by the chart's names; ``init`` for the job that makes the database.
        owner: kind and name of what made it, without a Deployment's replica set in between.
        phase: as the cluster has it.
        reason: for example ``Evicted``.
        message: about that.
        created: when.
        node: where it is; empty before that is decided.
        scheduled: why it has no node; empty when it has one.
        containers: init containers first.
        claims: names of claims that it mounts.
        cpu: thousandths of a core that it asks for.
        memory: bytes that it asks for.
        selector: labels a node must have.
        deleting: since when it is being removed; None when it is not.
        ready: all of it is ready.
        task: it runs one task of KubernetesExecutor.
        labels: of the pod.
    """

    name: str
    component: str
    owner: tuple[str, str] = ("", "")
    phase: str = ""
    reason: str = ""
    message: str = ""
    created: float = 0.0
    node: str = ""
    scheduled: str = ""
    containers: tuple[PodContainerFact, ...] = ()
    claims: tuple[str, ...] = ()
    cpu: int = 0
    memory: int = 0
    selector: Mapping[str, str] = field(default_factory=dict)
    deleting: float | None = None
    ready: bool = False
    task: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


def log_name(pod: PodFact, container: PodContainerFact) -> str:
    """What the lines of a container are kept under."""
    return f"{pod.name}/{container.name}"


@dataclass(frozen=True, slots=True)
class WorkloadFact:
    """A Deployment, StatefulSet or Job of the stack.

    Attributes:
        kind: which of them.
        name: its name.
        component: by the chart's names.
        wanted: pods it should have; for a Job completions.
        ready: pods that are ready; for a Job those that ended well.
        failed: for a Job: reason why it gave up; empty when it did not.
        failed_message: about that.
        created: when.
        refused: why it cannot make a pod, as its conditions say; empty when it can.
    """

    kind: str
    name: str
    component: str
    wanted: int = 1
    ready: int = 0
    failed: str = ""
    failed_message: str = ""
    created: float = 0.0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class StoreClaimFact:
    """A claim of the namespace: its phase, class (None where it names none), access modes, size, volume, age."""

    name: str
    phase: str
    storage_class: str | None = None
    modes: tuple[str, ...] = ()
    size: int = 0
    volume: str = ""
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class StorageClassFact:
    """A storage class: who makes its volumes, whether it is the default, whether it waits for the first pod."""

    name: str
    provisioner: str
    default: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class VolumeFact:
    """A volume: its phase, class, access modes, size, and the claim (``namespace/name``) it is for."""

    name: str
    phase: str
    storage_class: str = ""
    modes: tuple[str, ...] = ()
    size: int = 0
    claim: str = ""


@dataclass(frozen=True, slots=True)
class NodeFact:
    """A node.

    Attributes:
        name: its name.
        ready: None when the cluster lost sight of it.
        why: what it says about not being ready.
        since: since when it is as it is.
        pressures: conditions it is under, for example ``MemoryPressure``: (name, message).
        taints: that keep pods away: (key, value, effect).
        cordoned: nothing new is placed there.
        cpu: thousandths for pods.
        memory: bytes for pods.
        pods: how many it takes.
        asked_cpu: what its pods ask for; None when they could not be listed.
        asked_memory: the same of memory.
        running: how many pods are there.
        labels: of the node.
    """

    name: str
    ready: bool | None = True
    why: str = ""
    since: float = 0.0
    pressures: tuple[tuple[str, str], ...] = ()
    taints: tuple[tuple[str, str, str], ...] = ()
    cordoned: bool = False
    cpu: int = 0
    memory: int = 0
    pods: int = 0
    asked_cpu: int | None = None
    asked_memory: int | None = None
    running: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """A service of the stack: its type, node ports, what it selects, addresses behind it that are ready."""

    name: str
    component: str
    kind: str = "ClusterIP"
    node_ports: tuple[int, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    ready: int | None = None
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class IngressFact:
    """An ingress of the stack: its class (None where it names none) and the services it leads to."""

    name: str
    ingress_class: str | None
    services: tuple[str, ...] = ()
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class HelmFact:
    """The newest revision of the release: its number, status, and since when; and the last that was deployed."""

    revision: int
    status: str
    since: float = 0.0
    deployed: int | None = None


@dataclass(frozen=True, slots=True)
class NamespaceFact:
    """The namespace: phase, Pod Security level that it enforces, what keeps it from going away, labels."""

    phase: str
    enforces: str = ""
    holds: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class ClusterFact:
    """Everything that was seen of the cluster, each list None where it could not be read.

    Attributes:
        namespace: of the stack.
        release: name of the Helm release.
        kubectl: the command for this cluster, with the namespace.
        helm: the same for Helm.
        kind_cluster: name of the kind cluster; empty when it is none of kind's.
        expected: components that should run.
        unreachable: why the cluster does not answer; empty when it does.
        next: what to do about that.
        pods: of the stack.
        events: of the namespace, oldest first.
        workloads: Deployments, StatefulSets, Jobs.
        claims: of the namespace.
        classes: storage classes.
        volumes: of the cluster.
        nodes: of the cluster.
        quotas: what a quota allows and what is used: (quota, resource, used, hard), as the cluster writes them.
        services: of the stack.
        ingresses: of the stack.
        ingress_classes: (name, is the default).
        secrets: names and keys in the namespace.
        config_maps: names and keys in the namespace.
        helm_release: the newest revision.
        helm_runs: a Helm on this machine works on the release now.
        namespace_fact: None where it could not be read; phase ``missing`` where there is none.
        dns: pods of the cluster's DNS that are ready, and how many there are; None where they could not be listed.
    """

    namespace: str
    release: str
    kubectl: tuple[str, ...] = ("kubectl",)
    helm: tuple[str, ...] = ("helm",)
    kind_cluster: str = ""
    expected: tuple[str, ...] = ()
    unreachable: str = ""
    next: str = ""
    pods: tuple[PodFact, ...] | None = None
    events: tuple[EventFact, ...] | None = None
    workloads: tuple[WorkloadFact, ...] | None = None
    claims: tuple[StoreClaimFact, ...] | None = None
    classes: tuple[StorageClassFact, ...] | None = None
    volumes: tuple[VolumeFact, ...] | None = None
    nodes: tuple[NodeFact, ...] | None = None
    quotas: tuple[tuple[str, str, str, str], ...] | None = None
    services: tuple[ServiceFact, ...] | None = None
    ingresses: tuple[IngressFact, ...] | None = None
    ingress_classes: tuple[tuple[str, bool], ...] | None = None
    secrets: Mapping[str, frozenset[str]] | None = None
    config_maps: Mapping[str, frozenset[str]] | None = None
    helm_release: HelmFact | None = None
    helm_runs: bool = False
    namespace_fact: NamespaceFact | None = None
    dns: tuple[int, int] | None = None

    def told(self, kind: str, name: str, *reasons: str) -> tuple[EventFact, ...]:
        """Events about one object, with one of the reasons where some are given; newest last."""
        return tuple(
            e for e in self.events or () if e.kind == kind and e.name == name and (not reasons or e.reason in reasons)
        )

    @property
    def live(self) -> bool:
        """Whether anything of the stack is there to run."""
        return bool(self.pods) or bool(self.workloads)
