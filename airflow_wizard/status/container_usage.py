"""What the containers of a project take, kept between looks: shares of a core need two, memory is read seldom."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_use import ControlGroup, control_group
from airflow_wizard.status.rules import UsageNow
from airflow_wizard.status.shares import Shares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.engines.containers import Engine

# Memory changes slowly and costs the most to read.
_MEMORY_SECONDS = 20.0
# An engine elsewhere has to be asked for every figure.
_ASK_SECONDS = 5.0


@dataclass(slots=True)
class _Kept:
    """What is known of one run of a container."""

    group: ControlGroup | None
    asked: float = float("-inf")
    measured: float = float("-inf")
    cpu: float = 0.0
    memory: int | None = None
    processes: int = 0
    share: float | None = None


class ContainerUsage:
    """Figures by container id. For one thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], _Kept] = {}
        self._shares: Shares[tuple[str, int]] = Shares()
        self.here: frozenset[str] = frozenset()

    def look(self, engine: Engine, containers: Iterable[Container]) -> dict[str, UsageNow]:
        """Figures of those that run.

        Raises:
            EngineUnreachableError: it had to be asked and does not answer.
        """
        kept, usage, now = {}, {}, time.monotonic()
        for container in containers:
            if not container.running:
                continue
            key = (container.id, container.pid)
            one = kept[key] = self._kept.get(key) or _Kept(control_group(*key))
            if one.group is None or not self._measure(one, one.group, key, now):
                self._ask(one, engine, key, now)
            if one.processes:
                usage[container.id] = UsageNow(one.processes, one.share, one.memory, container.started)
        self._shares.looked()
        self._kept = kept
        self.here = frozenset(id_ for (id_, _), one in kept.items() if one.group is not None)
        return usage

    def _measure(self, one: _Kept, group: ControlGroup, key: tuple[str, int], now: float) -> bool:
        cpu = group.cpu_seconds()
        if cpu is None:
            return False
        one.share = self._shares.share(key, cpu, at=now)
        if now - one.measured >= _MEMORY_SECONDS:
            one.measured = now
            one.processes, one.memory = len(group.pids()), group.memory()
        return one.memory is not None

    def _ask(self, one: _Kept, engine: Engine, key: tuple[str, int], now: float) -> None:
        """From the engine: everything when its machine is another one, memory when this user may not read it."""
        if now - one.asked >= (_ASK_SECONDS if one.group is None else _MEMORY_SECONDS):
            sample = engine.sample(key[0])
            if sample is None:
                return
            one.asked, one.cpu, one.memory, one.processes = now, sample.cpu_seconds, sample.memory, sample.processes
        if one.group is None:
            # Between two answers nothing is known: the share stays that of the last two.
            one.share = self._shares.share(key, one.cpu, at=one.asked)
