"""What the pods of a release are called, and which component and role they are of. Pure.

A pod is called after its component where it is the only one of it; else with the end of its own name.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.kube_pods import Pod

_ROLES = {
    "postgres": "database", "postgresql": "database", "pgbouncer": "database", "redis": "broker",
    "init": "init", "run-airflow-migrations": "init", "create-user-job": "init",
    "api-server": "api", "webserver": "api", "scheduler": "scheduler", "dag-processor": "dag-processor",
    "worker": "worker", "triggerer": "triggerer",
}  # fmt: skip
_LONGEST = 60


def role_of(component: str, *, task: bool = False) -> str:
    """The role of a component, by the chart's names."""
    return "task" if task else _ROLES.get(component, "other")


def component_of(pod: Pod, release: str) -> str:
    """The component of a pod; what its name says where no label does."""
    if pod.component:
        return pod.component
    name = pod.owner[1] or pod.name
    return name.removeprefix(f"{release}-") or name


def precedence(pod: Pod) -> tuple[bool, bool, float, str]:
    """Of two pods that stand for the same, the one with the higher one counts: one that stays, the newest."""
    return pod.deleted is None, not pod.over, pod.created or 0.0, pod.name


def unit_names(pods: Iterable[Pod], release: str) -> dict[str, str]:
    """What each pod is called, by uid: the same whoever asks, as long as the same pods are there."""
    pods = tuple(pods)
    together: dict[str, list[Pod]] = {}
    for pod in pods:
        if not pod.task:
            together.setdefault(component_of(pod, release), []).append(pod)
    names = {pod.uid: f"{pod.task}-{_end(pod)}" for pod in pods if pod.task}
    for component, found in together.items():
        first = max(found, key=precedence)
        # Several of one set are equals; of several sets, one takes the place of the others.
        equals = [p for p in found if p.owner == first.owner and p.deleted is None and not p.over]
        alone = first.uid if len(equals) <= 1 else ""
        names |= {p.uid: component if p.uid == alone else f"{component}-{_end(p)}" for p in found}
    count = Counter(names.values())
    for pod in pods:
        name = names[pod.uid]
        if count[name] > 1 or len(name) > _LONGEST:
            names[pod.uid] = one_line(pod.name, limit=2 * _LONGEST)
    return names


def _end(pod: Pod) -> str:
    """The part of its name that no other of its kind has: a number, or five letters."""
    return pod.name.rpartition("-")[2]
