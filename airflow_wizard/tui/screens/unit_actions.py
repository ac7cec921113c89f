"""What can be done to one unit: a small menu with the exact commands, and each of them carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import SuspendNotSupported

from airflow_wizard.errors import WizardError
from airflow_wizard.text import one_line
from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import MENU, bindings
from airflow_wizard.tui.present import unit as present
from airflow_wizard.tui.screens.dialogs import Choose, TextOverlay
from airflow_wizard.tui.screens.lifecycle import Lifecycle
from airflow_wizard.tui.spans import Line, Tone, line, span
from airflow_wizard.tui.widgets.rows import RowList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.snapshot import Unit
    from airflow_wizard.workflows.lifecycle import Verb
    from airflow_wizard.workflows.units import UnitAction

PREVIOUS = 200  # lines of the run before


class ActionMenu(Choose):
    """Ways to act on a unit; the command of each can be copied instead."""

    BINDINGS = bindings(MENU)
    FOOT: Line = (
        ("⏎", Tone.ACCENT), (" do it     ", Tone.PLAIN), ("y", Tone.ACCENT), (" copy its command     ", Tone.PLAIN),
        ("esc", Tone.ACCENT), (" back", Tone.PLAIN),
    )  # fmt: skip

    def __init__(self, unit: str, actions: Sequence[UnitAction]) -> None:
        super().__init__(
            one_line(unit, limit=60), present.menu(actions), foot=self.FOOT, details=present.commands(actions)
        )
        self._commands = {action.id: action.command for action in actions}

    def action_copy(self) -> None:
        """The command, to the clipboard of the terminal."""
        self.app.copy_to_clipboard(self._commands.get(self.query_one("#choices", RowList).current, ""))
        self.dismiss("copied")


class UnitActions(Lifecycle):
    """A screen on which units are acted upon."""

    _acted: Unit | None = None
    _older: Job[list[LogLine]] | None = None

    def act_on(self, unit: Unit | None) -> None:
        """Shows what can be done to a unit, and does what is chosen."""
        if unit is None or self.stack is None or self.busy:
            return
        # A browser has no terminal to give away.
        found = [a for a in self.services.unit_actions(self.stack, unit) if a.id != "shell" or not self.app.is_web]
        if not found:
            self.says(("○ ", Tone.DIM), "nothing can be done to ", span(unit.id), " as it is now")
            return
        self._acted = unit
        commands = {action.id: action.command for action in found}
        self.app.push_screen(ActionMenu(unit.id, found), lambda name: self._act(name, unit, commands))

    def _act(self, name: str | None, unit: Unit, commands: dict[str, str]) -> None:
        match name:
            case "restart" | "stop" | "start":
                self.prepare_unit(cast("Verb", name), unit.component or unit.id)
            case "shell":
                self._shell(unit)
            case "open":
                self.open_page(commands["open"])
            case "address":
                self.app.copy_to_clipboard(commands["address"])
                self.says(("● ", Tone.OK), "copied ", span(commands["address"], Tone.ACCENT))
            case "copied":
                self.says(("● ", Tone.OK), "command copied")
            case "previous":
                self._read_older(unit)

    def open_page(self, url: str) -> None:
        """A browser, when there is one."""
        self.says("opening ", span(url, Tone.ACCENT))
        Job(self, "browser", lambda _: self.services.open_in_browser(url))

    def _shell(self, unit: Unit) -> None:
        if self.stack is None:
            return
        try:
            with self.app.suspend():
                code = self.services.shell(self.stack, unit)
        except SuspendNotSupported:
            self.says(("▲ ", Tone.WARN), "this terminal cannot be handed over; x, then y copies the command instead")
        except WizardError as error:
            self.says_error(error)
        else:
            sign = ("● ", Tone.OK) if code == 0 else ("▲ ", Tone.WARN)
            self.says(sign, "the shell in ", span(unit.id), f" ended with exit {code}")

    def _read_older(self, unit: Unit) -> None:
        stack = self.stack
        if stack is None:
            return
        self.says(("◐ ", Tone.WORK), "reading what the run before wrote…")
        before = unit.since
        self._older = Job(self, "older", lambda _: self.services.last_lines(stack, unit, PREVIOUS, before=before))

    def older_ended(self, event: Ended) -> bool:
        """What the run before wrote is there; False when this was about something else."""
        if self._older is None or event.job is not self._older or self._acted is None:
            return False
        if self._older.error:
            self.says_error(self._older.error)
        else:
            self.says("")
            lines = present.older(self._older.value or [])
            title = line("Last lines of the run before of ", span(self._acted.id, Tone.ACCENT))
            self.app.push_screen(TextOverlay(title, lines))
        return True
