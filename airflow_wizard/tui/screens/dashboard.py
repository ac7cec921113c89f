"""Dashboard: how to get in, what runs, what it says. Looks in a thread, at once when something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from airflow_wizard.errors import WizardError
from airflow_wizard.status.snapshot import Snapshot, StackState
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.panes.logs import LogsPane
from airflow_wizard.tui.present import dashboard as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.screens.lifecycle import Lifecycle
from airflow_wizard.tui.spans import Tone, line, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.tui.services import Watching
    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.stacks import StackRecord

EVERY = 1.0  # seconds between two looks while something changes ...
STEADY = 2.0  # ... and while nothing does: one look costs some ten milliseconds of a core
TOLD = 4.0  # ... where an engine tells what happens; ages and shares are all that gets old


class Dashboard(Lifecycle, WizardScreen):
    """A stack that was launched."""

    NAME = "dashboard"
    MORE_HINTS = frozenset({"app.troubleshoot"})
    BINDINGS = bindings(*SCREENS["dashboard"])

    def __init__(self) -> None:
        super().__init__()
        self._stack: StackRecord | None = None
        self._picture: Snapshot | None = None
        self._credentials: Credentials | None = None
        self._places: list[tuple[str, str]] = []
        self._rest = ""
        self._shown = False
        self._complained = False
        self._watch: Job[None] | None = None
        self._watcher: Watching | None = None
        self._access: Job[None] | None = None

    def body(self) -> Iterable[Widget]:
        """How to get in, what runs, what it says."""
        yield Static("", markup=False, id="head")
        yield RowList(*present.COLUMNS, id="units")
        yield LogsPane(id="log-pane")

    def on_mount(self) -> None:
        """Paints empty, then looks."""
        self.part(RowList, "#units").focus()
        self.about(self.session.stack)
        if self.session.proven is not None and self.session.took:
            self.says(("● ", Tone.OK), ("proven: ", Tone.DIM), (self.session.took, Tone.DIM))
        self._watch = Job(self, "watch", self._look)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        for job in (self._watch, self._access):
            if job:
                job.cancel.set()
        if self._watcher:
            self._watcher.wake()

    def _look(self, job: Job[None]) -> None:
        stack = self.services.find_stack(self.session.stack or None)
        job.emit(stack)
        watcher = self._watcher = self.services.watcher(stack)
        try:
            self._look_on(job, watcher)
        finally:
            watcher.close()

    def _look_on(self, job: Job[None], watcher: Watching) -> None:
        before: object = None
        while not job.cancel.is_set():
            steady = False
            try:
                picture = watcher.snapshot()
                now = (picture.state, [(u.id, u.state, u.health, u.restarts) for u in picture.units])
                steady, before = now == before and picture.state is StackState.RUNNING, now
                job.emit(picture)
            except StopIteration:
                return
            except (WizardError, OSError) as error:
                job.emit(error)
            seconds = TOLD if watcher.tells else STEADY
            watcher.wait(seconds if steady else EVERY)

    def _read_access(self, job: Job[None]) -> None:
        if self._stack is None:
            return
        for read in (self.services.places, self.services.credentials, self.services.rest_example):
            try:
                job.emit(read(self._stack))
            except WizardError as error:
                job.emit(error)

    def on_arrived(self, event: Arrived) -> None:
        """News of one of the two."""
        if event.job is self._watch:
            for item in self._watch.take():
                self._seen(item)
        elif event.job is self._access:
            for item in self._access.take():
                self._learn(item)
            self._head()
        else:
            self.lifecycle_arrived(event)

    def _seen(self, item: object) -> None:
        if isinstance(item, Snapshot):
            before = self._picture.state if self._picture else None
            self._picture = item
            self.part(RowList, "#units").show(present.unit_rows(item))
            self._head()
            self._say_trouble(item)
            if before is not item.state:
                self.refresh_bindings()
        elif isinstance(item, WizardError):
            self.says_error(item)
        elif isinstance(item, Exception):
            self.says(("▲ ", Tone.WARN), span(item))
        else:
            self._stack = item  # type: ignore[assignment]
            self.about(self._stack.name if self._stack else "")
            if self._stack is not None:
                self.logs.open(self.services, self._stack)
            self._access = Job(self, "access", self._read_access)
            self._head()

    def _say_trouble(self, picture: Snapshot) -> None:
        """A unit that is down has its whole reason said here: a column is often too narrow for it."""
        broken = next((unit for unit in picture.units if unit.reason), None)
        words = f"{broken.id}: {broken.reason}" if broken else picture.error
        if words and not self.busy:
            self.says(("▲ ", Tone.WARN), span(words), ("   t", Tone.ACCENT), (" troubleshoot", Tone.DIM))
        elif self._complained and not words:
            self.says("")
        self._complained = bool(words)

    def _learn(self, item: object) -> None:
        if isinstance(item, str):
            self._rest = item
        elif isinstance(item, list):
            self._places = item
        elif isinstance(item, WizardError):
            self.says_error(item)
        else:
            self._credentials = item  # type: ignore[assignment]

    def on_ended(self, event: Ended) -> None:
        """A look that cannot go on says why."""
        if event.job in (self._watch, self._access):
            if event.job.error:
                self.says_error(event.job.error)
        else:
            self.lifecycle_ended(event)

    def on_logs_pane_failed(self, event: LogsPane.Failed) -> None:
        """Logs that cannot be read say why."""
        self.says_error(event.error)

    def on_resize(self) -> None:
        """The first line is set to both sides, and a low terminal shows less."""
        self.call_after_refresh(self._head)

    def _head(self) -> None:
        if self._stack is None:
            return
        head = self.part(Static, "#head")
        cells = max(20, head.size.width or self.size.width - 6)
        # A low terminal keeps its lines for the log; the places are one key away.
        places = [] if self.has_class("-low") else [*present.places(self._places[:2]), (), ()][:2]
        airflow = self._picture.airflow if self._picture else None
        self.put(
            "#head",
            present.sentence(self._stack, self._picture, self.session.proven, cells),
            present.login(self._stack, self._credentials, shown=self._shown),
            *places,
            present.health(airflow),
        )

    @property
    def logs(self) -> LogsPane:
        """What the units write."""
        return self.part(LogsPane, "#log-pane")

    @property
    def stack(self) -> StackRecord | None:
        """What is looked at."""
        return self._stack

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        state = self._picture.state if self._picture else None
        if action in {"stop", "restart", "start", "remove", "destroy"} and (self.busy or self._stack is None):
            return False
        if action in {"stop", "restart"}:
            return state not in {None, StackState.STOPPED}
        if action == "start":
            return state in {StackState.STOPPED, StackState.UNKNOWN}
        if action in {"copy", "reveal"}:
            return self._credentials is not None
        if action in {"open", "more"}:
            return self._stack is not None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The password, to the clipboard of the terminal."""
        if self._credentials:
            self.app.copy_to_clipboard(self._credentials.password)
            self.says(
                ("● ", Tone.OK), "password copied; a terminal that forbids it needs ", ("v", Tone.ACCENT), " instead"
            )

    def action_reveal(self) -> None:
        """The password, or dots."""
        self._shown = not self._shown
        self._head()

    def action_open(self) -> None:
        """A browser, when there is one."""
        if self._stack:
            url = self._stack.url
            self.says("opening ", span(url, Tone.ACCENT))
            Job(self, "browser", lambda _: self.services.open_in_browser(url))

    def action_more(self) -> None:
        """REST call, command line, folders, how to stop and to remove."""
        from airflow_wizard.tui.screens.dialogs import TextOverlay

        if self._stack:
            title = line("How to use ", span(self._stack.name, Tone.ACCENT))
            self.app.push_screen(TextOverlay(title, present.connect(self._stack, self._places, self._rest)))

    def action_filter(self) -> None:
        """Words to look for in the log."""
        self.logs.search()

    def action_back(self) -> None:
        """Out of the search, or home."""
        if not self.logs.leave_search():
            super().action_back()

    def action_unit(self) -> None:
        """The log of the selected unit, or of all."""
        self.logs.show_unit(None if self.logs.units else self.part(RowList, "#units").current)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter on a unit shows its log."""
        self.logs.show_unit(event.key)

    def action_follow(self) -> None:
        """Follows the newest line, or stays."""
        self.logs.toggle_follow()
