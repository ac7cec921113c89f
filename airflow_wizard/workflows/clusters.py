"""Which cluster the answers name, before anything else is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube.names import release_of
from airflow_wizard.cluster import Cluster
from airflow_wizard.engines import probe_command
from airflow_wizard.host.collect import collect
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.host.probe import Ask
from airflow_wizard.options.model import KUBERNETES_TARGETS, Situation, Target
from airflow_wizard.options.registry import option
from airflow_wizard.paths import expanded, state_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Answer

# What a stack is called that nobody has named.
_STACK = "airflow"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which cluster a stack is to be.

    Attributes:
        cluster: None where none is named, or where it is made first.
        namespace: in it.
        release: name of the Helm release.
        images: that its nodes will run.
        chart_source: where the Helm chart comes from.
    """

    cluster: Cluster | None = None
    namespace: str = ""
    release: str = ""
    images: tuple[str, ...] = ()
    chart_source: str = ""


def place_of(target: Target, answers: Mapping[str, Answer], stack: str) -> Place:
    """The place that the answers, or the defaults of the target where there are none, mean."""
    if target not in KUBERNETES_TARGETS:
        return Place()
    # Which file is meant depends on the contexts that the person's own kubeconfig has.
    facts = collect(("kubectl",), Ask(state_dir())) if target is Target.KUBEADM else HostFacts()
    given = {name: value for name, value in answers.items() if value is not None}
    situation = Situation(target, facts, {"context": option("context").default(Situation(target, facts, {})), **given})

    def text(name: str) -> str:
        asked = option(name)
        value = answers.get(name)
        if value is None and target in asked.targets and asked.applies(situation):
            value = asked.default(situation)
        return value if isinstance(value, str) else ""

    return Place(
        _cluster(target, text("context"), text("kubeconfig")) if target is not Target.KIND else None,
        text("namespace"),
        release_of(stack or _STACK),
        (text("image") or f"apache/airflow:{text('airflow_version')}",),
        text("chart_source"),
    )


def _cluster(target: Target, context: str, kubeconfig: str) -> Cluster | None:
    if not context:
        return None
    if target is Target.MICROK8S and probe_command.find("microk8s"):
        # Its own kubectl knows where to look; a context of that name need not be in the person's kubeconfig.
        return Cluster(context, kubectl=("microk8s", "kubectl"))
    return Cluster(context, str(expanded(kubeconfig)) if kubeconfig else "")
