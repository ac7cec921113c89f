"""From the declarations to what was typed. Whatever cannot be understood ends in a `UsageError` with a suggestion."""

from __future__ import annotations

import argparse
import difflib
from typing import TYPE_CHECKING, NoReturn

from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.cli.help import PROGRAM, label
from airflow_wizard.errors import UsageError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class _Parser(argparse.ArgumentParser):
    """argparse without its own voice: help and errors are ours."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(one_line(message, limit=300), next=f"{self.prog} --help")


def parse(command: Command, argv: Sequence[str]) -> Args:
    """The arguments of one command.

    Raises:
        UsageError: unknown flag, missing or superfluous argument, value that is not among the choices.
    """
    program = f"{PROGRAM} {command.name}".strip()
    parser = _Parser(prog=program, add_help=False, allow_abbrev=False, argument_default=None)
    for argument in command.arguments:
        _declare(parser, argument)
    namespace, extra = parser.parse_known_args(list(argv))
    if extra:
        raise _unknown(command, program, extra[0])
    values: dict[str, object] = vars(namespace)
    for argument in command.arguments:
        _check(argument, values.get(argument.key), program)
    return Args(values)


def unknown_word(what: str, word: str, known: Iterable[str], *, help_of: str) -> UsageError:
    """An error that suggests the nearest known word."""
    shown = one_line(word, limit=60)
    near = nearest(word, known)
    return UsageError(
        f"{what} {shown!r} is not known" + (f"; did you mean {near}?" if near else ""),
        next=f"all that are known: {help_of}",
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    # A hostile, endless word would make the comparison quadratic.
    found = difflib.get_close_matches(word[:60].lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _declare(parser: argparse.ArgumentParser, argument: Argument) -> None:
    if not argument.is_flag:
        parser.add_argument(argument.key, nargs=None if argument.required else "?", metavar=label(argument))
    elif argument.takes is Takes.FLAG:
        parser.add_argument(argument.name, dest=argument.key, action="store_true")
    elif argument.takes is Takes.MANY:
        parser.add_argument(argument.name, dest=argument.key, action="append")
    else:
        parser.add_argument(argument.name, dest=argument.key)


def _unknown(command: Command, program: str, word: str) -> UsageError:
    if word.startswith("-"):
        flags = [a.name for a in command.arguments if a.is_flag]
        return unknown_word("flag", word.split("=", 1)[0], flags, help_of=f"{program} --help")
    return UsageError(f"{one_line(word, limit=60)!r} is one argument too many", next=f"{program} --help")


def _check(argument: Argument, value: object, program: str) -> None:
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            continue
        if "\0" in text:
            raise UsageError(f"{argument.name} holds a NUL byte", next=f"{program} --help")
        if argument.choices and text not in argument.choices:
            raise unknown_word(f"{argument.name} value", text, argument.choices, help_of=f"{program} --help")
