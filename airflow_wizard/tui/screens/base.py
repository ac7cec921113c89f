"""What every screen is made of: bar, rail, work, explanation, keys. And how to leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from airflow_wizard.tui.flow import DEPTH
from airflow_wizard.tui.keys import BACK, bindings
from airflow_wizard.tui.session import STEPS
from airflow_wizard.tui.spans import Line, Tone, content, line, span
from airflow_wizard.tui.widgets.frame import KeyHints, Rail, StepWanted, TopBar
from airflow_wizard.tui.widgets.side import SidePanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from airflow_wizard.errors import WizardError
    from airflow_wizard.tui.app import WizardApp
    from airflow_wizard.tui.services import Services
    from airflow_wizard.tui.session import Session

W = TypeVar("W", bound="Widget")


class WizardScreen(Screen[None]):
    """A whole screen.

    Attributes:
        NAME: its name in the key table.
        STEP: the step of the flow it is; empty outside of the flow.
        SIDE: it has an explanation at the right.
        MORE_HINTS: keys of the whole app that are worth naming in its footer.
    """

    NAME: ClassVar[str] = ""
    STEP: ClassVar[str] = ""
    SIDE: ClassVar[bool] = False
    MORE_HINTS: ClassVar[frozenset[str]] = frozenset()
    AUTO_FOCUS = ""  # each screen says where the work begins
    TITLE_TEXT: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (140, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 - as above
    BINDINGS = bindings(BACK)

    def __init__(self) -> None:
        self._words_at: dict[str, tuple[Line, ...]] = {}
        self._hidden: Widget | None = None
        super().__init__(name=self.NAME, classes=self.NAME if self.STEP else f"{self.NAME} -bare")

    @property
    def wizard(self) -> WizardApp:
        """The app, by its own type."""
        return cast("WizardApp", self.app)

    @property
    def services(self) -> Services:
        """What may be asked for, from a thread."""
        return self.wizard.services

    @property
    def session(self) -> Session:
        """What is decided so far."""
        return self.wizard.session

    def compose(self) -> ComposeResult:
        """The frame around `body`."""
        yield TopBar()
        with Horizontal(id="middle"):
            if self.STEP:
                yield Rail(self.STEP, self.session.furthest)
            with Vertical(id="main"):
                if self.TITLE_TEXT:
                    yield Static(self.TITLE_TEXT, id="title", markup=False)
                yield from self.body()
            yield from self.aside()
        yield Static("", id="says", markup=False)
        yield KeyHints()

    def body(self) -> Iterable[Widget]:
        """The work itself."""
        return ()

    def aside(self) -> Iterable[Widget]:
        """What stands at the right of it."""
        if self.SIDE:
            yield SidePanel()

    def part(self, kind: type[W], selector: str) -> W:
        """A widget of this screen."""
        return self.query_one(selector, kind)

    def says(self, *parts: tuple[str, Tone] | str) -> None:
        """The one line under the work; its place is always kept."""
        self.put("#says", line(*parts))

    def put(self, selector: str, *lines: Line) -> None:
        """Words into a place of fixed size: no layout is computed, and the same words are not painted twice."""
        if self._words_at.get(selector) != lines:
            self._words_at[selector] = lines
            self.part(Static, selector).update(content(*lines), layout=False)

    def says_error(self, error: WizardError) -> None:
        """What went wrong, with its next command."""
        parts: list[tuple[str, Tone] | str] = [("✖ ", Tone.FAIL), span(error.what)]
        if error.next:
            parts += [("  →  ", Tone.DIM), span(error.next, Tone.ACCENT)]
        self.says(*parts)

    def explain(self, title: str, lines: Sequence[Line]) -> None:
        """Fills the panel at the right."""
        if self.SIDE:
            self.part(SidePanel, "#side").show(title, lines)

    def about(self, text: str) -> None:
        """What is worked on, at the right of the top line."""
        self.part(TopBar, "#top").about(text)

    def may_leave(self) -> bool:
        """False when something runs that must be asked about first; the screen asks then."""
        return True

    def action_panel(self) -> None:
        """Shows or hides the explanation; on a narrow terminal it takes the place of the work."""
        # On a narrow terminal the work is hidden meanwhile and loses the focus; it gets it back.
        hidden, self._hidden = self._hidden, self.focused
        self.toggle_class("-panel")
        if not self.has_class("-panel") and hidden is not None:
            self.call_after_refresh(self.set_focus, hidden)
        self.refresh_bindings()

    def abandon(self, then: Callable[[], object]) -> bool:
        """Stops what runs and calls ``then`` at its end; False when nothing runs."""
        del then
        return False

    def on_step_wanted(self, event: StepWanted) -> None:
        """A click on the rail."""
        if self.may_leave():
            self.wizard.action_go(event.step)

    def action_back(self) -> None:
        """One step back, or out of the open panel."""
        if self.has_class("-narrow") and self.has_class("-panel"):
            self.action_panel()
        elif len(self.app.screen_stack) > DEPTH:
            self.app.pop_screen()
        elif self.STEP and STEPS.index(self.STEP) > 0:
            self.wizard.action_go(STEPS[STEPS.index(self.STEP) - 1])
        else:
            self.wizard.action_home()
