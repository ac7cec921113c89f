"""Welcome: continue, begin, look at a stack, or find out what is wrong. Painted before anything is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_wizard.errors import WizardError
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import SCREENS, bindings
from airflow_wizard.tui.present import welcome
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Tone, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.status.snapshot import Snapshot
    from airflow_wizard.workflows.flow import FlowState
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord


@dataclass(frozen=True, slots=True)
class News:
    """What was read since the first paint; None for what this is not about."""

    flow: FlowState | None = None
    profiles: list[ProfileEntry] | None = None
    stacks: list[StackRecord] | None = None
    seen: tuple[str, Snapshot | str] | None = None
    error: Exception | None = None


class Welcome(WizardScreen):
    """The first screen."""

    NAME = "welcome"
    MORE_HINTS = frozenset({"app.troubleshoot", "app.profiles"})
    TITLE_TEXT = "From nothing to an Airflow that has run a task"
    BINDINGS = bindings(*SCREENS["welcome"])

    def __init__(self) -> None:
        super().__init__()
        self._flow: FlowState | None = None
        self._stacks: list[StackRecord] | None = None
        self._profiles: list[ProfileEntry] | None = None
        self._seen: dict[str, Snapshot | str] = {}
        self._job: Job[None] | None = None
        self._opening: Job[str] | None = None

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield RowList(*welcome.COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Shows what needs no reading; the rest comes after the first paint."""
        self._paint()
        self.part(RowList, "#rows").focus()
        self.call_after_refresh(self._read)

    def on_unmount(self) -> None:
        """Nobody wants to know any more."""
        if self._job:
            self._job.cancel.set()

    def _read(self) -> None:
        start = self.wizard.start_with
        if start.profile:
            # Asked for once: coming back here later must not begin it again.
            self.wizard.start_with = replace(start, profile=None)
            self._open_profile(start.profile, start.sets)
        self._job = Job(self, "welcome", self._look)

    def _look(self, job: Job[None]) -> None:
        services, stacks = self.services, []
        try:
            job.emit(News(flow=services.load_flow()))
            job.emit(News(profiles=services.known_profiles()))
            stacks = services.stacks()
            job.emit(News(stacks=stacks))
        except (WizardError, OSError) as error:
            job.emit(News(error=error, profiles=[], stacks=[]))
        for stack in stacks:
            if job.cancel.is_set():
                return
            try:
                job.emit(News(seen=(stack.name, services.watcher(stack).snapshot())))
            except (WizardError, OSError) as error:
                job.emit(News(seen=(stack.name, str(error))))

    def on_arrived(self, event: Arrived) -> None:
        """Something was read."""
        if event.job is not self._job:
            return
        for item in self._job.take():
            if isinstance(item, News):
                self._learn(item)
        self._paint()

    def _learn(self, news: News) -> None:
        if news.error is not None:
            self.says(("▲ ", Tone.WARN), span(news.error))
        if news.flow is not None:
            self._flow = news.flow
        if news.profiles is not None:
            self._profiles = news.profiles
        if news.stacks is not None:
            self._stacks = news.stacks
        if news.seen is not None:
            name, picture = news.seen
            self._seen[name] = picture

    def on_ended(self, event: Ended) -> None:
        """A profile was read, or could not be."""
        if event.job is self._opening:
            if self._opening.error:
                self.says_error(self._opening.error)
            else:
                self.wizard.action_go("checks")
        elif event.job is self._job and self._job.error:
            self.says_error(self._job.error)

    def _paint(self) -> None:
        rows = self.part(RowList, "#rows")
        begun = rows.current not in {"", "new"}
        rows.show(welcome.rows(self._flow, self._stacks, self._seen, self._profiles))
        if not begun:
            rows.select("resume" if self._flow else "new")

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Opens what was chosen."""
        kind, _, name = event.key.partition(":")
        if kind == "resume" and self._flow:
            self.wizard.action_go(self.session.resume(self._flow))
        elif kind == "new":
            self.session.begin()
            self.wizard.action_go("checks")
        elif kind == "stack":
            self.session.stack = name
            self.wizard.action_go("dashboard")
        elif kind == "profile":
            self._open_profile(name)
        elif kind == "troubleshoot":
            self.wizard.action_troubleshoot()

    def _open_profile(self, ref: str, sets: tuple[str, ...] = ()) -> None:
        def read(_: Job[str]) -> str:
            profile = self.services.load_profile(ref, sets)
            self.session.begin(profile)
            return profile.name

        self._opening = Job(self, "profile", read)

    def action_choose(self) -> None:
        """The same as Enter, for those who walk to the right."""
        self.part(RowList, "#rows").action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing behind the first screen, so no key leads there."""
        return action != "back" and super().check_action(action, parameters)

    def action_back(self) -> None:
        """There is nothing behind the first screen."""
