"""Any other cluster that a kube context names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options.model import Target
from airflow_wizard.run import kube_actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import kube_launch
from airflow_wizard.targets.kube import KubeTarget
from airflow_wizard.targets.model import Verdict
from airflow_wizard.targets.needs import missing_tools
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import HostFacts


class Context(KubeTarget):
    """See `KubeTarget`. Nothing of the cluster is made or changed but what the plan lists."""

    name = Target.CONTEXT
    title = "A cluster you have"
    minutes = 3.0
    memory = 4_000_000_000
    about = (
        "Kubernetes that is already there: k3s, minikube, EKS, GKE, AKS. Nothing in it is changed before you confirm "
        "the context, and what is not the wizard's stays as it is."
    )

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs kubectl with a context, and helm. The cluster is not contacted."""
        if missing := missing_tools(facts, "kubectl", "helm"):
            return missing
        contexts = facts.value("kubectl", "contexts")
        if contexts is None:
            return Verdict.UNKNOWN, "kubectl did not list its contexts in time"
        if not isinstance(contexts, list) or not contexts:
            return Verdict.NEEDS, "a kube context"
        current = one_line(facts.text("kubectl", "current"), limit=40)
        return Verdict.FITS, f"context {current}, not contacted yet" if current else f"{len(contexts)} contexts"

    def cluster_steps(self, request: StackRequest) -> list[Step]:
        """A look at the cluster."""
        return [Step("nodes", "Nodes are ready", kube_actions.AwaitNodes(kube_launch.release(request)), usual=1.0)]


TARGET = Context()
