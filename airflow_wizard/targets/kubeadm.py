"""A cluster made with kubeadm on this machine: the one that is there, or a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import kubeadm
from airflow_wizard.checks.machine import KUBEADM_CPUS, KUBEADM_MEMORY
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions, kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.kube import KubeTarget, remove_files
from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.needs import missing_tools
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import HostFacts

_FACT = "kubeadm_preflight"
_SYSCTL = "/etc/sysctl.d/99-airflow-wizard.conf"
_STAYS = "the cluster that was made for it stays: sudo kubeadm reset"
_STORAGE = "local-path"  # the class of local-path-provisioner's own manifest


class Kubeadm(KubeTarget):
    """See `KubeTarget`."""

    name = Target.KUBEADM
    title = "kubeadm"
    minutes = 4.0
    memory = 5_000_000_000
    about = "A plain Kubernetes on your own server, with a domain in front of it. One that is there is used as it is."

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs Linux, two processors, 1700 MB and the tools."""
        if facts.text("system", "os") not in ("linux", ""):
            return Verdict.CANNOT, "it runs on Linux only"
        if facts.number("system", "wsl"):
            return Verdict.CANNOT, "WSL has no stable address for a cluster"
        cpus, memory = facts.number("cpu", "count"), facts.number("memory", "total")
        if cpus is not None and cpus < KUBEADM_CPUS:
            return Verdict.CANNOT, f"{KUBEADM_CPUS} CPUs are needed, {cpus:g} here"
        if memory is not None and memory < KUBEADM_MEMORY:
            return Verdict.CANNOT, f"{human_bytes(KUBEADM_MEMORY)} of memory are needed, {human_bytes(memory)} here"
        return missing_tools(facts, "kubeadm", "kubectl", "helm") or (Verdict.FITS, "about 4 minutes, 5 GB")

    def cluster_steps(self, request: StackRequest) -> list[Step]:
        """The cluster, where there is none; and what it lacks."""
        runs, answers = kube_launch.release(request), request.answers
        kubectl = runs.cluster.with_kubectl
        network, storage = answers.text("pod_network"), answers.text("storage_manifest")
        taint = ("taint", "nodes", "--all", "node-role.kubernetes.io/control-plane-")
        lacking = [
            Step(
                "network",
                "Network of the pods",
                kube_actions.PodNetwork(runs, network),
                kubectl("apply", "-f", network),
            ),
            Step("nodes", "Nodes are ready", kube_actions.AwaitNodes(runs), usual=10.0),
            Step("taint", "Let the node take pods", kube_actions.FreeControlPlane(runs), kubectl(*taint)),
            Step(
                "storage",
                "Storage by default",
                kube_actions.DefaultStorage(runs, storage, answers.text("storage_class") or _STORAGE),
                kubectl("apply", "-f", storage),
            ),
        ]
        if request.facts.value(_FACT, "made") is not True:
            return [*self._new(request), *lacking]  # also where the one that was made has gone since
        if request.facts.value(_FACT, "ours") is True:
            return lacking  # made by an earlier launch, which may have been ended before it came to these
        # Somebody's cluster, with a network and taints of its own.
        return [lacking[1], lacking[3]]

    def destroy(self, request: StackRequest, *, images: bool = False, cluster: bool = False) -> tuple[Step, ...]:
        """As everywhere; with ``cluster`` also a cluster that was made for this stack and that nobody else needs."""
        del images
        runs, facts = kube_launch.release(request), request.facts
        away, files = kube_launch.forward_steps(request, "stop"), remove_files(request)
        action = kube_actions.KubeadmReset(runs, (_SYSCTL,))
        reset = Step("cluster", "Remove the cluster", action, action.command(), Risk.PRIVILEGED, usual=15.0)
        if facts.value(_FACT, "half") is True:
            return (*away, reset, *files)  # nothing in it can be asked any more, or yet
        if facts.value(_FACT, "made") is False:
            return (*away, *files)  # it went before, and all that was in it
        if facts.value(_FACT, "ours") is not True:
            return super().destroy(request)
        if not cluster:
            return (*self._down(request, volumes=True, stays=_STAYS), *files)
        alone = Step("alone", "See that nobody else needs the cluster", kube_actions.CheckOwnCluster(runs), usual=0.5)
        return (alone, *self._down(request, volumes=True), reset, *files)

    @staticmethod
    def _new(request: StackRequest) -> list[Step]:
        """What changes this machine: each with an administrator's rights."""
        runs, steps = kube_launch.release(request), []
        if request.facts.value(_FACT, "ip_forward") == "0":
            line = f"echo net.ipv4.ip_forward=1 >{_SYSCTL} && sysctl -p {_SYSCTL}"
            steps.append(_command(request, "forwarding", "Let the machine pass packets on", ("sh", "-c", line)))
        if request.facts.value(_FACT, "runtime") == "":
            start = ("systemctl", "enable", "--now", "containerd")
            steps.append(_command(request, "runtime", "Start containerd", start))
        action = kube_actions.KubeadmInit(runs, "kubeadm.yaml", kubeadm.ignored(request))
        steps.append(Step("cluster", "Make the cluster", action, action.command(), Risk.PRIVILEGED, usual=40.0))
        return steps


def _command(request: StackRequest, id_: str, title: str, argv: tuple[str, ...]) -> Step:
    action = actions.RunCommand(argv, request.folder, unit=id_)
    return Step(id_, title, action, argv, Risk.PRIVILEGED, usual=1.0)


TARGET = Kubeadm()
