"""What a step can do to a cluster, as data; see `airflow_wizard.run.actions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from airflow_wizard.cluster import Cluster, Release


@dataclass(frozen=True, slots=True)
class KindCluster:
    """A cluster that kind makes for one stack alone.

    Attributes:
        folder: absolute folder of the stack; kind.yaml lies there.
        name: as ``kind get clusters`` lists it.
        cluster: how it is reached once it is there; its kubeconfig is written by kind.
        nodes: how many.
    """

    folder: str
    name: str
    cluster: Cluster
    nodes: int = 1

    def create(self) -> tuple[str, ...]:
        """What makes it. Kept when it fails: only the node itself can say why."""
        words = ("--config", "kind.yaml", "--kubeconfig", self.cluster.kubeconfig)
        return ("kind", "create", "cluster", "--retain", *words)

    def delete(self) -> tuple[str, ...]:
        """What deletes it, also where it was exported to the person's own kubeconfig."""
        return ("kind", "delete", "cluster", "--name", self.name)


@dataclass(frozen=True, slots=True)
class CheckKindPort:
    """See that a port of this machine can lead into the cluster: it is free, or leads there already."""

    kind: KindCluster
    bind: str
    port: int


@dataclass(frozen=True, slots=True)
class MakeKindCluster:
    """Make the cluster. Done when it answers; one that another person or stack made is left alone."""

    kind: KindCluster


@dataclass(frozen=True, slots=True)
class RemoveKindCluster:
    """Delete the cluster with everything in it. Done when there is none of this stack."""

    kind: KindCluster


@dataclass(frozen=True, slots=True)
class SwitchKindNodes:
    """Stop the cluster's nodes, or start them again. Done when all are as asked for."""

    kind: KindCluster
    verb: Literal["stop", "start"]


@dataclass(frozen=True, slots=True)
class LoadImages:
    """Copy images of this machine's engine into those nodes that have none, or another one, of that name."""

    kind: KindCluster
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AwaitNodes:
    """Wait until the cluster answers and its nodes are ready."""

    release: Release


@dataclass(frozen=True, slots=True)
class ApplyFiles:
    """Apply manifests of the stack's folder, in order, as ``kubectl apply --server-side`` does.

    Attributes:
        release: whose.
        files: relative to the stack's folder; a folder means every manifest in it.
    """

    release: Release
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplyKey:
    """Put a private key of this machine into a Secret, as git-sync reads it; it passes through a pipe alone."""

    release: Release
    secret: str
    file: str


@dataclass(frozen=True, slots=True)
class KubeadmInit:
    """Make a cluster of this machine. Done when kubeadm made one before, and it answers."""

    release: Release
    config: str
    ignored: tuple[str, ...] = ()

    def command(self) -> tuple[str, ...]:
        """``kubeadm init`` as it is run."""
        ignored = (f"--ignore-preflight-errors={','.join(self.ignored)}",) if self.ignored else ()
        return ("kubeadm", "init", "--config", self.config, *ignored)


KUBEADM_RESET = ("kubeadm", "reset", "--force")


@dataclass(frozen=True, slots=True)
class CheckOwnCluster:
    """See that the cluster is the one kubeadm made for this stack, and that nobody else has anything in it."""

    release: Release


@dataclass(frozen=True, slots=True)
class KubeadmReset:
    """Take away the cluster that kubeadm made for this stack. Done when there is none.

    Attributes:
        release: whose cluster.
        files: absolute paths of what the launch wrote for it outside the stack's folder.
    """

    release: Release
    files: tuple[str, ...] = ()

    def command(self) -> tuple[str, ...]:
        """``kubeadm reset``; it asks nobody, for that was done."""
        return KUBEADM_RESET


@dataclass(frozen=True, slots=True)
class PodNetwork:
    """Give a cluster of kubeadm's a network for its pods. Done when there is a DaemonSet beside kube-proxy."""

    release: Release
    manifest: str


@dataclass(frozen=True, slots=True)
class FreeControlPlane:
    """Let the only node take pods. Done when it does, or there are others."""

    release: Release


@dataclass(frozen=True, slots=True)
class DefaultStorage:
    """Give the cluster a storage class that is taken by default. Done when it has one.

    Attributes:
        release: whose cluster.
        manifest: file or address of a provisioner.
        name: of its storage class.
    """

    release: Release
    manifest: str
    name: str


