"""From the first screen of the wizard to its review, by keystrokes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.terminal import Terminal

ENTER, DOWN, RIGHT, END, BACKSPACE, F8 = "\r", "\x1b[B", "\x1b[C", "\x1b[F", "\x7f", "\x1b[19~"


def answer(
    terminal: Terminal, name: str, profile: str, target: str = "Docker Compose", file: str = "docker-compose.yaml"
) -> None:
    """Takes a profile and gives the stack a name of the test's own; the review shows ``file``."""
    terminal.until(profile)
    while not re.search(rf"❯ .*{profile}", terminal.text):
        before = selected(terminal.text)
        terminal.press(DOWN)
        terminal.until(one_other_is_selected(before))
    terminal.until(every(rf"❯ .*{profile}"))
    terminal.press(ENTER)
    terminal.until(every(r"Is this machine ready\?", r"\d+ checked", r" next "), patience=60)
    terminal.press(RIGHT)
    terminal.until(every(r"Where should Airflow run\?", rf"❯ .*{target} +fits"))
    terminal.press(ENTER)
    terminal.until(every("This stack", "F8 review", "What the stack is called on this"))
    # As a person does it, who looks at what is typed: a burst of keys may overtake itself while a form is drawn.
    terminal.press(END, *([BACKSPACE] * len(profile)))
    terminal.until(lambda text: re.search(r"Target +Name *(│|$)", text, re.M) is not None)
    terminal.press(*name)
    terminal.until(every(rf"Name +\S*{name[-12:]}"))
    terminal.press(F8)
    review = terminal.until(every("This is what would be done", "write and launch"))
    assert file in review
    assert re.search(r"\d+ steps", review)


def one_other_is_selected(before: list[str]) -> Callable[[str], bool]:
    """True once the cursor has gone to another row, and is drawn there alone."""
    return lambda text: len(selected(text)) == 1 and selected(text) != before


def selected(text: str) -> list[str]:
    """Lines with the cursor."""
    return [line for line in text.splitlines() if "❯" in line]


def every(*patterns: str) -> Callable[[str], bool]:
    """True once all patterns are on the screen."""
    return lambda text: all(re.search(pattern, text) for pattern in patterns)
