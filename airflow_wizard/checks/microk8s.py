"""Checks of MicroK8s: the group, whether it runs, its add-ons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.kube_case import said, words
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

_MICROK8S = frozenset({Target.MICROK8S})


def _running(case: Case) -> Finding:
    if case.facts.value("microk8s_status", "permitted") is not True:
        user = case.facts.text("system", "user") or "YOU"
        return case.fail(
            "you may not use it",
            "the group microk8s",
            "Only its members and root may talk to it.",
            Fix(
                "Join the group (its members can become root), then log in again or use newgrp",
                Risk.PRIVILEGED,
                (("sudo", "usermod", "-a", "-G", "microk8s", user), ("newgrp", "microk8s")),
            ),
        )
    if case.facts.value("microk8s_status", "running") is not True:
        error = one_line(case.facts.text("microk8s_status", "error"), limit=100)
        return case.warn(
            error or "it does not run",
            "a running one",
            "It is the cluster. The launch starts it first.",
            Fix("Start it", commands=(("microk8s", "start"),)),
            Fix("See what it lacks", commands=(("microk8s", "inspect"),)),
        )
    return case.ok("running")


def _addons(case: Case) -> Finding:
    if case.facts.value("microk8s_status", "running") is not True:
        return case.unknown("it does not run", causes=("microk8s.running",))
    there = words(case.facts.value("microk8s_status", "addons"))
    # "storage" is the older name of the same add-on.
    wanted = {"dns": ("dns",), "hostpath-storage": ("hostpath-storage", "storage")}
    if said(case, "storage_class") not in ("microk8s-hostpath", ""):
        del wanted["hostpath-storage"]
    if said(case, "ingress_host"):
        wanted["ingress"] = ("ingress",)
    missing = [name for name, names in wanted.items() if not any(known in there for known in names)]
    if missing:
        return case.warn(
            f"off: {', '.join(missing)}",
            ", ".join(wanted),
            "Without them pods do not find each other, or wait for their volumes. The launch switches them on.",
            Fix("Switch them on", Risk.DISRUPTIVE, (("microk8s", "enable", *missing),)),
        )
    return case.ok(one_line(", ".join(name for name in there if name in wanted) or "none is needed"))


CHECKS = (
    Check(
        "microk8s.running",
        "MicroK8s",
        "It is the cluster.",
        ("microk8s_status",),
        _running,
        _MICROK8S,
        also=("system",),
    ),
    Check(
        "microk8s.addons",
        "Add-ons",
        "Names, volumes and ingress come from them.",
        ("microk8s_status",),
        _addons,
        _MICROK8S,
    ),
)
