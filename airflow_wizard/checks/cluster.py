"""Checks of the programs that Kubernetes targets need. What is inside a cluster is not looked at here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from airflow_wizard.checks.docker import numbers
from airflow_wizard.checks.hints import fetch_tool, install_tool
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

# Airflow's chart 1.22 asks for it.
HELM_LEAST = (3, 19, 0)
# What its makers publish as one file with a digest beside it.
_FETCHED = ("kubectl", "helm", "kind")
_SNAPS: dict[str, tuple[str, ...]] = {
    "kubectl": ("--classic",),
    "helm": ("--classic",),
    "microk8s": ("--classic", "--channel=1.36/stable"),
}


def _tool(case: Case, name: str, why: str) -> Finding:
    path, version = case.facts.text(name, "path"), case.facts.text(name, "version")
    fixes = (*((fetch_tool(name),) if name in _FETCHED else ()), _install(case, name))
    if not path:
        return case.fail("not installed", name, why, *fixes)
    read = numbers(version)
    if name == "helm" and read is not None and read < HELM_LEAST:
        why = "Airflow's chart needs functions that older ones do not have."
        return case.fail(one_line(version), "3.19", why, *fixes)
    return case.ok(one_line(f"{version} ({path})" if version else path))


def _install(case: Case, name: str) -> Fix:
    if name == "kubeadm":
        return Fix(
            "Install it by the Kubernetes documentation for your distribution",
            commands=(("xdg-open", "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/"),),
        )
    return install_tool(case.facts, name, _SNAPS.get(name, ()))


def _context(case: Case) -> Finding:
    names = case.facts.value("kubectl", "contexts")
    current = case.facts.text("kubectl", "current")
    if names is None:
        return case.unknown("kubectl did not list its contexts in time")
    known = [str(n) for n in names] if isinstance(names, list) else []
    wanted = case.answer("context")
    shown = one_line(", ".join(known), limit=100)
    if not known:
        return case.fail(
            "no kube context",
            "a context of a cluster",
            "The cluster that Airflow is installed into is named by a context.",
            Fix(
                "Name the file your cluster's administrator gave you",
                commands=(("export", "KUBECONFIG=/path/to/config"),),
            ),
        )
    if not wanted:
        chosen = f"current is {one_line(current)}, " if current else ""
        return case.info(f"{chosen}known: {shown}", "Which one is used is asked: the current one is never assumed.")
    if wanted not in known:
        return case.fail(
            f"{one_line(wanted)!r} is not among {shown}",
            "one of your contexts",
            "Nothing is guessed: installing into the wrong cluster is hard to undo.",
            *(
                Fix(f"Use {one_line(name)}", answers=(("context", name),), id=f"context.use-{number}")
                for number, name in enumerate(known[:3], 1)
            ),
        )
    return case.ok(one_line(wanted))


def _declare(name: str, why: str, targets: frozenset[Target]) -> Check:
    return Check(f"tool.{name}", name, why, (name,), partial(_tool, name=name, why=why), targets, also=("system",))


CHECKS = (
    _declare("kind", "It makes the cluster out of containers.", frozenset({Target.KIND})),
    _declare("microk8s", "It is the cluster.", frozenset({Target.MICROK8S})),
    _declare("kubeadm", "It makes the cluster.", frozenset({Target.KUBEADM})),
    _declare("kubectl", "It talks to the cluster.", KUBERNETES_TARGETS - {Target.MICROK8S}),
    _declare("helm", "It installs Airflow's chart.", KUBERNETES_TARGETS),
    Check(
        "kube.context",
        "Kube context",
        "It names the cluster.",
        ("kubectl",),
        _context,
        frozenset({Target.CONTEXT}),
    ),
)
