"""Small overlays: a text to read, a question to confirm, one of a few ways to choose, a line to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from airflow_wizard.tui.keys import CLOSE, Key, bindings
from airflow_wizard.tui.spans import Line, Tone, content, span
from airflow_wizard.tui.widgets.controls import Toggle
from airflow_wizard.tui.widgets.rows import Column, Row, RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult

ENTER = Key("overlay.yes", "enter,y", "yes", "yes", "Do it", face="⏎")
CANCEL = Key("overlay.cancel", "escape", "back", "back", "Do nothing", face="esc")
FIELD = Key("overlay.field", "up,down", "field(1)", "field", "To the switch, or to the line", False, "↑")
NO = Key("overlay.no", "escape,n,q", "back", "no", "Do nothing", face="esc")


# Cells of a text to read, and the lines around it.
WIDE, WIDEST, AROUND = 110, 150, 8


class TextOverlay(ModalScreen[None]):
    """Lines to read."""

    BINDINGS = bindings(CLOSE)

    def __init__(self, title: Line, lines: Sequence[Line], *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._head = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """A title and the text."""
        with Vertical(classes="dialog wide"):
            yield Static(content(self._head), markup=False, classes="head")
            with VerticalScroll():
                yield Static(content(*self._lines), markup=False)
            yield Static(content((("esc", Tone.ACCENT), (" close", Tone.DIM))), markup=False, classes="foot")

    def on_resize(self, event: events.Resize) -> None:
        """As much of a large terminal as helps to read; a frame, a title and a key line are around the text."""
        self.query_one(".dialog").styles.width = max(WIDE, min(WIDEST, event.size.width * 3 // 4))
        self.query_one(VerticalScroll).styles.max_height = max(5, event.size.height * 9 // 10 - AROUND)

    def action_back(self) -> None:
        """Closes it."""
        self.dismiss()


class Confirm(ModalScreen[bool]):
    """A question with what exactly would be done; Enter says yes."""

    BINDINGS = bindings(ENTER, NO)

    def __init__(self, question: str, lines: Sequence[Line], *, yes: str, no: str = "back") -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question, its details, and the two keys."""
        keys: Line = (
            ("⏎", Tone.ACCENT), (f" {self._yes}     ", Tone.PLAIN), ("esc", Tone.ACCENT), (f" {self._no}", Tone.PLAIN),
        )  # fmt: skip
        with Vertical(classes="dialog"):
            yield Static(content(((self._question, Tone.STRONG),)), markup=False, classes="head")
            with VerticalScroll():
                yield Static(content(*self._lines), markup=False)
            yield Static(content(keys), markup=False, classes="foot")

    def action_yes(self) -> None:
        """Does it."""
        self.dismiss(True)

    def action_back(self) -> None:
        """Does nothing."""
        self.dismiss(False)


class Choose(ModalScreen[str | None]):
    """A few ways to go on, each with a line of detail; returns the key of the chosen row, or None."""

    BINDINGS = bindings(CLOSE)

    FOOT: Line = (("⏎", Tone.ACCENT), (" choose     ", Tone.PLAIN), ("esc", Tone.ACCENT), (" back", Tone.PLAIN))

    def __init__(
        self,
        question: str,
        rows: Sequence[Row],
        columns: Sequence[Column] = (),
        *,
        foot: Line = FOOT,
        details: Mapping[str, Line] | None = None,
    ) -> None:
        super().__init__()
        self._question = question
        self._rows = rows
        self._columns = columns
        self._foot = foot
        self._details = details

    def compose(self) -> ComposeResult:
        """The question, the ways, and the keys."""
        with Vertical(classes="dialog"):
            yield Static(content((span(self._question, Tone.STRONG),)), markup=False, classes="head")
            yield RowList(*self._columns, id="choices")
            if self._details is not None:
                yield Static("", markup=False, id="detail")
            yield Static(content(self._foot), markup=False, classes="foot")

    def on_mount(self) -> None:
        """The mildest way is selected."""
        rows = self.query_one("#choices", RowList)
        rows.show(self._rows)
        rows.focus()

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """More about the way that is selected, where there is more."""
        if self._details is not None:
            self.query_one("#detail", Static).update(content(self._details.get(event.key, ())))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """That way."""
        self.dismiss(event.key)

    def action_back(self) -> None:
        """None of them."""
        self.dismiss(None)


class AskText(ModalScreen[str | None]):
    """One line to type; ``accept`` says what is wrong with it, or nothing.

    With ``switch`` there is also something to switch on.

    Attributes:
        switched: it is on.
    """

    BINDINGS = bindings(CANCEL, FIELD)

    def __init__(
        self,
        question: str,
        lines: Sequence[Line],
        *,
        ask: Line = (),
        value: str = "",
        accept: Callable[[str], str] = lambda _: "",
        switch: Line = (),
    ) -> None:
        super().__init__()
        self._question = question
        self._lines = lines
        self._value = value
        self._accept = accept
        self._ask = ask
        self._switch = switch
        self.switched = False

    def compose(self) -> ComposeResult:
        """The question, its details, the field and one line for what is wrong."""
        with Vertical(classes="dialog"):
            yield Static(content(((self._question, Tone.STRONG),)), markup=False, classes="head")
            with VerticalScroll():
                yield Static(content(*self._lines), markup=False)
            if self._switch:
                with Horizontal(classes="also"):
                    yield Toggle(False, "also")
                    yield Static(content(self._switch), markup=False)
            yield Static(content(self._ask), markup=False, classes="ask")
            yield Input(self._value, compact=True, id="answer")
            yield Static("", markup=False, classes="foot", id="wrong")

    def on_mount(self) -> None:
        """Typing can begin."""
        self.query_one("#answer").focus()
        self._say("")

    def _say(self, wrong: str) -> None:
        keys: Line = (("⏎", Tone.ACCENT), (" go on     ", Tone.PLAIN), ("esc", Tone.ACCENT), (" back", Tone.PLAIN))
        if self._switch:
            keys = (*keys, ("     ↑", Tone.ACCENT), (" to the switch", Tone.PLAIN))
        self.query_one("#wrong", Static).update(content(((f"✖ {wrong}", Tone.FAIL),) if wrong else keys))

    def on_input_changed(self) -> None:
        """What was wrong may be right now."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes the line when it is acceptable."""
        wrong = self._accept(event.value.strip())
        if wrong:
            self._say(wrong)
        else:
            self.dismiss(event.value.strip())

    def action_back(self) -> None:
        """Does nothing."""
        self.dismiss(None)

    def on_toggle_changed(self, event: Toggle.Changed) -> None:
        """Remembered: the answer is read when the dialog is gone."""
        self.switched = event.value

    def action_field(self, step: int) -> None:
        """From the line to the switch and back."""
        del step
        toggles = self.query(Toggle)
        if toggles:
            (self.query_one("#answer") if toggles.first().has_focus else toggles.first()).focus()
