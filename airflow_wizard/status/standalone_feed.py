"""Looks at a stack without containers: its supervisor, its processes, and Airflow's own word on itself."""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import process_table, supervised
from airflow_wizard.status.assemble import SUPERVISOR, Seen, UsageNow, assemble
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.place import Place
from airflow_wizard.status.process_events import changes
from airflow_wizard.status.rules import Heard
from airflow_wizard.status.shares import Shares

if TYPE_CHECKING:
    from airflow_wizard.engines.airflow_api import AirflowApi
    from airflow_wizard.status.snapshot import Snapshot

__all__ = ["Place", "StandaloneFeed"]

# Memory changes slowly and costs the most to read.
_MEMORY_SECONDS = 30.0
# The supervisor writes its file anew at every change; looking at its date costs some microseconds.
_FILE_SECONDS = 0.1
_MOST_EVENTS = 2_000
_SHOWN_EVENTS = 100


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
        self._events: deque[tuple[float, str, str]] = deque(maxlen=_MOST_EVENTS)
        self._before: supervised.SupervisorState | None = None
        self._file = Path(place.folder) / "run" / "supervisor.json"
        self._dated: object = None
        self._sampled: frozenset[str] | None = None

    def sample(self, units: frozenset[str] | None) -> bool:
        """Measure CPU and memory of these units only; of all with None. For any thread.

        Returns:
            Whether a look right now would show more.
        """
        self._sampled = units
        return True

    def snapshot(self) -> Snapshot:
        """The stack right now; never raises for anything that is wrong with the stack."""
        return assemble(self.look())

    def look(self) -> Seen:
        """One look, not yet put together."""
        place = self.place
        self._dated = self._date()
        state = supervised.read_supervisor(place.folder)
        if self._before is not None:
            self._events.extend(changes(self._before, state, now=time.time()))
        self._before = state
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
            events=tuple(self._events)[-_SHOWN_EVENTS:],
            leftovers=0 if state.running else len(supervised.processes_of(place.folder)),
        )

    def client(self) -> AirflowApi:
        """A client with the login that is on disk right now."""
        return self._hearing.client()

    def wait(self, seconds: float) -> bool:
        """Return after ``seconds``, or True as soon as the supervisor notes a change or `wake` is called."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._woken.wait(min(left, _FILE_SECONDS)) or self._date() != self._dated:
                self._woken.clear()
                return True
        return False

    def _date(self) -> object:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

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
        sampled = self._sampled
        # That they are there is seen in any case; what they take costs more.
        wanted = {name for name in pids if sampled is None or name in sampled}
        asked = {pids[name] for name in wanted}
        fresh = bool(asked) and (now - self._memory_at >= _MEMORY_SECONDS or not asked <= set(self._memory))
        alone = frozenset((state.pid,)) if state.pid is not None else frozenset[int]()
        found = process_table.families(pids.values(), memory=fresh, alone=alone)
        # On a busy machine that takes a while; the CPU times are of some moment in it.
        at = (now + time.monotonic()) / 2
        if fresh:
            self._memory = {pid: family.memory for pid, family in found.items()}
            self._memory_at = now
        usage = {}
        for name, pid in pids.items():
            family = found.get(pid)
            if family is None:
                continue
            share = self._shares.share((name, pid), family.cpu_seconds, at=at) if name in wanted else None
            memory = self._memory.get(pid) if name in wanted else None
            usage[name] = UsageNow(family.processes, share, memory, family.started)
        self._shares.looked()
        return usage
