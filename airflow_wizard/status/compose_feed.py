"""Looks at a Compose project: the engine, the kernel where it is the same machine, and Airflow's own word on itself."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.container_owner import elsewhere, made_in
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.backoff import Backoff
from airflow_wizard.status.compose_assemble import SeenProject, assemble_project, current, front, is_live
from airflow_wizard.status.container_usage import ContainerUsage
from airflow_wizard.status.happenings import last_ends, last_ooms, paused, starved, told
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.known_containers import KnownContainers
from airflow_wizard.status.project_events import BACK, MOST, ProjectEvents
from airflow_wizard.status.rules import Heard
from airflow_wizard.status.stale import stale

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.engines.container_facts import Container, Happening
    from airflow_wizard.status.place import Place
    from airflow_wizard.status.snapshot import Snapshot

# An engine that takes longer to say what runs is not seen; nor is an Airflow, for which no look has to wait.
_TIMEOUT = 5.0


class ComposeFeed:
    """Makes snapshots of one project. All but `wake` is for one thread at a time.

    Args:
        place: which stack.
        mask: takes secrets out of what a container said.
        patient: a look waits for Airflow's answer; else it comes with a later look.
    """

    def __init__(self, place: Place, *, mask: Callable[[str], str] = str, patient: bool = False) -> None:
        self.place = place
        self._mask = mask
        self._patient = patient
        self._hearing = Hearing(place, timeout=_TIMEOUT)
        self._usage = ContainerUsage()
        self._woken = threading.Event()
        self._engine: Engine | None = None
        self._events: ProjectEvents | None = None
        self._history: tuple[Happening, ...] | None = None
        self._known = KnownContainers()
        self._heard_of = 0  # the conversation of events in which the last look was
        self._backoff = Backoff()
        self._last: Snapshot | None = None
        self._sampled: frozenset[str] | None = None

    def snapshot(self) -> Snapshot:
        """The stack right now; never raises for anything that is wrong with it or with the engine.

        While the engine does not answer: what was last seen, marked as stale.
        """
        try:
            picture = self._last = assemble_project(self.look())
        except EngineUnreachableError as error:
            now, again = time.time(), self._backoff.failed()
            if self._last is not None:
                return stale(self._last, now=now, error=error.what, retry_at=now + again)
            unseen = SeenProject(self.place, now, unseen=error.what, retry_at=now + again)
            return assemble_project(unseen)
        return picture

    def look(self) -> SeenProject:
        """One look, not yet put together.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        try:
            if self._engine is None:
                self._engine = Engine(timeout=_TIMEOUT)
            seen = self._look(self._engine)
        except EngineUnreachableError:
            self._hang_up()
            raise
        self._backoff.worked()
        return seen

    def sample(self, units: frozenset[str] | None) -> bool:
        """Measure CPU and memory of these units only; of all with None. For any thread.

        Returns:
            Whether a look right now would show more.
        """
        self._sampled = units
        return True

    @property
    def tells(self) -> bool:
        """Whether the engine tells what happens, so that one need not look often."""
        return self._events is not None and self._events.listening

    def wait(self, seconds: float) -> bool:
        """Return after ``seconds``, or True as soon as something happens that a look would show.

        An engine that is away is not asked more often than its back-off says; that it is back ends the wait.
        """
        if self._events is None:
            self._events = ProjectEvents(self.place.project, self._woken.set)
        woken = self._woken.wait(self._backoff.seconds or seconds)
        self._woken.clear()
        return woken

    def wake(self) -> None:
        """End a `wait`; for any thread."""
        self._woken.set()

    def close(self) -> None:
        """End the conversations with the engine."""
        if self._events is not None:
            self._events.close()
            self._events = None
        self._hang_up()

    def _hang_up(self) -> None:
        if self._engine is not None:
            self._engine.close()
        self._engine = None
        # What happens until it is back is not told.
        self._known = KnownContainers()

    def _look(self, engine: Engine) -> SeenProject:
        happenings = self._happenings(engine)
        found = self._containers(engine, happenings)
        containers = made_in(found, self.place.folder)
        web = front(containers)
        live = is_live(containers)
        heard = self._hear(web) if live else Heard()
        return SeenProject(
            place=self.place,
            now=time.time(),
            containers=containers,
            elsewhere=elsewhere(found, self.place.folder),
            heard=heard,
            usage=self._usage.look(engine, current(containers), only=self._wanted(containers), hurry=self._patient),
            here=self._usage.here,
            last_ends=last_ends(happenings),
            ooms=last_ooms(happenings),
            starved=starved(happenings),
            paused=paused(happenings),
            events=told(happenings, containers),
            mask=self._mask,
        )

    def _containers(self, engine: Engine, happenings: tuple[Happening, ...]) -> tuple[Container, ...]:
        """Each is asked for again when it changed, as long as one is told of changes."""
        project = self.place.project
        events = self._events
        if events is None or not events.listening:
            return self._known.all_of(engine, project)
        # Taken before the question: what happens meanwhile is asked for again.
        times = events.times
        found = self._known.look(engine, project, happenings, afresh=times != self._heard_of)
        self._heard_of = times
        return found

    def _wanted(self, containers: tuple[Container, ...]) -> frozenset[str] | None:
        """Ids of the containers that are measured; None for all."""
        sampled = self._sampled
        if sampled is None:
            return None
        return frozenset(id_ for id_, name in unit_names(current(containers)).items() if name in sampled)

    def _hear(self, web: Container | None) -> Heard:
        who = (web.id, web.pid, web.started) if web is not None and web.running else None
        return self._hearing.ask(who) if self._patient else self._hearing.listen(who, self._woken.set)

    def _happenings(self, engine: Engine) -> tuple[Happening, ...]:
        if self._events is not None:
            return self._events.recent()
        if self._history is None:
            now = time.time()
            past = engine.events(self.place.project, since=now - BACK, until=now)
            self._history = tuple(h for h in past if not h.one_off)[-MOST:]
        return self._history
