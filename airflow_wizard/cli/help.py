"""Help texts, rendered from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, table

if TYPE_CHECKING:
    from airflow_wizard.cli.command import Argument, Command

PROGRAM = "airflow-wizard"
TAGLINE = "From nothing to an Airflow that has proved it can run a task."


def root_help() -> list[Line]:
    """What ``airflow-wizard --help`` prints."""
    from airflow_wizard.cli.registry import everything
    from airflow_wizard.cli.root import ROOT
    from airflow_wizard.errors import ExitCode

    lines: list[Line] = [((TAGLINE, Meaning.STRONG),), ("",)]
    lines += [(f"Usage: {PROGRAM} [--plain]              the wizard",)]
    lines += [(f"       {PROGRAM} COMMAND [ARGUMENTS]    one thing, for people and scripts",), ("",)]
    for heading, commands in everything():
        lines.append(((heading, Meaning.STRONG),))
        lines += _indent(table([[(f"{c.name:<12}", Meaning.ACCENT), c.help] for c in commands]))
    lines += [("",), (("Options", Meaning.STRONG),)]
    lines += _arguments(ROOT.arguments)
    lines += [("",), (("Exit codes", Meaning.STRONG),)]
    lines += _indent(table([[str(int(code)), code.meaning] for code in ExitCode], right=frozenset({0})))
    lines += [("",), (f"Example: {ROOT.example}",), (f"More:    {PROGRAM} COMMAND --help",)]
    return lines


def command_help(command: Command) -> list[Line]:
    """What ``airflow-wizard COMMAND --help`` prints."""
    lines: list[Line] = [((command.help[:1].upper() + command.help[1:] + ".", Meaning.STRONG),), ("",)]
    lines.append((f"Usage: {usage(command)}",))
    if command.about:
        lines += [("",), *((text,) for text in wrap(command.about))]
    if command.children:
        lines += [("",), (("Commands", Meaning.STRONG),)]
        lines += _indent(table([[(c.name.split(" ", 1)[1], Meaning.ACCENT), c.help] for c in command.children]))
    if command.arguments:
        lines += [("",), (("Arguments", Meaning.STRONG),)]
        lines += _arguments(command.arguments)
    lines += [("",), (f"Example: {command.example}",)]
    return lines


def usage(command: Command) -> str:
    """The usage line, without the word."""
    words = [PROGRAM, command.name]
    if command.children:
        words.append("COMMAND")
    words += [a.usage for a in command.arguments if not a.is_flag]
    words += [a.usage for a in command.arguments if a.is_flag]
    return " ".join(words)


def label(argument: Argument) -> str:
    """How an argument is written in a list: ``--target T``."""
    value = argument.metavar or argument.key.upper()
    if not argument.is_flag:
        return value
    return argument.name if argument.takes == "flag" else f"{argument.name} {value}"


def wrap(text: str, columns: int = 96) -> list[str]:
    """A paragraph as lines."""
    import textwrap

    return textwrap.wrap(text, columns)


def _arguments(arguments: tuple[Argument, ...]) -> list[Line]:
    return _indent(
        table(
            [
                [(label(a), Meaning.ACCENT), a.help + (f": {', '.join(a.choices)}" if a.choices else "")]
                for a in arguments
            ]
        )
    )


def _indent(lines: list[Line]) -> list[Line]:
    return [("  ", *parts) for parts in lines]
