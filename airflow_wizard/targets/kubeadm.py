"""A cluster made with kubeadm on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.machine import KUBEADM_CPUS, KUBEADM_MEMORY
from airflow_wizard.options.model import Target
from airflow_wizard.targets.later import LaterTarget, missing_tools
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts


class Kubeadm(LaterTarget):
    """See `LaterTarget`."""

    name = Target.KUBEADM
    title = "kubeadm"
    minutes = 6.0
    memory = 5_000_000_000
    about = "A plain Kubernetes on your own server, with a domain in front of it. Best when you already run one."

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
        return missing_tools(facts, "kubeadm", "kubectl", "helm") or (Verdict.FITS, "about 6 minutes, 5 GB")


TARGET = Kubeadm()
