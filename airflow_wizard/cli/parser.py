"""From the declarations to what was typed. Whatever cannot be understood ends in a `UsageError` with a suggestion."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import TYPE_CHECKING, NoReturn

from airflow_wizard.cli.command import Args, Argument, Command, Takes
from airflow_wizard.cli.help import PROGRAM, label
from airflow_wizard.errors import UsageError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# So many words are worth repeating in an error; more are a page of help.
_FEW = 12
# Linux's PATH_MAX; an answer of a profile may not be longer either, its name and `=` come on top.
_LONGEST = 4096 + 64


class _Parser(argparse.ArgumentParser):
    """argparse without its own voice: help and errors are ours."""

    def __init__(self, command: Command, program: str) -> None:
        super().__init__(prog=program, add_help=False, allow_abbrev=False, argument_default=None)
        self._command = command

    def error(self, message: str) -> NoReturn:
        flag = re.match(r"argument (--[a-z-]+): (expected|ignored)", message)
        argument = next((a for a in self._command.arguments if flag and a.name == flag[1]), None)
        if argument is not None and flag is not None and flag[2] == "expected":
            raise _without_value(argument, self.prog)
        if argument is not None:
            raise UsageError(f"{argument.name} takes no value", next=f"{argument.name} alone; see {self.prog} --help")
        missing = next((a for a in self._command.arguments if a.required and message.endswith(label(a))), None)
        if missing is not None:
            raise UsageError(f"{label(missing)} is missing: {missing.help}", next=self._command.example)
        raise UsageError(one_line(message, limit=300), next=f"{self.prog} --help")


def parse(command: Command, argv: Sequence[str]) -> Args:
    """The arguments of one command.

    Raises:
        UsageError: unknown flag, missing or superfluous argument, value that is not among the choices.
    """
    program = f"{PROGRAM} {command.name}".strip()
    parser = _Parser(command, program)
    for argument in command.arguments:
        _declare(parser, argument)
    namespace, extra = parser.parse_known_args(list(argv))
    superfluous = [word for word in extra if word != "--"]
    if superfluous:
        split = next((s for s in (vars(namespace).get("set") or []) if "=" not in s), None)
        if split is not None:
            together = f"{one_line(split, limit=40)}={one_line(superfluous[0], limit=60)}"
            raise UsageError("--set takes one word, OPTION=VALUE", next=f"--set {together}")
        raise _unknown(command, program, superfluous[0])
    values: dict[str, object] = vars(namespace)
    for argument in command.arguments:
        _check(argument, values.get(argument.key), program)
    return Args(values)


def unknown_word(what: str, word: str, known: Iterable[str], *, help_of: str) -> UsageError:
    """An error that suggests the nearest known word."""
    shown = one_line(word, limit=60)
    near = nearest(word, known)
    words = list(known)
    few = 0 < len(words) <= _FEW and not near
    return UsageError(
        f"{what} {shown!r} is not known" + (f"; did you mean {near}?" if near else ""),
        why=f"known: {', '.join(words)}" if few else "",
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


def _without_value(argument: Argument, program: str) -> UsageError:
    value = "|".join(argument.choices) or argument.metavar or argument.key.upper()
    return UsageError(
        f"{argument.name if argument.is_flag else label(argument)} needs a value: {argument.help}",
        why="nothing follows it, or the variable it was to come from is empty",
        next=f"{program} {argument.name} {value}" if argument.is_flag else f"{program} {value}",
    )


def _unknown(command: Command, program: str, word: str) -> UsageError:
    if word.startswith("-"):
        flags = [a.name for a in command.arguments if a.is_flag]
        name, _, value = word.partition("=")
        error = unknown_word("flag", name, flags, help_of=f"{program} --help")
        if "--set" in flags and (option := _option_of(name)) is not None:
            error.why = f"{option} is an option of the profile"
            error.next = f"--set {option}={one_line(value, limit=60) or 'VALUE'}"
        return error
    return UsageError(f"{one_line(word, limit=60)!r} is one argument too many", next=f"{program} --help")


def _option_of(flag: str) -> str | None:
    from airflow_wizard.options.registry import find

    name = flag.strip("-").replace("-", "_")
    return name if find(name) is not None else None


def _check(argument: Argument, value: object, program: str) -> None:
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            continue
        if not text.strip():
            raise _without_value(argument, program)
        if len(text) > _LONGEST:
            raise UsageError(
                f"{argument.name} is {len(text)} characters long; at most {_LONGEST} can be meant",
                why="no path, name or pattern is that long",
                next=f"{program} --help",
            )
        if "\0" in text:
            raise UsageError(f"{argument.name} holds a NUL byte", next=f"{program} --help")
        if argument.choices and text not in argument.choices:
            raise unknown_word(f"{argument.name} value", text, argument.choices, help_of=f"{program} --help")
