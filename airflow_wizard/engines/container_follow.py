"""Logs of a project's containers as they are written, over restarts and replacements: nothing twice, nothing left out.

One thread and one conversation for each container, since docker-py's clients are not thread-safe and an answer that
follows a log occupies its connection.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.container_logs import Mark, Stamped, after, log, stamped
from airflow_wizard.engines.containers import Engine, hang_up
from airflow_wizard.errors import EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from docker.types import CancellableStream

    from airflow_wizard.engines.container_facts import Container

# What nobody has fetched yet; when it is full, the engine has to wait.
_MOST = 20_000
_BATCH = 2_000
_RUNS = ("running", "paused")
# Looking for containers that came or came back; soon after one ended it is likely.
_LOOK, _LOOK_SOON, _SOON = 3.0, 0.25, 10.0


class Following:
    """What comes, in batches. Close it, or its threads go on.

    Args:
        project: name of the Compose project.
        wanted: which containers.
        marks: where to begin, by container id; one that is not named here is read from its beginning.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """

    def __init__(self, project: str, wanted: Callable[[Container], bool], marks: Mapping[str, Mark]) -> None:
        self._project = project
        self._wanted = wanted
        self._lines: queue.Queue[Stamped] = queue.Queue(_MOST)
        self._followers = {id_: _Follower(id_, mark, self._lines) for id_, mark in marks.items()}
        self._names: dict[str, str] = {}
        self._known: set[str] = set()
        self._engine = Engine(timeout=10.0)
        self._looked = 0.0

    def take(self, seconds: float) -> list[tuple[str, Stamped]]:
        """(unit, line) of what came, in the order of time; [] when nothing did within ``seconds``.

        Raises:
            EngineUnreachableError: the engine went away.
        """
        self._look()
        came: list[Stamped] = []
        with contextlib.suppress(queue.Empty):
            came.append(self._lines.get(timeout=seconds))
            while len(came) < _BATCH:
                came.append(self._lines.get_nowait())
        # Stable: lines of one container stay in their order as long as their stamps do.
        came.sort(key=lambda line: line.stamp)
        return [(self._names.get(line.container, line.container[:12]), line) for line in came]

    def close(self) -> None:
        """Hang up everywhere."""
        for follower in self._followers.values():
            follower.close()
        self._engine.close()

    def _look(self) -> None:
        now = time.monotonic()
        soon = any(f.ended is not None and now - f.ended < _SOON for f in self._followers.values())
        if now - self._looked < (_LOOK_SOON if soon else _LOOK):
            return
        self._looked = now
        glance = self._engine.glance(self._project)
        if set(glance) != self._known:
            self._meet()
            self._known = set(glance)
        for id_, follower in self._followers.items():
            if glance.get(id_, ("", ""))[0] in _RUNS:
                follower.go_on()
        for id_ in [id_ for id_, follower in self._followers.items() if id_ not in glance and follower.ended]:
            self._followers.pop(id_).close()

    def _meet(self) -> None:
        """Containers that came since the last time."""
        found = self._engine.project(self._project)
        self._names.update(unit_names(c for c in found if not c.one_off))
        for container in found:
            if container.id not in self._followers and not container.one_off and self._wanted(container):
                self._followers[container.id] = _Follower(container.id, Mark(), self._lines)


class _Follower:
    """One container's log, in a thread."""

    def __init__(self, container: str, mark: Mark, lines: queue.Queue[Stamped]) -> None:
        self._container = container
        self._mark = mark
        self._lines = lines
        self._closing = threading.Event()
        self._again = threading.Event()
        self._stream: CancellableStream[bytes] | None = None
        self.ended: float | None = None
        self._start()

    def go_on(self) -> None:
        """Its container runs: a log that ended goes on."""
        if self.ended is not None:
            self.ended = None
            self._again.set()

    def close(self) -> None:
        """Hang up; for any thread."""
        self._closing.set()
        self._again.set()
        if self._stream is not None:
            hang_up(self._stream)

    def _start(self) -> None:
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(EngineUnreachableError), Engine(timeout=10.0) as engine:
                self._read(engine, follow=True)
                # What was written at the very end comes with the next question, should it have been left out.
                self._read(engine, follow=False)
            self.ended = time.monotonic()
            self._again.wait()
            self._again.clear()

    def _read(self, engine: Engine, *, follow: bool) -> None:
        mark = self._mark
        since = Stamped(mark.stamp, "", "").time if mark.stamp else None
        with log(engine, self._container, since=since, follow=follow, opened=self._opened) as blocks:
            for line in after(mark, stamped(self._container, blocks)):
                if not self._put(line):
                    return
                self._mark = self._mark.after(line.stamp)

    def _opened(self, stream: CancellableStream[bytes]) -> None:
        self._stream = stream
        # Whoever closed meanwhile saw no answer that could be hung up.
        if self._closing.is_set():
            hang_up(stream)

    def _put(self, line: Stamped) -> bool:
        while not self._closing.is_set():
            with contextlib.suppress(queue.Full):
                self._lines.put(line, timeout=0.5)
                return True
        return False
