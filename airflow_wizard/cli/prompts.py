"""Menus by questionary; nothing else imports it, and only when a question is really asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import questionary
from prompt_toolkit.output import create_output

from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prompt_toolkit.output import Output

    from airflow_wizard.cli.asking import Item

_LABEL = 70  # columns of a menu entry that still fit beside its mark on 80


class MenuPrompts:
    """A `Prompter` with menus and line editing. Written to standard error: standard output is for results."""

    def select(self, question: str, items: Sequence[Item], *, default: str = "") -> str:
        """Arrow keys and Enter."""
        choices = [
            questionary.Choice(title=one_line(f"{item.label}  {item.note}".rstrip(), limit=_LABEL), value=item.value)
            for item in items
        ]
        preset = next((c for c in choices if c.value == default), None)
        asked = questionary.select(_shown(question), choices=choices, default=preset, output=_output(), qmark="?")
        return cast("str", asked.unsafe_ask())

    def confirm(self, question: str, *, default: bool) -> bool:
        """One key."""
        return cast("bool", questionary.confirm(_shown(question), default=default, output=_output()).unsafe_ask())

    def text(
        self, question: str, *, default: str, refuse: Callable[[str], str] | None = None, hidden: bool = False
    ) -> str:
        """A line that can be edited; it is judged when it is finished."""

        def judge(value: str) -> bool | str:
            problem = refuse(value) if refuse is not None else ""
            return one_line(problem) or True

        ask = questionary.password if hidden else questionary.text
        asked = ask(_shown(question), default=one_line(default), validate=judge, output=_output())
        return cast("str", asked.unsafe_ask())


def _shown(question: str) -> str:
    return one_line(question)


def _output() -> Output:
    return create_output(stdout=sys.stderr)
