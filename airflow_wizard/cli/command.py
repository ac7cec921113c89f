"""What a command is. Parsing, help, README and shell completion are made from these declarations alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Takes(StrEnum):
    """How an argument is written."""

    VALUE = "value"
    FLAG = "flag"
    MANY = "many"


class Words(StrEnum):
    """What an argument can be completed with."""

    NONE = ""
    FILE = "file"
    FOLDER = "folder"
    PROFILES = "profiles"
    STACKS = "stacks"
    OPTIONS = "options"
    SETS = "sets"
    COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Argument:
    """One flag or positional argument.

    Attributes:
        name: ``--flag``, or the plain name of a positional.
        help: one line.
        takes: see `Takes`; a positional takes a value.
        metavar: what stands for the value in help.
        required: a positional that cannot be left out.
        choices: the only values it can have; empty for anything.
        words: what the shell completes it with.
    """

    name: str
    help: str
    takes: Takes = Takes.VALUE
    metavar: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    words: Words = Words.NONE

    @property
    def is_flag(self) -> bool:
        """Whether it starts with dashes."""
        return self.name.startswith("-")

    @property
    def key(self) -> str:
        """Name in `Args`."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def usage(self) -> str:
        """As it stands in a usage line: ``[--name NAME]``, ``[STACK]``, ``NAME``."""
        value = self.metavar or self.key.upper()
        if self.is_flag:
            shown = self.name if self.takes is Takes.FLAG else f"{self.name} {value}"
            return f"[{shown}]" + ("…" if self.takes is Takes.MANY else "")
        return value if self.required else f"[{value}]"


@dataclass(frozen=True, slots=True)
class Args:
    """What was typed, by `Argument.key`."""

    values: Mapping[str, object]

    def text(self, key: str) -> str | None:
        """A value, or None when it was not given."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    def need(self, key: str) -> str:
        """A value that the parser has made sure of."""
        value = self.values[key]
        if not isinstance(value, str):
            raise TypeError(key)
        return value

    def flag(self, key: str) -> bool:
        """Whether a flag was given."""
        return self.values.get(key) is True

    def many(self, key: str) -> tuple[str, ...]:
        """All values of a repeatable flag."""
        value = self.values.get(key)
        return tuple(str(v) for v in value) if isinstance(value, list) else ()

    @property
    def json(self) -> bool:
        """Whether a program reads the answer."""
        return self.flag("json")

    @property
    def can_ask(self) -> bool:
        """Whether a missing answer can be asked for."""
        from airflow_wizard.cli import terminal

        return not self.json and terminal.interactive()


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: as typed; a sub-command has two words.
        help: one line: what it does.
        example: a command line that works.
        run: does it; returns the exit code. None for a family, which only holds sub-commands.
        arguments: in the order help shows them.
        about: more to know, one short paragraph.
        children: sub-commands of a family.
    """

    name: str
    help: str
    example: str
    run: Callable[[Args], int] | None = None
    arguments: tuple[Argument, ...] = ()
    about: str = ""
    children: tuple[Command, ...] = field(default=())
