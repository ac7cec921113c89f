"""The logs of a stack: a title or a field to search with, and the lines below."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from airflow_wizard.errors import EngineUnreachableError, WizardError
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.tui.background import Arrived, Ended, Job
from airflow_wizard.tui.keys import LOGS, bindings
from airflow_wizard.tui.panes.log_reading import LogReading
from airflow_wizard.tui.present import logs as present
from airflow_wizard.tui.present.log_lines import exported
from airflow_wizard.tui.spans import Line, content, width
from airflow_wizard.tui.widgets.controls import FindField
from airflow_wizard.tui.widgets.log_pane import LogPane

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.app import ComposeResult

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.tui.services import Services
    from airflow_wizard.workflows.stacks import StackRecord

GATHER = 0.1  # seconds between two paintings, while lines come
SLICE = 0.008  # seconds for which new lines are put into their place before a key is served
OLDER = 2_000  # lines that are loaded at a time when one looks further up
AT_ONCE = 5  # times, when what was loaded holds nothing of what is shown
CLIPBOARD = 100_000  # characters; terminals take no more


class LogsPane(Vertical):
    """What the units of one stack write.

    Attributes:
        units: whose lines are shown; empty for all.
    """

    BINDINGS = bindings(*LOGS)

    class Failed(Message):
        """Something cannot be done with the logs."""

        def __init__(self, error: WizardError) -> None:
            super().__init__()
            self.error = error

    class Done(Message):
        """Something was done, in words."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.units: frozenset[str] = frozenset()
        self._said: Line = ()
        self._services: Services | None = None
        self._stack: StackRecord | None = None
        self._reading: LogReading | None = None
        self._coming: deque[object] = deque()  # of what came, what has no place yet
        self._painted = 0.0
        self._due = False
        self._more = False  # something came while what came before was still put into its place
        self._paused = False
        self._away: WizardError | None = None
        self._older: Job[list[LogLine]] | None = None
        self._rounds = 0
        self._begins = False
        self._saving: Job[Path] | None = None

    def compose(self) -> ComposeResult:
        """A title, a field in its place when it is asked for, and the lines."""
        with Vertical(id="log-head"):
            yield Static("", markup=False, id="log-title")
            yield FindField("words, or a regular expression; ⏎ keeps, esc shows all", id="filter")
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
        if self._reading:
            self._reading.close()

    def open(self, services: Services, stack: StackRecord) -> None:
        """Begins to read the logs of a stack."""
        self._services, self._stack = services, stack
        self._reading = LogReading(self, services, stack)

    def show_unit(self, unit: str | None) -> None:
        """The lines of one unit; of all with None."""
        self.units = frozenset({unit} if unit else ())
        self.lines.filter(units=self.units)
        self.lines.follow(True)

    # Searching --------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """A field for words takes the place of the title."""
        self.add_class("-filter")
        self.query_one("#filter").focus()

    def leave_search(self) -> bool:
        """Out of the field, or from what was looked for to all lines; False when there is nothing to leave."""
        if not self.has_class("-filter") and not self.lines.look.wanted:
            return False
        field = self.query_one("#filter", Input)
        with self.prevent(Input.Changed):
            field.value = ""
        self.lines.filter(wanted=Wanted())
        self._keep()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self.lines.filter(wanted=Wanted(event.value))

    def on_input_submitted(self) -> None:
        """Keeps what is looked for."""
        self._keep()

    def _keep(self) -> None:
        self.remove_class("-filter")
        self.lines.focus()
        self._title()

    def action_only(self) -> None:
        """Only lines that match, or all of them with the matches marked."""
        self.lines.view.only = not self.lines.view.only
        at = self.lines.cursor
        if at is None or self.lines.following:
            self.lines.follow(True)
        else:
            self.lines.go_to(at, middle=True)

    def action_match(self, step: int) -> None:
        """The next line that matches."""
        self.lines.match(step)

    # What is done with lines ------------------------------------------------------------------------------------

    def action_clock(self) -> None:
        """Time of day here, UTC, or none."""
        self.lines.next_clock()

    def action_whole(self) -> None:
        """The whole line in a window of its own."""
        from airflow_wizard.tui.screens.log_line import LogLineOverlay

        line = self.lines.current
        if line is not None:
            self.app.push_screen(LogLineOverlay(line))

    def action_copy(self) -> None:
        """The selected line, or while following what is seen, to the clipboard of the terminal."""
        pane = self.lines
        chosen = pane.seen if pane.following or pane.current is None else [pane.current]
        text = "\n".join(map(exported, chosen))
        self.app.copy_to_clipboard(text[:CLIPBOARD])
        cut = f", cut to {CLIPBOARD:,} characters" if len(text) > CLIPBOARD else ""
        self.post_message(self.Done(f"{len(chosen)} line{'s' * (len(chosen) != 1)} copied{cut}"))

    def action_save(self) -> None:
        """What is shown, to a file."""
        services, stack, pane = self._services, self._stack, self.lines
        if services is None or stack is None:
            return
        chosen = [pane.ring[pane.view[row]] for row in range(len(pane.view))]
        self._saving = Job(self, "save", lambda _: services.save_log(stack, [exported(line) for line in chosen]))

    # What comes -------------------------------------------------------------------------------------------------

    def on_arrived(self, event: Arrived) -> None:
        """Lines came. The first are painted at once, those after them together with what comes in the next moment."""
        if self._reading is None or event.job is not self._reading.job:
            return
        if self._due:
            self._more = True
            return
        self._due = True
        wait = self._painted + GATHER - time.monotonic()
        if wait > 0:
            self.set_timer(wait, self._take)
        else:
            self._take()

    def _take(self) -> None:
        self._due = False
        # While somebody reads further up and nothing more can be held, the engine keeps what is written.
        self._paused = self.lines.ring.full and not self.lines.following
        if self._reading is None or self._paused:
            return
        if not self._coming:
            self._more = False
            self._coming.extend(self._reading.take())
        until = time.perf_counter() + SLICE
        while self._coming:
            item = self._coming.popleft()
            if isinstance(item, list):
                self._away = None
                self.lines.add(item)
            elif isinstance(item, WizardError):
                self._away = item
            if time.perf_counter() >= until:
                break
        self._painted = time.monotonic()
        self._title()
        if self._coming or self._more:
            # Of a burst the rest comes as soon as keys were served; what came meanwhile is not announced again.
            self._due = True
            self.set_timer(0.001 if self._coming else GATHER, self._take)

    def on_ended(self, event: Ended) -> None:
        """Reading or saving that cannot go on says why."""
        older, saving = self._older, self._saving
        if event.job is older:
            self._older = None
        if event.job.error:
            self.post_message(self.Failed(event.job.error))
        elif saving is not None and event.job is saving:
            self.post_message(self.Done(f"saved, readable by you alone: {saving.value}"))
        elif older is not None and event.job is older:
            self._put_older(older.value or [])

    def on_log_pane_changed(self) -> None:
        """The title says where one is."""
        if self._paused and self.lines.following:
            self._take()
        self._title()

    # What is older ----------------------------------------------------------------------------------------------

    def on_log_pane_beginning(self) -> None:
        """One looks further up than what was read."""
        if self._older is None:
            self._rounds = AT_ONCE
            self._read_older()

    def _read_older(self) -> None:
        ring, services, stack = self.lines.ring, self._services, self._stack
        until = ring[ring.first].time if len(ring) else None
        if services is None or stack is None or until is None or self._begins or ring.full:
            self._title()
            return
        self._rounds -= 1
        tail = OLDER + len(_at(ring.between(ring.first, ring.end), until))
        self._older = Job(self, "older", lambda _: services.older_logs(stack, until=until, tail=tail, units=None))

    def _put_older(self, lines: list[LogLine]) -> None:
        pane, before = self.lines, len(self.lines.view)
        until = pane.ring[pane.ring.first].time
        # The last moment is that of the first line that is here: what came twice is left out.
        known = Counter(_at(pane.ring.between(pane.ring.first, pane.ring.end), until))
        new: list[LogLine] = []
        for line in reversed(lines):
            if line.time == until and known[line] > 0:
                known[line] -= 1
            elif line.time != until or not line.kind:
                new.append(line)
        self._begins = not any(not line.kind for line in new)
        if not self._begins:
            pane.put_before(new[::-1])
        if len(pane.view) == before and not self._begins and self._rounds > 0:
            self.call_later(self._read_older)
        self._title()

    def _title(self) -> None:
        pane = self.lines
        view, wanted = pane.view, pane.look.wanted
        problem = self._away or (self._reading.problem if self._reading else None)
        at_top = not pane.following and len(view) > 0 and pane.cursor == view[0]
        note = problem.what if problem else ""
        if not note and at_top:
            note = self._about_top()
        state = present.LogState(
            units=self.units,
            words=wanted.words,
            wrong=wanted.wrong,
            match=view.place(pane.cursor) if wanted and pane.cursor is not None and not pane.following else 0,
            hits=view.hits,
            lines=view.all,
            only=view.only,
            following=pane.following,
            skipped=self._reading.skipped if self._reading else 0,
            left=pane.ring.left,
            searching=not view.whole,
            note=note,
        )
        words = present.title(state)
        if isinstance(problem, EngineUnreachableError) and width(words) > self.size.width:
            # The whole reason is said by the units too.
            words = present.title(replace(state, note="engine away, asked again"))
        if words != self._said:
            self._said = words
            self.query_one("#log-title", Static).update(content(words), layout=False)

    def _about_top(self) -> str:
        if self._begins:
            return "the log begins here"
        if self._older is not None:
            return "reading older lines…"
        if self.lines.ring.full:
            return "no room for older lines; all of them: airflow-wizard logs --tail 1000000"
        return ""


def _at(lines: Iterable[LogLine], time: float | None) -> list[LogLine]:
    """The first of them, as long as they are of this moment."""
    return list(takewhile(lambda line: line.time == time, lines))