@dataclass(frozen=True, slots=True)
class StartMicroK8s:
    """Start MicroK8s and switch on what Airflow needs. Done when it runs and all of it is on."""

    folder: str
    addons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaveKubeconfig:
    """Keep what a command prints as the stack's own kubeconfig, for this user alone."""

    folder: str
    command: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class StartJob:
    """Apply a Job. Done when it ended well before: its name says what it does.

    Attributes:
        release: whose.
        file: relative to the stack's folder.
        job: its name.
    """

    release: Release
    file: str
    job: str

    def command(self) -> tuple[str, ...]:
        """``kubectl apply``."""
        return self.release.cluster.with_kubectl("apply", "--server-side", "-f", self.file)


@dataclass(frozen=True, slots=True)
class AwaitJob:
    """See how a Job ends that was started. Done when it ended well before.

    Attributes:
        release: whose.
        job: its name.
        needs: component that it waits for, watched with it; empty for none.
    """

    release: Release
    job: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class InstallRelease:
    """Install the chart, or bring it to what values.yaml says. Done when it was deployed from these very values.

    Attributes:
        release: which.
        chart: as Helm is told it: a name, a folder, an archive or an ``oci://`` address.
        repo: of a chart that is told by its name; else empty.
        version: of the chart; empty where the chart is a folder or archive.
        values: relative to the stack's folder.
        only_new: done as well where any revision is there: what runs is upgraded when its database was.
    """

    release: Release
    chart: str
    repo: str
    version: str
    values: str = "values.yaml"
    only_new: bool = False

    def command(self, told: str = "") -> tuple[str, ...]:
        """``helm upgrade --install``; ``told`` is kept by Helm as the revision's description."""
        words = ["upgrade", "--install", self.release.name, self.chart, "--namespace", self.release.namespace]
        words += ["--repo", self.repo] if self.repo else []
        words += ["--version", self.version] if self.version else []
        words += ["--values", self.values, "--timeout", "5m"]
        words += ["--description", told] if told else []
        return self.release.cluster.with_helm(*words)


@dataclass(frozen=True, slots=True)
class AwaitRollout:
    """Wait until every pod of the release is made from its newest values. Done when none is older."""

    release: Release


@dataclass(frozen=True, slots=True)
class ScaleRelease:
    """Let so many pods of each component run: all of them, or none.

    Attributes:
        release: which.
        replicas: (component, pods).
        stopped: only where there is none by now; whatever number runs elsewhere was chosen by somebody.
    """

    release: Release
    replicas: tuple[tuple[str, int], ...]
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class RestartComponent:
    """Make the pods of one component anew, or one pod."""

    release: Release
    component: str


@dataclass(frozen=True, slots=True)
class RemoveRelease:
    """Uninstall the chart; with ``data`` also database, claims, Secrets, jobs, and with ``namespace`` that as well.

    Attributes:
        release: which.
        files: manifests of the stack's folder whose objects go with the data.
        data: take everything of the stack.
        namespace: the namespace goes too, when it is one that the wizard made and nothing else is in it.
        stays: what does not go, and how it does; told with what went.
    """

    release: Release
    files: tuple[str, ...] = ()
    data: bool = False
    namespace: bool = False
    stays: str = ""


@dataclass(frozen=True, slots=True)
class Forward:
    """Lead a port of this machine to a Service of the cluster, for as long as the stack runs.

    Attributes:
        release: whose.
        service: its name.
        bind: address to listen on.
        port: to listen on.
        target: port of the Service.
        verb: start or stop.
    """

    release: Release
    service: str
    bind: str
    port: int
    target: int = 8080
    verb: Literal["start", "stop"] = "start"

    def command(self) -> tuple[str, ...]:
        """``kubectl port-forward`` as a person would type it."""
        words = ("port-forward", "--address", self.bind, f"service/{self.service}", f"{self.port}:{self.target}")
        return self.release.cluster.with_kubectl("--namespace", self.release.namespace, *words)


KubeAction: TypeAlias = (
    CheckKindPort
    | MakeKindCluster
    | RemoveKindCluster
    | SwitchKindNodes
    | LoadImages
    | AwaitNodes
    | ApplyFiles
    | ApplyKey
    | KubeadmInit
    | CheckOwnCluster
    | KubeadmReset
    | PodNetwork
    | FreeControlPlane
    | DefaultStorage
    | StartMicroK8s
    | SaveKubeconfig
    | StartJob
    | AwaitJob
    | InstallRelease
    | AwaitRollout
    | ScaleRelease
    | RestartComponent
    | RemoveRelease
    | Forward
)
