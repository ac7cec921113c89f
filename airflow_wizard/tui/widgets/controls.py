"""The controls of the form: a line to type, a list to choose from, a switch that says on or off in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Select

from airflow_wizard.tui.keys import Key, bindings
from airflow_wizard.tui.spans import STYLES, Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from airflow_wizard.options.model import Choice

FIELDS = (
    Key("field.up", "up", "screen.field(-1)", "field", "Field above", False, "↑"),
    Key("field.down", "down", "screen.field(1)", "field", "Field below", False, "↓"),
)
OPEN = Key("field.open", "enter,space", "show_overlay", "choose", "Show what can be chosen", face="⏎")
SWITCH = Key("field.switch", "enter,space,left,right", "switch", "on/off", "Switch on or off", face="⏎")
GO = Key("field.go", "enter,space", "screen.next", "review", "See what would be done", face="⏎")


class TypedLine(Input):
    """A line to type, without a box."""

    BINDINGS = bindings(*FIELDS)

    def __init__(self, value: str, name: str, example: str = "") -> None:
        super().__init__(value, example, compact=True, id=f"field-{name}", select_on_focus=False)


class FindField(Input):
    """Words to find something by. Its place is fixed: a letter more does not lay the whole screen out anew."""

    value = reactive("", init=False)
    virtual_size = reactive(Size(0, 0))

    def __init__(self, hint: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(placeholder=hint, compact=True, id=id)


class ChoiceField(Select[str], inherit_bindings=False):
    """A list to choose from; the arrows walk through the form and leave the list closed."""

    BINDINGS = bindings(OPEN, *FIELDS)

    def __init__(self, choices: Sequence[Choice], value: str, name: str) -> None:
        listed = self.listed(choices, value)
        super().__init__(listed, value=value, allow_blank=False, compact=True, id=f"field-{name}")

    @staticmethod
    def listed(choices: Sequence[Choice], value: str) -> list[tuple[str, str]]:
        """Choices as Textual wants them; an answer that is none of them stays visible."""
        # Content is what a Select renders without looking for markup, and mypy knows only its str side.
        shown = [(Content(choice.label or choice.value), choice.value) for choice in choices]
        if value not in {choice.value for choice in choices}:
            shown.insert(0, (Content(value or "—"), value))
        return shown  # type: ignore[return-value]


class Toggle(Widget, can_focus=True):
    """On or off, in words and with a glyph."""

    BINDINGS = bindings(SWITCH, *FIELDS)
    value = reactive(default=False)

    class Changed(Message):
        """It was switched."""

        def __init__(self, toggle: Toggle, value: bool) -> None:
            super().__init__()
            self.toggle = toggle
            self.value = value

    def __init__(self, value: bool, name: str) -> None:
        super().__init__(id=f"field-{name}")
        self.set_reactive(Toggle.value, value)

    def render(self) -> Content:
        """Both words; the one that holds is marked."""
        parts: list[tuple[str, str]] = []
        for word, holds in (("on", self.value), ("off", not self.value)):
            tone = (Tone.ACCENT if self.has_focus else Tone.STRONG) if holds else Tone.DIM
            parts.append((f"{'●' if holds else '○'} {word}   ", STYLES[tone]))
        return Content.assemble(*parts)

    def action_switch(self) -> None:
        """The other one."""
        self.value = not self.value
        self.post_message(self.Changed(self, self.value))

    def on_click(self, event: events.Click) -> None:
        """A click switches."""
        event.stop()
        self.action_switch()


class GoOn(Widget, can_focus=True):
    """The end of the form."""

    BINDINGS = bindings(GO, *FIELDS)

    def render(self) -> Content:
        """One line."""
        tone = Tone.ACCENT if self.has_focus else Tone.DIM
        return Content.assemble(("→ Review what would be done", STYLES[tone]))

    async def on_click(self) -> None:
        """A click goes on."""
        await self.run_action("screen.next")
