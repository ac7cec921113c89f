"""MicroK8s on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.machine import MICROK8S_MEMORY
from airflow_wizard.options.model import Target
from airflow_wizard.targets.later import LaterTarget, missing_tools
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts


class MicroK8s(LaterTarget):
    """See `LaterTarget`."""

    name = Target.MICROK8S
    title = "microk8s"
    minutes = 5.0
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
        return missing_tools(facts, "microk8s", "helm") or (Verdict.FITS, "about 5 minutes, 5 GB")


TARGET = MicroK8s()
