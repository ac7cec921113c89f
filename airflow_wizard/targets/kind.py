"""A Kubernetes cluster inside containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.engine import KIND_COMFORT
from airflow_wizard.options.model import Target
from airflow_wizard.targets.later import LaterTarget, engine_verdict, missing_tools
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts


class Kind(LaterTarget):
    """See `LaterTarget`."""

    name = Target.KIND
    title = "kind"
    minutes = 4.0
    memory = KIND_COMFORT
    about = (
        "A throw-away Kubernetes cluster in containers on this machine. Best for trying the chart and pod operators."
    )

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs an engine with 6 GB, kind, kubectl and helm."""
        if blocked := engine_verdict(facts):
            return blocked
        if facts.text("docker", "cgroup_version") == "1" and facts.value("docker", "rootless") is True:
            return Verdict.CANNOT, "kind refuses a rootless engine on control groups v1"
        if missing := missing_tools(facts, "kind", "kubectl", "helm"):
            return missing
        memory = facts.number("docker", "memory")
        if memory is not None and memory < KIND_COMFORT:
            return Verdict.NEEDS, f"6 GB for the engine, which has {human_bytes(memory)}"
        return Verdict.FITS, "about 4 minutes, 6 GB"


TARGET = Kind()
