"""Logs of a project's containers as they are written, over restarts and replacements: nothing twice, nothing left out.

Each container has a thread and a conversation of its own, since docker-py's clients are not thread-safe and an answer
that follows a log occupies its connection. One more listens to what the engine tells.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.container_frames import Mark
from airflow_wizard.engines.container_lines import Lines
from airflow_wizard.engines.container_stream import ContainerStream
from airflow_wizard.engines.container_turns import Turns, What
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.log_line import BOUNDARY, LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_wizard.engines.container_facts import Container, Happening
    from airflow_wizard.engines.container_turns import Turn

_RUNS = ("running", "paused")
# Looking for containers that came or came back, should the engine not have told; soon where a log ended without a word.
_LOOK, _LOOK_SOON, _SOON, _AWAY = 3.0, 0.25, 10.0, 1.0
# Between two batches, while there is much; the first line after a pause is handed on at once.
_TURN = 0.05
# A boundary waits so long for the last lines of the run that ended there.
_PATIENCE = 1.0


class Following:
    """What comes, in batches. Close it, or its threads go on.

    Args:
        project: name of the Compose project.
        wanted: which containers.
        marks: where to begin, by container id; one that is not named here is read from its beginning.
        known: the containers that are there.
        told: a boundary in words, from it and the unit's name.
        version: of the engine's API, as whoever looked before was told.

    Attributes:
        problem: why nothing comes at the moment; None while the engine answers.
    """

    def __init__(
        self,
        project: str,
        wanted: Callable[[Container], bool],
        marks: Mapping[str, Mark],
        known: Iterable[Container],
        told: Callable[[Turn, str], str],
        version: str | None = None,
    ) -> None:
        self.problem: EngineUnreachableError | None = None
        self._project = project
        self._wanted = wanted
        self._told = told
        self._version = version
        self._news = threading.Event()
        self._closing = threading.Event()
        known = tuple(known)
        self._turns = Turns(known)
        self._names = unit_names(c for c in known if not c.one_off)
        self._known = {c.id for c in known}
        # Of these the engine told that they ended; what it tells next is waited for.
        self._over = {c.id for c in known if c.state in ("exited", "created", "dead")}
        self._again: set[str] = set()  # started while the run before was still read to its end
        self._streams: dict[str, ContainerStream] = {}
        self._due: dict[str, deque[tuple[float, Turn]]] = {}
        self._lines = Lines()
        self._taken = self._looked = 0.0
        self._engine: Engine | None = None
        self._listener = _Listener(project, self._news.set)
        for id_, mark in marks.items():
            self._open(id_, mark)

    @property
    def skipped(self) -> int:
        """Lines that came and were left out, because there were too many at once."""
        return self._lines.skipped

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came, in the order of time; [] when nothing did within ``seconds``.

        Args:
            seconds: how long to wait for something.
            most: of more lines than these at once only the newest are read; the others are counted. None for all.
        """
        self._wait(seconds)
        self._hear()
        streams = tuple(self._streams.items())
        raw = [(self._names.get(id_, id_[:12]), lines) for id_, stream in streams if (lines := stream.take())]
        came = self._lines.make(raw, most)
        came += self._boundaries()
        self._look()
        # Stable: lines of one container stay in their order as long as their stamps do.
        came.sort(key=lambda line: line.time or 0.0)
        return came

    def close(self) -> None:
        """Hang up everywhere; for any thread."""
        self._closing.set()
        self._news.set()
        self._listener.close()
        for stream in tuple(self._streams.values()):
            stream.close()
        if (engine := self._engine) is not None:
            engine.close()

    def _wait(self, seconds: float) -> None:
        if self._news.wait(seconds):
            self._closing.wait(max(0.0, self._taken + _TURN - time.monotonic()))
        self._news.clear()
        self._taken = time.monotonic()

    def _open(self, id_: str, mark: Mark) -> None:
        if not self._closing.is_set():
            self._streams[id_] = ContainerStream(id_, mark, self._news.set, self._version)
            self._streams[id_].follow()

    def _hear(self) -> None:
        """What the engine told meanwhile."""
        for happening in self._listener.take():
            if happening.container not in self._known:
                self._looked = 0.0
            if happening.action in ("die", "start"):
                (self._over.add if happening.action == "die" else self._over.discard)(happening.container)
            turn, stream = self._turns.see(happening), self._streams.get(happening.container)
            if turn is not None and stream is not None:
                self._due.setdefault(turn.container, deque()).append((time.monotonic(), turn))
            elif happening.action == "start" and stream is not None and stream.ended is not None:
                stream.follow()  # made before it was started for the first time

    def _boundaries(self) -> list[LogLine]:
        """Boundaries whose run has been read to its end."""
        found: list[LogLine] = []
        for id_, waiting in self._due.items():
            while waiting:
                since, turn = waiting[0]
                stream = self._streams.get(id_)
                done = stream is None or stream.ended is not None or turn.what is What.STARTED
                if not done and time.monotonic() - since < _PATIENCE:
                    break
                waiting.popleft()
                unit = self._names.get(id_, id_[:12])
                found.append(LogLine(turn.time, unit, self._told(turn, unit), BOUNDARY))
                if turn.what is What.STARTED:
                    self._again.add(id_)
        for id_ in tuple(self._again):
            stream = self._streams.get(id_)
            if stream is None or stream.ended is not None:
                self._again.discard(id_)
            if stream is not None and stream.ended is not None:
                stream.follow()
        return found

    def _look(self) -> None:
        now = time.monotonic()
        ended = [stream for stream in self._streams.values() if stream.ended is not None]
        quiet = (now - (stream.ended or 0.0) for stream in ended if stream.container not in self._over)
        soon = any(_LOOK_SOON <= since < _SOON for since in quiet)
        wait = _AWAY if self.problem else _LOOK_SOON if soon or self._looked == 0.0 else _LOOK
        if now - self._looked < wait:
            return
        self._looked = now
        try:
            engine, glance = self._ask()
            if set(glance) - self._known:
                self._meet(engine)
        except EngineUnreachableError as error:
            self.problem, self._engine = error, None
            return
        self.problem = None
        for stream in ended:
            if stream.container not in glance:
                self._streams.pop(stream.container).close()
            elif glance[stream.container][0] in _RUNS and not self._due.get(stream.container):
                self._over.discard(stream.container)
                stream.follow()

    def _ask(self) -> tuple[Engine, dict[str, tuple[str, str]]]:
        """What is there now. A new conversation also says in words why there is no engine any more."""
        if self._engine is not None:
            try:
                return self._engine, self._engine.glance(self._project)
            except EngineUnreachableError:
                self._engine.close()
        self._engine = Engine(timeout=10.0)
        return self._engine, self._engine.glance(self._project)

    def _meet(self, engine: Engine) -> None:
        """Containers that came since the last time."""
        found = engine.project(self._project)
        self._names.update(unit_names(c for c in found if not c.one_off))
        for container in found:
            self._known.add(container.id)
            if container.id not in self._streams and not container.one_off and self._wanted(container):
                self._turns.meet(container)
                self._open(container.id, Mark())


class _Listener:
    """What the engine tells of a project, in a thread; comes back by itself after the engine was away."""

    def __init__(self, project: str, came: Callable[[], None]) -> None:
        self._project = project
        self._came = came
        self._closing = threading.Event()
        self._engine: Engine | None = None
        self._heard: deque[Happening] = deque()
        self._latest = time.time()
        threading.Thread(target=self._run, name="turns", daemon=True).start()

    def take(self) -> list[Happening]:
        """What happened since the last call."""
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def close(self) -> None:
        """Hang up; for any thread."""
        self._closing.set()
        if (engine := self._engine) is not None:
            engine.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with Engine(timeout=10.0) as engine:
                    self._engine = engine
                    self._listen(engine)
            except EngineUnreachableError:
                self._came()
            self._closing.wait(_AWAY)

    def _listen(self, engine: Engine) -> None:
        happenings = engine.events(self._project, since=self._latest)
        # Whoever closes meanwhile saw no answer that could be hung up.
        if self._closing.is_set():
            return
        for happening in happenings:
            # Asked again from a moment on, the engine repeats what happened at that moment.
            if happening.time > self._latest and not happening.one_off:
                self._latest = happening.time
                self._heard.append(happening)
                self._came()
