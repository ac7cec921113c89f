"""What stands around the work: the bar above, the rail of steps, the keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.keys import key_to_character
from textual.message import Message
from textual.widget import Widget

from airflow_wizard.tui.keys import face, table
from airflow_wizard.tui.session import STEPS
from airflow_wizard.tui.spans import STYLES, Line, Tone, content, fit, line, span, width

if TYPE_CHECKING:
    from textual import events

GAP = 3
# What every screen has stands behind what only this one has.
QUIT_TYPING = "app.quit_now"
ALWAYS = frozenset({"app.help", "app.quit", QUIT_TYPING})
LAST = frozenset({"screen.back", "screen.panel", "overlay.close"})
TITLES = {"checks": "Checks", "target": "Target", "options": "Options", "review": "Review", "launch": "Launch"}


class TopBar(Widget):
    """The program's name on the left, what is worked on at the right."""

    def __init__(self) -> None:
        super().__init__(id="top")
        self._about: Line = ()

    def about(self, text: str) -> None:
        """Names what is worked on."""
        self._about = (span(text, Tone.DIM),)
        self.refresh()

    def render(self) -> Content:
        """One line."""
        name = line((" airflow-wizard", Tone.ACCENT))
        room = max(0, self.size.width - width(name) - 2)
        return content(name + fit(self._about, room, right=True))


class Rail(Widget):
    """Where the flow stands; a step that was reached can be clicked."""

    def __init__(self, step: str, furthest: int) -> None:
        super().__init__(id="rail")
        self._step = step
        self._furthest = furthest

    def render(self) -> Content:
        """One line for each step."""
        here = STEPS.index(self._step)
        parts: list[Content | str] = ["\n"]
        for number, step in enumerate(STEPS):
            if number == here:
                words = Content.styled(f" ◐ {TITLES[step]}", STYLES[Tone.ACCENT])
            elif number < here:
                words = Content.styled(" ● ", STYLES[Tone.OK]) + Content(TITLES[step])
            else:
                words = Content.styled(f" ○ {TITLES[step]}", STYLES[Tone.DIM])
            parts += [words, "\n"]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Back to a step that was reached before."""
        number = event.y - 1
        if 0 <= number <= self._furthest and STEPS[number : number + 1] not in {(), (self._step,)}:
            self.post_message(StepWanted(STEPS[number]))


class StepWanted(Message):
    """A step of the rail was clicked; the screen decides whether it may be left."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step


class KeyHints(Widget):
    """The keys that work now, and no other; each can be clicked."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._places: list[tuple[range, str]] = []

    def on_mount(self) -> None:
        """What works changes with focus and state."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _typed(self, key: str) -> bool:
        """A field with the focus takes this key as text."""
        focused, character = self.screen.focused, key_to_character(key)
        return focused is not None and character is not None and focused.check_consume_key(key, character)

    def working(self) -> list[tuple[str, str, str]]:
        """Id, key and words of what would act now, in the order of the key table; what is typed is no key."""
        order = {name: number for number, name in enumerate(table())}
        more: frozenset[str] = getattr(self.screen, "MORE_HINTS", frozenset())
        found: dict[str, tuple[str, str, str]] = {}
        for active in self.screen.active_bindings.values():
            binding, name = active.binding, active.binding.id or ""
            named = binding.show or name == QUIT_TYPING or name in more
            if not active.enabled or name not in order or not named:
                continue
            if self._typed(binding.key):
                continue
            key = table()[name]
            first = key.keys.split(",")[0]
            shown = face(binding.key) if self._typed(first) else key.face or face(first)
            found.setdefault(name, (name, shown, binding.description))
        if "app.quit" in found:
            found.pop(QUIT_TYPING, None)
        return sorted(found.values(), key=lambda hint: (hint[0] in LAST, hint[0] in more, order[hint[0]]))

    def render(self) -> Content:
        """One line: what this screen does on the left, what is always there at the right."""
        own: list[tuple[str, Content]] = []
        always: list[tuple[str, Content]] = []
        for name, key, words in self.working():
            hint = Content.assemble((key, STYLES[Tone.ACCENT]), (f" {words}", STYLES[Tone.DIM]))
            (always if name in ALWAYS else own).append((name, hint))
        right_cells = sum(hint.cell_length for _, hint in always) + GAP * (len(always) - 1)
        start = max(1, self.size.width - right_cells - 1)
        self._places = []
        parts: list[Content | str] = []
        x = 0
        for name, hint in own:
            if x + GAP + hint.cell_length > start - GAP:
                break
            x = self._add(parts, name, hint, x, GAP if x else 1)
        for name, hint in always:
            x = self._add(parts, name, hint, x, start - x if start > x else GAP)
            start = 0
        return Content.assemble(*parts)

    def _add(self, parts: list[Content | str], name: str, hint: Content, x: int, gap: int) -> int:
        parts += [" " * gap, hint]
        begin, end = x + gap, x + gap + hint.cell_length
        self._places.append((range(begin, end), name))
        return end

    def on_click(self, event: events.Click) -> None:
        """The same as the key."""
        at = event.get_content_offset(self)
        for place, name in self._places:
            if at is not None and at.x in place:
                self.app.post_message(HintClicked(name))


class HintClicked(Message):
    """A key hint was clicked."""

    def __init__(self, binding: str) -> None:
        super().__init__()
        self.binding = binding
