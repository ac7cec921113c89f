"""Looks at a stack without containers: its supervisor, its processes, and Airflow's own word on itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD
from airflow_wizard.engines import process_table, supervised
from airflow_wizard.engines.airflow_api import AirflowApi, ForeignError, Login, NoAnswerError
from airflow_wizard.status.airflow_health import health_of
from airflow_wizard.status.assemble import SUPERVISOR, Answer, Seen, UsageNow, assemble
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.status.snapshot import AirflowHealth, Snapshot

# A person looks at the screen while it is asked; Airflow answers within milliseconds, or not at all.
TIMEOUT = 1.5
# Memory changes slowly and costs the most to read.
_MEMORY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Place:
    """Which stack is looked at, and where.

    Attributes:
        stack: its name.
        target: its target.
        folder: absolute folder.
        url: base URL, without a trailing slash.
        api: ``v1`` or ``v2``.
        health_path: path of the health endpoint.
        expected: its components, in order.
        beats: names in the health body that must have a heartbeat.
    """

    stack: str
    target: str
    folder: str
    url: str
    api: str
    health_path: str
    expected: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()


class StandaloneFeed:
    """Makes snapshots of one stack. Keeps what is needed to tell a CPU share. Not thread-safe; cheap to make."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._known_api: tuple[int | None, int | None] | None = None
        self._samples: dict[tuple[str, int], tuple[float, float, float | None]] = {}
        self._memory: dict[int, int | None] = {}
        self._memory_at = 0.0

    def snapshot(self) -> Snapshot:
        """The stack right now; never raises for anything that is wrong with the stack."""
        return assemble(self.look())

    def look(self) -> Seen:
        """One look, not yet put together."""
        place = self.place
        state = supervised.read_supervisor(place.folder)
        answer, words, health = self._ask(state) if state.running else (Answer.SILENT, "", None)
        return Seen(
            stack=place.stack,
            target=place.target,
            url=place.url,
            now=time.time(),
            supervisor=state,
            answer=answer,
            words=words,
            health=health,
            usage=self._usage(state),
            expected=place.expected,
            beats=place.beats,
            leftovers=0 if state.running else len(supervised.processes_of(place.folder)),
        )

    def client(self) -> AirflowApi:
        """A client with the login that is on disk right now."""
        login = _login(self.place.folder)
        return AirflowApi(self.place.url, self.place.api, self.place.health_path, login, timeout=TIMEOUT)

    def _ask(self, state: supervised.SupervisorState) -> tuple[Answer, str, AirflowHealth | None]:
        web = next((c.pid for c in state.components if c.name in ("api-server", "webserver")), None)
        if web is None:
            self._known_api = None
        api = self.client()
        if not api.login.identity:
            return Answer.UNREADABLE, ".env holds no identity token, so no answer can be recognised as ours", None
        try:
            # While the same process runs, the address is its own: another program cannot listen there beside it.
            if web is None or self._known_api != (state.pid, web):
                api.identity()
                self._known_api = (state.pid, web)
            body = api.health()
        except NoAnswerError as error:
            self._known_api = None
            return Answer.SILENT, one_line(error, limit=200), None
        except ForeignError as error:
            known, self._known_api = self._known_api, None
            return (Answer.UNREADABLE if known else Answer.FOREIGN), one_line(error, limit=200), None
        return Answer.OURS, "", health_of(body)

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
        samples, usage = {}, {}
        for name, pid in pids.items():
            family = found.get(pid)
            if family is None:
                continue
            share = self._share(name, pid, family.cpu_seconds, now)
            samples[name, pid] = (now, family.cpu_seconds, share)
            usage[name] = UsageNow(family.processes, share, self._memory.get(pid), family.started)
        self._samples = samples
        return usage

    def _share(self, name: str, pid: int, seconds: float, now: float) -> float | None:
        before = self._samples.get((name, pid))
        if before is None:
            return None
        passed = now - before[0]
        # A child that ended takes its CPU time out of the sum.
        return max(0.0, seconds - before[1]) / passed if passed > 0.05 else before[2]


def _login(folder: str) -> Login:
    """The login on disk right now; without one no answer can be recognised as ours."""
    try:
        values = values_of((Path(folder) / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        values = {}
    return Login(ADMIN, values.get(PASSWORD, ""), values.get(IDENTITY, ""))
