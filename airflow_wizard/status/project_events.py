"""What happens to the containers of a project, heard in a thread as it happens."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.engines.container_facts import Happening

# What is told of the time before one began to listen.
BACK = 600.0
# The engine itself keeps only its last 256 events, whoever they are about.
MOST = 2_000


class ProjectEvents:
    """Listens until `close`; comes back by itself after the engine was away.

    Args:
        project: name of the Compose project.
        came: called from the thread at everything new, and when the engine goes or comes.

    Attributes:
        listening: the engine tells what happens.
        times: how often that began; between two, something may have happened that nobody heard.
    """

    def __init__(self, project: str, came: Callable[[], None]) -> None:
        self._project = project
        self._came = came
        self._closing = threading.Event()
        self._engine: Engine | None = None
        self._recent: deque[Happening] = deque(maxlen=MOST)
        self._latest = time.time() - BACK
        self.listening = False
        self.times = 0
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def recent(self) -> tuple[Happening, ...]:
        """What happened lately, newest last."""
        return tuple(self._recent.copy())

    def close(self) -> None:
        """Hang up; for any thread."""
        self._closing.set()
        engine = self._engine
        if engine is not None:
            engine.close()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._closing.is_set():
            with contextlib.suppress(EngineUnreachableError), Engine(timeout=5.0) as engine:
                self._engine = engine
                self._listen(engine, backoff)
            self._tell(listening=False)
            self._closing.wait(backoff.failed())

    def _listen(self, engine: Engine, backoff: Backoff) -> None:
        happenings = engine.events(self._project, since=self._latest)
        backoff.worked()
        self.times += 1
        self._tell(listening=True)
        # Whoever closes meanwhile saw no answer that could be hung up.
        if self._closing.is_set():
            return
        for happening in happenings:
            # Asked again from a moment on, the engine repeats what happened at that moment.
            if happening.time <= self._latest:
                continue
            self._latest = happening.time
            if not happening.one_off:
                self._recent.append(happening)
                self._came()

    def _tell(self, *, listening: bool) -> None:
        if listening != self.listening:
            self.listening = listening
            self._came()
