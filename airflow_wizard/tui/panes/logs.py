"""The logs of a stack: a title or a field to search with, and the lines below. Reads in a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from airflow_wizard.errors import EngineUnreachableError, WizardError
from airflow_wizard.status.snapshot import LogLine
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.present import logs as present
from airflow_wizard.tui.spans import Line, content
from airflow_wizard.tui.widgets.log_pane import LogPane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from airflow_wizard.tui.services import Services
    from airflow_wizard.workflows.stacks import StackRecord

AGAIN = 2.0  # seconds until an engine that is away is asked again for its logs
TAIL = 400
GATHER = 0.1  # seconds in which lines gather before they are painted


class LogsPane(Vertical):
    """What the units of one stack write.

    Attributes:
        units: whose lines are shown; empty for all.
    """

    class Failed(Message):
        """The logs cannot be read."""

        def __init__(self, error: WizardError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.units: frozenset[str] = frozenset()
        self._words = ""
        self._said: Line = ()
        self._job: Job[None] | None = None

    def compose(self) -> ComposeResult:
        """A title, a field in its place when it is asked for, and the lines."""
        with Vertical(id="log-head"):
            yield Static("", markup=False, id="log-title")
            yield Input(placeholder="words to look for; ⏎ keeps, esc shows all", compact=True, id="filter")
        yield LogPane(id="logs")

    @property
    def lines(self) -> LogPane:
        """The lines."""
        return self.query_one("#logs", LogPane)

    def on_mount(self) -> None:
        """Says what will be shown."""
        self._title()

    def on_unmount(self) -> None:
        """Nobody reads any more."""
        if self._job:
            self._job.cancel.set()

    def open(self, services: Services, stack: StackRecord) -> None:
        """Begins to read the logs of a stack."""
        self._job = Job(self, "logs", lambda job: _read(job, services, stack))

    def show_unit(self, unit: str | None) -> None:
        """The lines of one unit; of all with None."""
        self.units = frozenset({unit} if unit else ())
        self.lines.filter(units=self.units)
        self._title()

    def search(self) -> None:
        """A field for words takes the place of the title."""
        self.add_class("-filter")
        self.query_one("#filter").focus()

    def leave_search(self) -> bool:
        """Out of the field, all lines again; False when it is not open."""
        if not self.has_class("-filter"):
            return False
        self.query_one("#filter", Input).value = ""
        self._keep()
        return True

    def toggle_follow(self) -> None:
        """Follows the newest line, or stays."""
        self.lines.follow(not self.lines.following)
        self._title()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self._words = event.value
        self.lines.filter(words=event.value)

    def on_input_submitted(self) -> None:
        """Keeps the filter."""
        self._keep()

    def _keep(self) -> None:
        self.remove_class("-filter")
        self.lines.focus()
        self._title()

    def on_arrived(self, event: Arrived) -> None:
        """Lines came; they are taken together with those of the next moment."""
        if event.job is self._job:
            self.set_timer(GATHER, self._take)

    def on_ended(self, event: Ended) -> None:
        """Reading that cannot go on says why."""
        if event.job is self._job and event.job.error:
            self.post_message(self.Failed(event.job.error))

    def _take(self) -> None:
        if self._job:
            self.lines.add([item for item in self._job.take() if isinstance(item, LogLine)])
            self._title()

    def _title(self) -> None:
        words = present.title(self.units, self._words, following=self.lines.following, lost=self.lines.lost)
        if words != self._said:
            self._said = words
            self.query_one("#log-title", Static).update(content(words), layout=False)


def _read(job: Job[None], services: Services, stack: StackRecord) -> None:
    known = services.logs(stack, tail=TAIL)
    for entry in known:
        job.emit(entry)
    last = max((entry.time for entry in known if entry.time is not None), default=None)
    # Following begins at the last moment that was read: nothing is lost between the two, and what came twice
    # is left out.
    twice = {entry for entry in known if entry.time == last}
    while not job.cancel.is_set():
        latest = set(twice)
        try:
            for entry in services.follow(stack, since=last, cancel=job.cancel):
                if entry not in twice:
                    job.emit(entry)
                if entry.time is not None and entry.time != last:
                    last, latest = entry.time, set()
                latest.add(entry)
        except EngineUnreachableError:
            # Whoever looks at the stack says so; the log goes on when the engine is back.
            twice = latest
        job.cancel.wait(AGAIN)
