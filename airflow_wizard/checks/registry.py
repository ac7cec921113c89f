"""All host checks, in the order they are shown."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from airflow_wizard.checks.model import decide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.checks.model import Check
    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.options.model import Target

_MODULES = (
    "machine", "place", "install", "docker", "engine", "kind_host", "cluster", "kubeadm", "microk8s", "kube_door",
    "kube_versions", "chart", "kube_rights", "kube_nodes", "kube_storage", "kube_leftovers",
)  # fmt: skip


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check there is."""
    return tuple(c for name in _MODULES for c in import_module(f"airflow_wizard.checks.{name}").CHECKS)


def checks_for(target: Target | None) -> tuple[Check, ...]:
    """Checks that matter for a target; those of the overview while it is open."""
    if target is None:
        return tuple(c for c in all_checks() if c.overview)
    return tuple(c for c in all_checks() if target in c.targets)


def judge(facts: HostFacts, target: Target | None = None, answers: Mapping[str, Answer] | None = None) -> list[Finding]:
    """The findings of all checks that matter, in the order they are shown."""
    return [decide(check, facts, answers or {}, target) for check in checks_for(target)]
