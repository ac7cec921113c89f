"""Every command that was run for a stack: when, how long, how it ended, and what it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import COMMANDS, bindings
from airflow_wizard.tui.present import commands as present
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.screens.dialogs import TextOverlay
from airflow_wizard.tui.spans import Tone, line, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from airflow_wizard.run.command_history import PastCommand
    from airflow_wizard.workflows.stacks import StackRecord

AGAIN = 1.0  # seconds between two looks at the log, which another wizard may write to


class CommandList(RowList):
    """The commands, newest first."""

    BINDINGS = bindings(*COMMANDS)

    def action_copy(self) -> None:
        """The selected command, to the clipboard of the terminal."""
        if isinstance(self.screen, Commands):
            self.screen.copy()


class Commands(WizardScreen):
    """The command log of one stack."""

    NAME = "commands"
    TITLE_TEXT = "What the wizard ran"

    def __init__(self, stack: StackRecord) -> None:
        super().__init__()
        self._stack = stack
        self._listed: list[PastCommand] = []
        self._job: Job[list[PastCommand]] | None = None

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield CommandList(*present.COLUMNS, id="commands")

    def on_mount(self) -> None:
        """Reads the log, and again while it is looked at."""
        self.part(CommandList, "#commands").focus()
        self.about(self._stack.name)
        self.set_interval(AGAIN, self._read)
        self._read()

    def _read(self) -> None:
        if self._job is None or self._job.over:
            self._job = Job(self, "commands", lambda _: self.services.commands(self._stack))

    def on_ended(self, event: Ended) -> None:
        """The log was read."""
        if event.job is not self._job or self._job is None:
            return
        if self._job.error:
            self.says_error(self._job.error)
        elif self._job.value is not None and (first := not self._listed) | (self._job.value != self._listed):
            self._listed = self._job.value
            self.part(CommandList, "#commands").show(present.rows(self._listed))
            if first:
                self.says(*present.said(self._listed))

    @property
    def selected(self) -> PastCommand | None:
        """The command under the cursor."""
        key = self.part(CommandList, "#commands").current
        return self._listed[int(key)] if key else None

    def on_row_list_chosen(self) -> None:
        """The whole command, and what it wrote."""
        command = self.selected
        if command:
            self.app.push_screen(TextOverlay(line(("One command", Tone.STRONG)), present.whole(command)))

    def copy(self) -> None:
        """The selected command, to the clipboard of the terminal."""
        command = self.selected
        if command:
            self.app.copy_to_clipboard(command.command)
            self.says(("● ", Tone.OK), "copied ", span(command.command, Tone.ACCENT))
