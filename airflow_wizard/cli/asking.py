"""Questions: what can be asked, and who asks it on this terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be chosen: its value, the words for it, and a note beside them."""

    value: str
    label: str
    note: str = ""


class Prompter(Protocol):
    """Asks one question at a time.

    Every method raises EOFError when the input ends and KeyboardInterrupt on Ctrl-C.
    """

    def select(self, question: str, items: Sequence[Item], *, default: str = "") -> str:
        """The value of the item that was chosen."""

    def confirm(self, question: str, *, default: bool) -> bool:
        """Yes or no."""

    def text(
        self, question: str, *, default: str, refuse: Callable[[str], str] | None = None, hidden: bool = False
    ) -> str:
        """A line of text; ``refuse`` says what is wrong with it, and it is asked again."""


def prompter() -> Prompter:
    """Numbered questions where only plain lines work or are wanted, menus elsewhere."""
    from airflow_wizard.cli import terminal

    if terminal.plain_wanted():
        from airflow_wizard.cli.numbered import NumberedPrompts

        return NumberedPrompts()
    from airflow_wizard.cli.prompts import MenuPrompts

    return MenuPrompts()
