"""Numbered questions by plain lines: append-only, for screen readers, dumb terminals and slow connections."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate
from airflow_wizard.cli.style import Meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.cli.asking import Item

_YES = ("y", "yes")
_NO = ("n", "no")


class NumberedPrompts:
    """A `Prompter` that needs nothing from the terminal but lines."""

    def select(self, question: str, items: Sequence[Item], *, default: str = "") -> str:
        """Shows numbered items; a number or the value itself chooses, Enter takes the default."""
        preset = next((number for number, item in enumerate(items, 1) if item.value == default), 1)
        narrate.say((question, Meaning.STRONG))
        for number, item in enumerate(items, 1):
            note = f"  {item.note}" if item.note else ""
            narrate.say(f"  {number:>2}  {item.label}", (note, Meaning.DIM))
        while True:
            typed = _line(f"Number [{preset}]: ").strip()
            if not typed:
                return items[preset - 1].value
            if typed.isascii() and typed.isdigit() and len(typed) < 6 and 1 <= int(typed) <= len(items):
                return items[int(typed) - 1].value
            named = [item.value for item in items if item.value == typed]
            if named:
                return named[0]
            narrate.say(f"  please type a number from 1 to {len(items)}")

    def confirm(self, question: str, *, default: bool) -> bool:
        """Takes y, yes, n, no; Enter takes the default."""
        while True:
            typed = _line(f"{question} [{'Y/n' if default else 'y/N'}]: ").strip().lower()
            if not typed:
                return default
            if typed in (*_YES, *_NO):
                return typed in _YES
            narrate.say("  please type y or n")

    def text(
        self, question: str, *, default: str, refuse: Callable[[str], str] | None = None, hidden: bool = False
    ) -> str:
        """Enter takes the default; a single dash stands for an empty answer."""
        while True:
            typed = _hidden(question) if hidden else _line(f"{question}{f' [{default}]' if default else ''}: ")
            value = typed.strip() or default
            if typed.strip() == "-" and default:
                value = ""
            problem = refuse(value) if refuse is not None else ""
            if not problem:
                return value
            narrate.say(("  ✖ ", Meaning.FAIL), problem)


def _line(question: str) -> str:
    narrate.ask(question)
    _await_key()
    line = sys.stdin.readline()
    if not line:
        narrate.say()
        raise EOFError
    return line.rstrip("\n")


def _await_key() -> None:
    """Return when a line can be read, or a signal came.

    A Ctrl-C that comes in the moment before the read begins would otherwise be noticed only after the next Enter.
    """
    if not sys.stdin.isatty() or threading.current_thread() is not threading.main_thread():
        return
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        select.select([sys.stdin, woken], [], [])
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(wake)


def _hidden(question: str) -> str:
    from getpass import getpass

    return getpass(f"{question} (not shown): ", stream=sys.stderr)
