"""Checks of versions that have to fit together: kubectl and the cluster, Helm and the cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import BEFORE, EXISTING, reached, said
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import KUBERNETES_TARGETS, Target

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

_MINOR = re.compile(r"v?(\d+)\.(\d+)")
# The Kubernetes that each Helm is built for; it works with the three before. Source: go.mod of each release.
_BUILT_FOR = {
    (3, 19): (1, 34),
    (3, 20): (1, 35),
    (3, 21): (1, 36),
    (4, 0): (1, 34),
    (4, 1): (1, 35),
    (4, 2): (1, 36),
    (4, 3): (1, 37),
}
# The oldest that Airflow's chart is tested on.
_OLDEST = (1, 30)


def minor(version: str) -> tuple[int, int] | None:
    """``(1, 36)`` for ``v1.36.3+k3s1``; None for what is no version."""
    found = _MINOR.match(version)
    return (int(found[1]), int(found[2])) if found else None


def _skew(case: Case) -> Finding:
    server, client = minor(case.facts.text("cluster", "version")), minor(case.facts.text("kubectl", "version"))
    if server is None:
        return case.unknown("the cluster did not say its version")
    there = f"Kubernetes {server[0]}.{server[1]}"
    if server < _OLDEST:
        why = "Airflow's chart is made for 1.30 and newer; older ones get no fixes either."
        look = Fix(
            "See how your cluster is upgraded",
            commands=(("xdg-open", "https://kubernetes.io/docs/tasks/administer-cluster/cluster-upgrade/"),),
        )
        return case.warn(there, "1.30", why, look)
    if case.target is Target.MICROK8S:
        return case.ok(f"{there}, with its own kubectl")
    if client is None:
        return case.unknown("kubectl did not say its version")
    found = f"kubectl {client[0]}.{client[1]}, {there}"
    if client[0] != server[0] or abs(client[1] - server[1]) > 1:
        why = "They understand each other for certain when they are at most one release apart."
        version = f"v{case.facts.text('cluster', 'version').partition('+')[0].partition('-')[0]}"
        get = Fix("Get one that fits", commands=(("airflow-wizard", "tools", "get", "kubectl", "--version", version),))
        return case.warn(found, f"kubectl {server[0]}.{server[1]}", why, get)
    return case.ok(found)


def _helm(case: Case) -> Finding:
    helm = minor(case.facts.text("helm", "version"))
    if not case.facts.text("helm", "path"):
        return case.unknown("Helm is not installed", causes=("tool.helm",))
    if helm is None:
        return case.unknown("Helm did not say its version")
    server = minor(case.facts.text("cluster", "version"))
    if case.target is Target.KIND:
        found = re.search(r":(v?[\d.]+)", said(case, "node_image"))
        server = minor(found[1]) if found else None
    built = _BUILT_FOR.get(helm, max(_BUILT_FOR.values()) if helm > max(_BUILT_FOR) else (1, 0))
    newer = Fix("Get the newest", commands=(("airflow-wizard", "tools", "get", "helm"),))
    text = f"{helm[0]}.{helm[1]}"
    if server is not None and server > built and helm in _BUILT_FOR:
        why = f"This one was built for Kubernetes {built[0]}.{built[1]} and the three releases before."
        return case.warn(f"{text}, Kubernetes {server[0]}.{server[1]}", _for(server), why, newer)
    if helm[0] < 4:
        return case.info(
            text, "Helm 3 has had its last fix in November 2026; Airflow's chart installs with 4 as well.", newer
        )
    return case.ok(text)


def _for(server: tuple[int, int]) -> str:
    fitting = [helm for helm, built in _BUILT_FOR.items() if built >= server]
    return ".".join(map(str, max(fitting))) if fitting else "a newer one"


CHECKS = (
    Check(
        "kube.skew",
        "Versions",
        "Neighbouring releases understand each other.",
        ("cluster", "kubectl"),
        reached(_skew),
        EXISTING,
        also=BEFORE,
    ),
    Check(
        "helm.version",
        "Helm's version",
        "Each Helm is made for some releases of Kubernetes.",
        ("helm",),
        _helm,
        KUBERNETES_TARGETS,
        also=("cluster",),
    ),
)
