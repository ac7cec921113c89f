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

# PSS changes slowly and costs the most to read; what a limit counts is one small file.
_MEMORY_SECONDS = 30.0
# What was started just now grows: for so long its memory is read so often.
_YOUNG, _YOUNG_SECONDS = 60.0, 3.0
# An engine elsewhere has to be asked for every figure: this old they may get, ...
_ASK_SECONDS = 5.0
# ... and so many questions a second it is asked, but for a first screenful.
_ASKS = 0.5
_AT_FIRST = 12.0


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
        self._asks = _AT_FIRST
        self._at = time.monotonic()
        self.here: frozenset[str] = frozenset()

    def look(
        self,
        engine: Engine,
        containers: Iterable[Container],
        *,
        only: frozenset[str] | None = None,
        hurry: bool = True,
    ) -> dict[str, UsageNow]:
        """Figures of those that run.

        Args:
            engine: is asked where the kernel cannot be.
            containers: all of them.
            only: ids of those that are measured; None for all.
            hurry: ask for all that is wanted at once, instead of a few at each look.

        Raises:
            EngineUnreachableError: it had to be asked and does not answer.
        """
        kept, usage, now = {}, {}, time.monotonic()
        self._asks = float("inf") if hurry else min(_AT_FIRST, self._asks + (now - self._at) * _ASKS)
        self._at = now
        running = [container for container in containers if container.running]
        for container in running:
            key = (container.id, container.pid)
            kept[key] = self._kept.get(key) or _Kept(control_group(*key))
        # Who waits longest is asked first.
        for container in sorted(running, key=lambda c: kept[c.id, c.pid].asked):
            key = (container.id, container.pid)
            one = kept[key]
            if only is not None and container.id not in only:
                continue
            if one.group is None or not self._measure(one, one.group, container, now):
                self._ask(one, engine, key, now)
            if one.processes:
                usage[container.id] = UsageNow(one.processes, one.share, one.memory, container.started)
        self._shares.looked()
        self._kept = kept
        self.here = frozenset(id_ for (id_, _), one in kept.items() if one.group is not None)
        return usage

    def _measure(self, one: _Kept, group: ControlGroup, container: Container, now: float) -> bool:
        cpu = group.cpu_seconds()
        if cpu is None:
            return False
        one.share = self._shares.share((container.id, container.pid), cpu, at=now)
        if container.memory_limit and (size := group.working_set()) is not None:
            one.processes, one.memory = max(1, one.processes), size
        if now - one.measured >= _lasts(container):
            one.measured = now
            one.processes = len(group.pids())
            if not container.memory_limit or one.memory is None:
                one.memory = group.memory()
        return one.memory is not None

    def _ask(self, one: _Kept, engine: Engine, key: tuple[str, int], now: float) -> None:
        """From the engine: everything when its machine is another one, memory when this user may not read it."""
        if self._asks >= 1.0 and now - one.asked >= (_ASK_SECONDS if one.group is None else _MEMORY_SECONDS):
            self._asks -= 1.0
            sample = engine.sample(key[0])
            if sample is None:
                return
            one.asked, one.cpu, one.memory, one.processes = now, sample.cpu_seconds, sample.memory, sample.processes
        if one.group is None:
            # Between two answers nothing is known: the share stays that of the last two.
            one.share = self._shares.share(key, one.cpu, at=one.asked)


def _lasts(container: Container) -> float:
    """Seconds for which a figure of its memory may be used."""
    young = container.started is not None and time.time() - container.started < _YOUNG
    return _YOUNG_SECONDS if young else _MEMORY_SECONDS
