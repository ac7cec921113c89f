"""The command line: from arguments to an exit code."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.help import PROGRAM, command_help, root_help
from airflow_wizard.cli.parser import parse, unknown_word
from airflow_wizard.cli.registry import find, names
from airflow_wizard.cli.root import ROOT, OpenWizard, open_wizard
from airflow_wizard.errors import ExitCode, InterruptedByUserError, WizardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.cli.command import Command


def run(argv: Sequence[str]) -> int | OpenWizard:
    """Does what was asked.

    Returns:
        the exit code, or `OpenWizard` when the full-screen wizard is to be opened by the caller.

    Nothing expected is raised: errors are shown and become exit codes. What is not expected (a bug) is raised.
    """
    began = time.monotonic()
    try:
        return _dispatch(list(argv))
    except KeyboardInterrupt:
        return _failed(argv, InterruptedByUserError("interrupted; what was done is kept"), began)
    except WizardError as problem:
        return _failed(argv, problem, began)
    except EOFError:
        return _failed(argv, _no_answer(), began)
    except BrokenPipeError:
        output.discard()
        return output.BROKEN_PIPE


def _dispatch(argv: list[str]) -> int | OpenWizard:
    if not argv or argv[0].startswith("-"):
        return _root(argv)
    word, *rest = argv
    if word == "help":
        return _help([*rest, "--help"]) if rest else _root(["--help"])
    if word not in names():
        raise unknown_word("command", word, names(), help_of=f"{PROGRAM} --help")
    return _help(argv) if _wants_help(rest) else _run_command(find(word), rest)


def _root(argv: list[str]) -> int | OpenWizard:
    if _wants_help(argv):
        output.lines(root_help())
        return ExitCode.OK
    if argv[:1] in (["--version"], ["-V"]):
        from airflow_wizard import __version__

        output.line(f"{PROGRAM} {__version__}")
        return ExitCode.OK
    args = parse(ROOT, argv)
    if args.flag("version"):
        return _root(["--version"])
    _reach_tools()
    return open_wizard(args)


def _reach_tools() -> None:
    from airflow_wizard.workflows.tools import reach

    reach()


def _help(argv: list[str]) -> int:
    word, *rest = argv
    if word not in names():
        raise unknown_word("command", word, names(), help_of=f"{PROGRAM} --help")
    command = find(word)
    child = next((c for c in command.children if rest and c.name == f"{word} {rest[0]}"), None)
    output.lines(command_help(child or command))
    return ExitCode.OK


def _run_command(command: Command, rest: list[str]) -> int:
    if command.run is not None:
        _reach_tools()
        return command.run(parse(command, rest))
    children = {c.name.split(" ", 1)[1]: c for c in command.children}
    program = f"{PROGRAM} {command.name}"
    if not rest or rest[0].startswith("-"):
        # The first one is what a family does when nothing else is said: `profiles` lists.
        return _run_command(command.children[0], rest)
    if rest[0] not in children:
        raise unknown_word(f"{command.name} command", rest[0], children, help_of=f"{program} --help")
    return _run_command(children[rest[0]], rest[1:])


def _wants_help(words: Sequence[str]) -> bool:
    before = list(words)
    before = before[: before.index("--")] if "--" in before else before
    return "--help" in before or "-h" in before


def _no_answer() -> WizardError:
    from airflow_wizard.errors import UsageError

    return UsageError(
        "the input ended before the question was answered",
        why="a missing answer is never guessed",
        next=ROOT.example,
    )


def _failed(argv: Sequence[str], problem: WizardError, began: float) -> int:
    if isinstance(problem, InterruptedByUserError) and not problem.next:
        problem.next = f"the same command continues: {shlex.join([PROGRAM, *argv])}"
    narrate.error(problem)
    if "--json" in argv:
        _failed_json(argv, problem, time.monotonic() - began)
    return int(problem.exit_code)


def _failed_json(argv: Sequence[str], problem: WizardError, elapsed: float) -> None:
    from airflow_wizard.cli.failure import failure_event, failure_object

    try:
        if argv[0] in ("up", "start", "stop", "restart", "down", "destroy", "fix"):
            output.json_line(failure_event(problem, elapsed))
        else:
            output.json_object(failure_object(problem))
    except BrokenPipeError:
        output.discard()
