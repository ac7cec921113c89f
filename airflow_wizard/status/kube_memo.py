"""What of one look at a cluster serves the next one: of thousands of pods few change. Changes no result."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from airflow_wizard.status.kube_pod_state import BEATS
from airflow_wizard.status.order import ROLES
from airflow_wizard.status.rules import STARTING_SECONDS
from airflow_wizard.status.snapshot import Health, Unit, UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from airflow_wizard.engines.kube_pods import Pod

_DIGITS = re.compile(r"(\d+)")
_RANKS = {role: number for number, role in enumerate(ROLES)}
# As they are they stay, until the cluster tells otherwise; everything else gets older, or has a heartbeat.
_CALM = (UnitState.RUNNING, UnitState.DONE, UnitState.EXITED)


class Memo:
    """For one thread at a time."""

    def __init__(self) -> None:
        self._pods: tuple[Pod, ...] = ()
        self._names: dict[str, str] = {}
        self._kept: dict[str, tuple[Pod, Hashable, Unit]] = {}
        self._new: dict[str, tuple[Pod, Hashable, Unit]] = {}
        self._found: list[Unit] = []
        self._sorted: tuple[Unit, ...] = ()

    def names(self, pods: tuple[Pod, ...], make: Callable[[], dict[str, str]]) -> dict[str, str]:
        """What the pods are called; told anew when there is any other."""
        if pods != self._pods or not pods:
            self._pods, self._names = pods, make()
        return self._names

    def unit(self, pod: Pod, beside: Hashable, now: float, make: Callable[[], Unit]) -> Unit:
        """The row of a pod.

        Args:
            pod: which.
            beside: everything else that the row depends on, but for the time and Airflow's word.
            now: unix seconds.
            make: makes it.
        """
        known = self._kept.get(pod.uid)
        if known is not None and known[0] is pod and known[1] == beside:
            self._new[pod.uid] = known
            return known[2]
        unit = make()
        if _is_calm(pod, unit, now):
            self._new[pod.uid] = (pod, beside, unit)
        return unit

    def arranged(self, found: list[Unit], order: Mapping[str, int]) -> tuple[Unit, ...]:
        """Units in the order of their roles; the very same tuple where nothing is different."""
        self._kept, self._new = self._new, {}
        if found != self._found or not self._sorted:
            self._found = found
            self._sorted = tuple(
                sorted(found, key=lambda u: (_RANKS[u.role], order.get(u.component, 99), natural(u.id)))
            )
        return self._sorted


def _is_calm(pod: Pod, unit: Unit, now: float) -> bool:
    if unit.role in BEATS or unit.role == "api" or unit.state not in _CALM or unit.health is Health.STARTING:
        return False
    main = pod.main
    return unit.state is not UnitState.RUNNING or (
        main is not None and main.since is not None and now - main.since > STARTING_SECONDS
    )


@lru_cache(maxsize=16_384)
def natural(name: str) -> tuple[tuple[int, str], ...]:
    """``worker-2`` comes before ``worker-10``."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name))
