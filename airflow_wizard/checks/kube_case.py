"""What checks of a cluster share: when they apply, and what the plan will need of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.options.model import Situation, Target
from airflow_wizard.options.registry import option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airflow_wizard.checks.model import Case
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import Json

# Targets whose cluster may be there before the launch; kind makes its own.
EXISTING = frozenset({Target.CONTEXT, Target.MICROK8S, Target.KUBEADM})
# What says that a cluster is made or started first.
BEFORE = ("kubeadm_preflight", "microk8s_status")
# What the door of a server looks like on which kubeadm has not made a cluster yet.
NO_CLUSTER = frozenset({"no_context", "kubectl_missing", "bad_kubeconfig", "refused"})


def reached(judge: Callable[[Case], Finding]) -> Callable[[Case], Finding]:
    """``judge`` where the cluster answers; elsewhere its row says that it follows from that."""

    def judged(case: Case) -> Finding:
        if case.facts.value("cluster", "reachable") is True:
            return judge(case)
        if is_bare(case) or is_stopped(case):
            later = case.info("no cluster yet", "The launch makes or starts it, and looks at it then.")
            return replace(later, causes=("kube.reachable",))
        if case.facts.text("cluster", "error_kind") == "not_named":
            return case.unknown("no context is named", causes=("kube.context", "kube.reachable"))
        return case.unknown("the cluster could not be asked", causes=("kube.reachable",))

    return judged


def is_bare(case: Case) -> bool:
    """A server on which kubeadm shall make the cluster first."""
    made = case.facts.value("kubeadm_preflight", "made")
    return case.target is Target.KUBEADM and made is not True and case.facts.text("cluster", "error_kind") in NO_CLUSTER


def is_stopped(case: Case) -> bool:
    """A MicroK8s that the launch starts first."""
    status = case.facts.value("microk8s_status")
    known = status if case.target is Target.MICROK8S and isinstance(status, dict) else {}
    return known.get("permitted") is True and known.get("running") is False


def settled(case: Case, name: str) -> Answer:
    """An answer, or what it is by default for this target; None where the option does not apply."""
    if name in case.answers:
        return case.answers[name]
    asked = option(name)
    if case.target is None or case.target not in asked.targets:
        return None
    situation = Situation(case.target, case.facts, case.answers)
    return asked.default(situation) if asked.applies(situation) else None


def said(case: Case, name: str) -> str:
    """`settled` as text; empty for none."""
    value = settled(case, name)
    return "" if value is None or isinstance(value, tuple) else str(value)


def kubectl(case: Case, *words: str) -> tuple[str, ...]:
    """A kubectl command for the cluster, as a person would type it."""
    program = ("microk8s", "kubectl") if case.target is Target.MICROK8S else ("kubectl",)
    file = said(case, "kubeconfig")
    context = case.facts.text("cluster", "context") or said(case, "context")
    return (
        *program,
        *(("--kubeconfig", file) if file else ()),
        *(("--context", context) if context and case.target is not Target.MICROK8S else ()),
        *words,
    )


def rows(value: Json) -> Iterator[Mapping[str, Json]]:
    """The mappings in a list of a fact."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            yield entry


def words(value: Json) -> list[str]:
    """The texts in a list of a fact."""
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def amount(row: Mapping[str, Json], key: str) -> float | None:
    """A number in a mapping of a fact; None when there is none."""
    value = row.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
