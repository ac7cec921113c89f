"""Profiles: named answers, shipped and saved. Use, save, compare, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options.values import format_value
from airflow_wizard.profile.model import Profile
from airflow_wizard.tui.background import Ended, Job
from airflow_wizard.tui.keys import PANEL, SCREENS, bindings
from airflow_wizard.tui.screens.base import WizardScreen
from airflow_wizard.tui.spans import Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row, RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from airflow_wizard.workflows.profiles import ProfileEntry

COLUMNS = (Column(22), Column(8), Column(12, flex=1))


def row(entry: ProfileEntry) -> Row:
    """One profile."""
    return Row(
        entry.name,
        (
            (span(entry.name),),
            ((entry.source, Tone.ACCENT if entry.source == "saved" else Tone.DIM),),
            (span(entry.summary, Tone.DIM),),
        ),
    )


def described(entry: ProfileEntry, profile: Profile) -> list[Line]:
    """What it states."""
    lines: list[Line] = [line(span(entry.summary)), ()]
    lines.append((("target  ", Tone.DIM), (str(profile.target), Tone.PLAIN)))
    lines += [
        (span(name, Tone.DIM), ("  ", Tone.DIM), span(format_value(value))) for name, value in profile.given.items()
    ]
    if not profile.given:
        lines.append(dim("everything else: the defaults of the machine it is used on"))
    lines += [(), (("file  ", Tone.DIM), span(entry.path, Tone.DIM))]
    return lines


def compared(name: str, differing: list[tuple[str, str, str]]) -> list[Line]:
    """The current answers against a profile."""
    if not differing:
        return [(("● ", Tone.OK), ("no difference", Tone.PLAIN))]
    lines: list[Line] = [(("option", Tone.DIM), ("   current → ", Tone.DIM), span(name, Tone.DIM)), ()]
    for option, mine, theirs in differing:
        lines.append(
            (
                span(option),
                ("  ", Tone.DIM),
                span(mine or "default", Tone.FAIL),
                (" → ", Tone.DIM),
                span(theirs or "default", Tone.OK),
            )
        )
    return lines


class Profiles(WizardScreen):
    """One key away from everywhere."""

    NAME = "profiles"
    SIDE = True
    TITLE_TEXT = "Profiles: named answers, without secrets"
    BINDINGS = bindings(*SCREENS["profiles"], PANEL)

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, ProfileEntry] = {}
        self._list: Job[list[ProfileEntry]] | None = None
        self._detail: Job[list[Line]] | None = None
        self._deed: Job[str] | None = None

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield RowList(*COLUMNS, id="rows")

    def on_mount(self) -> None:
        """Reads them."""
        self.part(RowList, "#rows").focus()
        self._read()

    def _read(self) -> None:
        self._list = Job(self, "profiles", lambda _: self.services.known_profiles())

    def on_ended(self, event: Ended) -> None:
        """A list, a detail, or a deed."""
        if event.job is self._list:
            if self._list.error:
                self.says_error(self._list.error)
            else:
                self._entries = {entry.name: entry for entry in self._list.value or []}
                self.part(RowList, "#rows").show([row(entry) for entry in self._entries.values()])
                self._explain()
        elif event.job is self._detail:
            entry = self._current()
            error = self._detail.error
            lines = [(("✖ ", Tone.FAIL), span(error.what)), dim(error.next)] if error else self._detail.value or []
            if entry:
                self.explain(entry.name, lines)
        elif event.job is self._deed:
            self._done(self._deed)
        self.refresh_bindings()

    def _done(self, deed: Job[str]) -> None:
        if deed.error:
            self.says_error(deed.error)
        elif deed.name == "use":
            self.wizard.pop_to_flow()
        else:
            self.says(("● ", Tone.OK), span(deed.value or ""))
            self._read()

    def _current(self) -> ProfileEntry | None:
        return self._entries.get(self.part(RowList, "#rows").current)

    def _explain(self) -> None:
        entry = self._current()
        if entry:
            self._detail = Job(self, "detail", lambda _: described(entry, self.services.load_profile(entry.name)))

    def on_row_list_highlighted(self) -> None:
        """Another one is shown."""
        self._explain()

    def on_row_list_chosen(self) -> None:
        """Enter uses it."""
        self.action_use()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works now is offered."""
        entry = self._current() if self.is_mounted else None
        if action == "delete":
            return entry is not None and entry.source == "saved"
        if action in {"use", "diff"}:
            return entry is not None and (action == "use" or self.session.target is not None)
        if action == "save":
            return self.session.target is not None
        return super().check_action(action, parameters)

    def action_use(self) -> None:
        """Begins a flow with it."""
        entry = self._current()

        def work(_: Job[str]) -> str:
            profile = self.services.load_profile(entry.name if entry else "")
            self.session.begin(profile)
            return profile.name

        if entry:
            self._deed = Job(self, "use", work)

    def action_diff(self) -> None:
        """The current answers against it."""
        entry = self._current()
        if entry:
            mine, name = self.session.profile(), entry.name
            self._detail = Job(
                self,
                "diff",
                lambda _: compared(name, self.services.diff_profiles(mine, self.services.load_profile(name))),
            )

    def action_save(self) -> None:
        """Asks for a name, and once more when it is taken."""
        from airflow_wizard.tui.screens.dialogs import AskText, Confirm

        def save(name: str | None) -> None:
            if not name:
                return
            taken = name in self._entries and self._entries[name].source == "saved"
            if not taken:
                self._save(name, overwrite=False)
                return
            dialog = Confirm(
                f"Replace the saved profile {name}?",
                [dim("Its answers are replaced by the current ones.")],
                yes="replace",
            )
            self.app.push_screen(dialog, lambda yes: self._save(name, overwrite=True) if yes else None)

        current = self.session.profile().name
        self.app.push_screen(
            AskText("Save the current answers as", [dim("No secret is ever saved.")], value=current), save
        )

    def _save(self, name: str, *, overwrite: bool) -> None:
        now = self.session.profile()
        profile = Profile(name=name, target=now.target, given=now.given)
        self._do("save", lambda _: f"saved as {self.services.save_profile(profile, overwrite=overwrite)}")

    def action_delete(self) -> None:
        """Asks, then deletes."""
        from airflow_wizard.tui.screens.dialogs import Confirm

        entry = self._current()
        if entry is None:
            return

        def work(_: Job[str]) -> str:
            self.services.delete_profile(entry.name)
            return f"deleted {entry.name}"

        dialog = Confirm(f"Delete the profile {entry.name}?", [(span(entry.path, Tone.DIM),)], yes="delete")
        self.app.push_screen(dialog, lambda yes: self._do("delete", work) if yes else None)

    def _do(self, name: str, work: Callable[[Job[str]], str]) -> None:
        self._deed = Job(self, name, work)
