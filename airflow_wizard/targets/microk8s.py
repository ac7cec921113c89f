"""MicroK8s on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.machine import MICROK8S_MEMORY
from airflow_wizard.options.model import Target
from airflow_wizard.run import kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.kube import KubeTarget
from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.needs import missing_tools
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import HostFacts

_NEEDED = ("dns", "hostpath-storage")


class MicroK8s(KubeTarget):
    """See `KubeTarget`."""

    name = Target.MICROK8S
    title = "microk8s"
    minutes = 4.0
    memory = 5_000_000_000
    about = "A small Kubernetes that is one snap. Best for a team's server: it restarts with the machine."

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs Linux, snap's microk8s and helm."""
        if facts.text("system", "os") == "macos":
            return Verdict.CANNOT, "on a Mac it runs only in a virtual machine of its own"
        total = facts.number("memory", "total")
        if total is not None and total < MICROK8S_MEMORY:
            return Verdict.CANNOT, f"4 GB of memory are needed, {human_bytes(total)} here"
        # The helm that comes with it is older than Airflow's chart asks for.
        return missing_tools(facts, "microk8s", "helm") or (Verdict.FITS, "about 4 minutes, 5 GB")

    def cluster_steps(self, request: StackRequest) -> list[Step]:
        """Its add-ons, and a kubeconfig of the stack's own."""
        runs = kube_launch.release(request)
        addons = (*_NEEDED, *(("ingress",) if request.answers.text("ingress_host") else ()))
        enable, config = ("microk8s", "enable", *addons), ("microk8s", "config")
        save = kube_actions.SaveKubeconfig(request.folder, config, runs.cluster.kubeconfig)
        start = kube_actions.StartMicroK8s(request.folder, addons)
        return [
            Step("cluster", "MicroK8s and its add-ons", start, enable, usual=20.0),
            Step("kubeconfig", "The way to the cluster", save, config, usual=0.5),
            Step("nodes", "Nodes are ready", kube_actions.AwaitNodes(runs), usual=5.0),
        ]


TARGET = MicroK8s()
