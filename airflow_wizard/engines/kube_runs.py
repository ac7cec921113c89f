"""Runs of containers in pods, as far as their logs are concerned. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_pods import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.kube_pods import Pod, PodContainer

# More connections than these cost more than anybody reads; stern stops at 50.
MOST = 80
OOM = "OOMKilled"


@dataclass(frozen=True, slots=True)
class Run:
    """One container of a pod whose log can be read.

    Attributes:
        pod: it is in.
        container: as it is now.
        unit: name of its lines.
    """

    pod: Pod
    container: PodContainer
    unit: str

    @property
    def key(self) -> tuple[str, str]:
        """The container, whichever run of it."""
        return self.pod.uid, self.container.name

    @property
    def alive(self) -> bool:
        """Whether it may still write."""
        return self.container.state == "running"

    @property
    def code(self) -> int | None:
        """Exit code of the run that ended last."""
        return self.container.last_code if self.container.exit_code is None else self.container.exit_code

    @property
    def oom(self) -> bool:
        """Whether the run that ended last ended for memory."""
        return OOM in (self.container.reason, self.container.last_reason)


def runs(pods: Iterable[Pod], names: dict[str, str], units: Iterable[str] | None) -> list[Run]:
    """What can be read, what matters most first: what keeps running, then what came last.

    Args:
        pods: all of them.
        names: of each pod, by uid.
        units: components, pods, or ``pod/container``; None for all.
    """
    wanted = None if units is None else set(units)
    found = []
    for pod in pods:
        name = names.get(pod.uid, pod.name)
        for container in pod.containers:
            unit = name if container.part is Part.MAIN else f"{name}/{container.name}"
            if container.run and (wanted is None or wanted & {name, unit, pod.component, pod.name}):
                found.append(Run(pod, container, unit))
    return sorted(found, key=_order)


def _order(run: Run) -> tuple[bool, bool, bool, float]:
    second = run.container.part is not Part.MAIN
    return bool(run.pod.task), not run.alive, second, -(run.pod.created or 0.0)


def known(pods: Iterable[Pod], names: dict[str, str]) -> list[str]:
    """What may be named: components, pods, and containers beside the main ones."""
    listed: dict[str, None] = {}
    for pod in pods:
        name = names.get(pod.uid, pod.name)
        for one in (*([pod.component] if pod.component and not pod.task else []), name):
            listed.setdefault(one)
        for container in pod.containers:
            if container.part is not Part.MAIN:
                listed.setdefault(f"{name}/{container.name}")
    return list(listed)
