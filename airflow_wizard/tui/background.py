"""Blocking work in plain daemon threads. A blocked one never delays quitting, and nothing it says late is believed.

Each run is an object of its own; a screen keeps the one it believes in and ignores every other. That is the
generation number: no result of an abandoned run can arrive as if it were news.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.message import Message

from airflow_wizard.errors import InterruptedByUserError, WizardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump

T = TypeVar("T")
# What is not fetched in time is dropped oldest first, and counted: a burst must not eat the memory.
MOST_WAITING = 50_000


class Arrived(Message, bubble=False):
    """A run has something to say; `Job.take` gives all of it."""

    def __init__(self, job: Job[object]) -> None:
        super().__init__()
        self.job = job


class Ended(Message, bubble=False):
    """A run is over; its value, or what went wrong, is in the job."""

    def __init__(self, job: Job[object]) -> None:
        super().__init__()
        self.job = job


class Job(Generic[T]):
    """One blocking call in a daemon thread.

    Attributes:
        name: of the thread.
        cancel: set it to end the work early.
        value: what the work returned; None before its end or when it failed.
        error: why it failed; None when it did not.
        over: it has ended.
        dropped: how many items nobody fetched in time.
    """

    def __init__(self, owner: MessagePump, name: str, work: Callable[[Job[T]], T]) -> None:
        self.name = name
        self.cancel = threading.Event()
        self.value: T | None = None
        self.error: WizardError | None = None
        self.over = False
        self.dropped = 0
        self._owner = owner
        self._work = work
        self._waiting: deque[object] = deque()
        self._lock = threading.Lock()
        self._told = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def emit(self, item: object) -> None:
        """Hands something over from the thread; many items make one message."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(item)
            tell, self._told = not self._told, True
        if tell:
            self._post(Arrived(self))  # type: ignore[arg-type]

    def take(self) -> list[object]:
        """Everything handed over since the last time."""
        with self._lock:
            items = list(self._waiting)
            self._waiting.clear()
            self._told = False
        return items

    def _run(self) -> None:
        try:
            self.value = self._work(self)
        except WizardError as error:
            self.error = error
        except KeyboardInterrupt:
            self.error = InterruptedByUserError("interrupted")
        except Exception as bug:  # noqa: BLE001 - a thread must end in a message, or its screen would wait for ever
            self.error = WizardError(
                f"{type(bug).__name__}: {bug}",
                why="this is a fault of the wizard, not of this machine",
                next="AIRFLOW_WIZARD_DEBUG=1 airflow-wizard doctor",
            )
        self.over = True
        self._post(Ended(self))  # type: ignore[arg-type]

    def _post(self, message: Message) -> None:
        # The app may be gone already; then nobody wants to know.
        with suppress(RuntimeError):
            self._owner.post_message(message)
