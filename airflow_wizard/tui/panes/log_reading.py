"""Reading the logs of a stack in a thread: what came waits here in one piece until the screen has time for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from airflow_wizard.errors import EngineUnreachableError, WizardError
from airflow_wizard.tui.background import Job

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.tui.services import LogFeed, Services
    from airflow_wizard.workflows.stacks import StackRecord

TAIL = 1_000
AGAIN = 2.0  # seconds until an engine that is away is asked again for its logs
WAIT = 0.5
# Of more lines than these at once only the newest are read; more than a hundred thousand a second nobody reads. What
# five thousand a second gather while an engine is away for three seconds is less.
MOST = 20_000
PIECE = 1_000  # lines that are handed over together


class LogReading:
    """Posts `Arrived` and `Ended` of its job to an owner; `take` gives what came.

    While nothing is taken, soon nothing is read either: the engine keeps what is written until then.
    """

    def __init__(self, owner: MessagePump, services: Services, stack: StackRecord) -> None:
        self._services = services
        self._stack = stack
        self._feed: LogFeed | None = None
        self._taken = threading.Event()
        self._waiting = 0  # lines that are read and not taken
        self.job: Job[None] = Job(owner, "logs", self._run)

    def take(self) -> list[object]:
        """Batches of lines, or an error that says why none come."""
        items = self.job.take()
        self._waiting = 0
        self._taken.set()
        return items

    @property
    def skipped(self) -> int:
        """Lines that came and were never read."""
        return self._feed.skipped if self._feed else 0

    @property
    def problem(self) -> WizardError | None:
        """Why nothing comes at the moment."""
        return self._feed.problem if self._feed else None

    def close(self) -> None:
        """Nobody reads any more."""
        self.job.cancel.set()
        self._taken.set()
        if self._feed:
            self._feed.close()

    def _run(self, job: Job[None]) -> None:
        feed = self._open(job)
        if feed is None:
            return
        self._feed = feed
        try:
            job.emit(feed.past)
            problem: WizardError | None = None
            while not job.cancel.is_set():
                lines = feed.take(WAIT, MOST)
                if lines or feed.problem is not problem:
                    problem = feed.problem
                    self._hand_over(job, lines)
        finally:
            feed.close()

    def _hand_over(self, job: Job[None], lines: list[LogLine]) -> None:
        self._waiting += len(lines)
        self._taken.clear()
        for at in range(0, max(1, len(lines)), PIECE):
            job.emit(lines[at : at + PIECE])
        while self._waiting >= MOST and not self._taken.wait(WAIT) and not job.cancel.is_set():
            pass

    def _open(self, job: Job[None]) -> LogFeed | None:
        said = False
        while not job.cancel.is_set():
            try:
                return self._services.open_logs(self._stack, tail=TAIL)
            except EngineUnreachableError as error:
                if not said:
                    job.emit(error)
                said = True
            job.cancel.wait(AGAIN)
        return None
