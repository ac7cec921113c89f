"""Looking at a stack again and again, in a thread: at once when something happens, seldom while nothing does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.errors import WizardError
from airflow_wizard.status.snapshot import Snapshot, StackState
from airflow_wizard.tui.background import Job

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from airflow_wizard.tui.services import Services, Watching

EVERY = 1.0  # seconds between two looks while something changes ...
STEADY = 2.0  # ... and while nothing does: one look costs some ten milliseconds of a core
TOLD = 4.0  # ... where an engine tells what happens; ages and shares are all that gets old
# There, thousands of units are looked at even less often: looks take no more than this share of a core.
SHARE, SELDOM = 0.002, 10.0
# What is so and stays so changes when something happens, which the engine tells.
_SETTLED = (StackState.RUNNING, StackState.DEGRADED, StackState.STOPPED)


class Watch:
    """Tells its owner the stack, then a snapshot at every change; what goes wrong comes as an error.

    Args:
        owner: gets the messages of `job`.
        services: who looks.
        name: of the stack; None when there is one only.
    """

    def __init__(self, owner: MessagePump, services: Services, name: str | None) -> None:
        self._services = services
        self._name = name
        self._watcher: Watching | None = None
        self._sampled: frozenset[str] | None = frozenset()
        self.job: Job[None] = Job(owner, "watch", self._look)

    def news(self) -> list[object]:
        """What came since the last time; of several pictures only the newest, for only that is true."""
        items = self.job.take()
        newest = next((item for item in reversed(items) if isinstance(item, Snapshot)), None)
        return [item for item in items if not isinstance(item, Snapshot) or item is newest]

    def sample(self, units: frozenset[str] | None) -> None:
        """From now on, CPU and memory of these units only; of all with None."""
        self._sampled = units
        if self._watcher and self._watcher.sample(units):
            self._watcher.wake()

    def close(self) -> None:
        """Nobody looks any more."""
        self.job.cancel.set()
        if self._watcher:
            self._watcher.wake()

    def _look(self, job: Job[None]) -> None:
        stack = self._services.find_stack(self._name)
        job.emit(stack)
        watcher = self._watcher = self._services.watcher(stack)
        watcher.sample(self._sampled)
        try:
            self._look_on(job, watcher)
        finally:
            watcher.close()

    @staticmethod
    def _look_on(job: Job[None], watcher: Watching) -> None:
        before: Snapshot | None = None
        while not job.cancel.is_set():
            seconds = EVERY
            try:
                began = time.thread_time()
                picture = watcher.snapshot()
                same, before = before is not None and _stands(before, picture), picture
                job.emit(picture)
                if same and watcher.tells and picture.state in _SETTLED:
                    seconds = max(TOLD, min(SELDOM, (time.thread_time() - began) / SHARE))
                elif same and picture.state is StackState.RUNNING:
                    seconds = STEADY
            except StopIteration:
                return
            except (WizardError, OSError) as error:
                job.emit(error)
            watcher.wait(seconds)


def _stands(before: Snapshot, now: Snapshot) -> bool:
    """Whether nothing but figures and ages has changed."""
    if before.state is not now.state or len(before.units) != len(now.units):
        return False
    # Of thousands of units most are the very same as before.
    return before.units is now.units or all(
        one is other
        or (one.id, one.state, one.health, one.restarts) == (other.id, other.state, other.health, other.restarts)
        for one, other in zip(before.units, now.units, strict=True)
    )
