"""How a stack is in one sentence, how to get in, and Airflow's own word on itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Static

from airflow_wizard.errors import WizardError
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.present import dashboard as present
from airflow_wizard.tui.spans import Line, content

if TYPE_CHECKING:
    from airflow_wizard.status.snapshot import Snapshot
    from airflow_wizard.tui.services import Services
    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.stacks import StackRecord

TICK = 0.5  # seconds; while an engine is away, what comes next is counted down


class HeadPane(Static):
    """Lines of a fixed number, so that nothing moves when they fill.

    Attributes:
        credentials: the login; None until it was read.
        places: folders and commands, each with a label.
        rest: a REST call to copy.
    """

    class Learned(Message):
        """Something of it came, or cannot be read."""

        def __init__(self, error: WizardError | None = None) -> None:
            super().__init__()
            self.error = error

    def __init__(self, *, id: str | None = None, proven: float | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__("", markup=False, id=id)
        self.credentials: Credentials | None = None
        self.places: list[tuple[str, str]] = []
        self.rest = ""
        self._proven = proven
        self._shown = False
        self._stack: StackRecord | None = None
        self._picture: Snapshot | None = None
        self._said: tuple[Line, ...] = ()
        self._job: Job[None] | None = None

    def on_mount(self) -> None:
        """Ages go on, also when nothing new is seen."""
        self.set_interval(TICK, self._count_down)

    def on_unmount(self) -> None:
        """Nobody waits for an answer any more."""
        if self._job:
            self._job.cancel.set()

    def open(self, services: Services, stack: StackRecord) -> None:
        """Begins with a stack."""
        self._stack = stack
        self._paint()

        def read(job: Job[None]) -> None:
            for one in (services.places, services.credentials, services.rest_example):
                try:
                    job.emit(one(stack))
                except WizardError as error:
                    job.emit(error)

        self._job = Job(self, "access", read)

    def show(self, picture: Snapshot) -> None:
        """How it is now."""
        self._picture = picture
        self._paint()

    def reveal(self) -> None:
        """The password, or dots."""
        self._shown = not self._shown
        self._paint()

    def on_arrived(self, event: Arrived) -> None:
        """Login, places or the REST call."""
        if self._job is None or event.job is not self._job:
            return
        for item in self._job.take():
            self._learn(item)
        self._paint()

    def on_ended(self, event: Ended) -> None:
        """Reading that failed says why."""
        if event.job is self._job and event.job.error:
            self.post_message(self.Learned(event.job.error))

    def _learn(self, item: object) -> None:
        if isinstance(item, str):
            self.rest = item
        elif isinstance(item, list):
            self.places = item
        elif not isinstance(item, WizardError):
            self.credentials = item  # type: ignore[assignment]
        self.post_message(self.Learned(item if isinstance(item, WizardError) else None))

    def _count_down(self) -> None:
        if self._picture is not None and not self._picture.reachable:
            self._paint()

    def on_resize(self) -> None:
        """The first line is set to both sides, and a low terminal shows less."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        if self._stack is None:
            return
        cells = max(20, self.content_size.width or self.screen.size.width - 6)
        # A low terminal keeps its lines for the log; the places are one key away.
        places = [] if self.screen.has_class("-low") else [*present.places(self.places[:2]), (), ()][:2]
        picture = self._picture
        if picture is not None and not picture.reachable:
            word = present.away(picture, time.time(), cells)
        else:
            word = present.health(picture.airflow if picture else None)
        lines = (
            present.sentence(self._stack, picture, self._proven, cells),
            present.login(self._stack, self.credentials, shown=self._shown),
            *places,
            word,
        )
        if lines != self._said:
            self._said = lines
            self.update(content(*lines), layout=False)
