"""Looks at a stack without containers: its supervisor, its processes, and Airflow's own word on itself."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import process_table, supervised
from airflow_wizard.status.assemble import SUPERVISOR, Seen, UsageNow, assemble
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.place import Place
from airflow_wizard.status.rules import Heard
from airflow_wizard.status.shares import Shares

if TYPE_CHECKING:
    from airflow_wizard.engines.airflow_api import AirflowApi
    from airflow_wizard.status.snapshot import Snapshot

__all__ = ["Place", "StandaloneFeed"]

# Memory changes slowly and costs the most to read.
_MEMORY_SECONDS = 20.0


class StandaloneFeed:
    """Makes snapshots of one stack. Keeps what is needed to tell a CPU share. Not thread-safe; cheap to make."""

    tells = False

    def __init__(self, place: Place) -> None:
        self.place = place
        self._hearing = Hearing(place)
        self._shares: Shares[tuple[str, int]] = Shares()
        self._woken = threading.Event()
        self._memory: dict[int, int | None] = {}
        self._memory_at = 0.0

    def snapshot(self) -> Snapshot:
        """The stack right now; never raises for anything that is wrong with the stack."""
        return assemble(self.look())

    def look(self) -> Seen:
        """One look, not yet put together."""
        place = self.place
        state = supervised.read_supervisor(place.folder)
        heard = self._ask(state) if state.running else Heard()
        return Seen(
            stack=place.stack,
            target=place.target,
            url=place.url,
            now=time.time(),
            supervisor=state,
            answer=heard.answer,
            words=heard.words,
            health=heard.health,
            usage=self._usage(state),
            expected=place.expected,
            beats=place.beats,
            leftovers=0 if state.running else len(supervised.processes_of(place.folder)),
        )

    def client(self) -> AirflowApi:
        """A client with the login that is on disk right now."""
        return self._hearing.client()

    def wait(self, seconds: float) -> bool:
        """Return after ``seconds``, or True at once when `wake` is called: nothing tells of a process that ends."""
        woken = self._woken.wait(seconds)
        self._woken.clear()
        return woken

    def wake(self) -> None:
        """End a `wait`; for any thread."""
        self._woken.set()

    def close(self) -> None:
        """Nothing is held."""

    def _ask(self, state: supervised.SupervisorState) -> Heard:
        web = next((c.pid for c in state.components if c.name in ("api-server", "webserver")), None)
        return self._hearing.ask(None if web is None else (state.pid, web))

    def _usage(self, state: supervised.SupervisorState) -> dict[str, UsageNow]:
        pids = {c.name: c.pid for c in state.components if c.pid is not None}
        if state.pid is not None:
            pids[SUPERVISOR] = state.pid
        now = time.monotonic()
        fresh = now - self._memory_at >= _MEMORY_SECONDS or not set(pids.values()) <= set(self._memory)
        alone = frozenset((state.pid,)) if state.pid is not None else frozenset[int]()
        found = process_table.families(pids.values(), memory=fresh, alone=alone)
        if fresh:
            self._memory = {pid: family.memory for pid, family in found.items()}
            self._memory_at = now
        usage = {}
        for name, pid in pids.items():
            family = found.get(pid)
            if family is None:
                continue
            share = self._shares.share((name, pid), family.cpu_seconds, at=now)
            usage[name] = UsageNow(family.processes, share, self._memory.get(pid), family.started)
        self._shares.looked()
        return usage
