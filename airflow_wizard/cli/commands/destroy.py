"""``destroy``: remove everything the wizard made for a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DRY_RUN, JSON_EVENTS, STACK, YES
from airflow_wizard.cli.command import Args, Argument, Command, Words
from airflow_wizard.errors import ConsentError

if TYPE_CHECKING:
    from pathlib import PurePath

    from airflow_wizard.workflows.stacks import StackRecord

CONFIRM = Argument(
    "--confirm", "the stack's name, as consent where nobody can be asked", metavar="NAME", words=Words.STACKS
)


def run(args: Args) -> int:
    """Lists what goes, asks for the stack's name, then removes it."""
    from airflow_wizard.cli.commands.lifecycle import run_verb
    from airflow_wizard.cli.inputs import stack as find

    stack = find(args)
    if not args.json:
        _list(stack)
    if not args.flag("dry_run"):
        _confirm(stack, args)
    return run_verb("destroy", args, stack)


def _list(stack: StackRecord) -> None:
    from pathlib import PurePath

    from airflow_wizard.cli import narrate
    from airflow_wizard.cli.style import Meaning, table
    from airflow_wizard.text import human_bytes
    from airflow_wizard.workflows.lifecycle import removal_report

    folder = PurePath(stack.folder)
    rows = [(_below(folder, path), size, what) for path, size, what in removal_report(stack)]
    total = human_bytes(sum(size for _, size, _ in rows))
    narrate.say((f"destroy {stack.name} removes {total}", Meaning.STRONG), f"  in {folder}")
    for line in table([[path, human_bytes(size), what] for path, size, what in rows], right=frozenset({1})):
        narrate.say("  ", *line)


def _below(folder: PurePath, path: str) -> str:
    from pathlib import PurePath

    return str(PurePath(path).relative_to(folder)) if PurePath(path).is_relative_to(folder) else path


def _confirm(stack: StackRecord, args: Args) -> None:
    import shlex

    command = f"airflow-wizard destroy {shlex.quote(stack.name)} --confirm {shlex.quote(stack.name)}"
    given = args.text("confirm")
    if given is None and args.can_ask:
        from airflow_wizard.cli.asking import prompter

        given = prompter().text(f"Type {stack.name} to remove it for good", default="")
    if given is None:
        raise ConsentError(
            f"destroy {stack.name} needs --confirm", why="what it removes does not come back", next=command
        )
    if given != stack.name:
        raise ConsentError(f"{given[:60]!r} is not the stack's name; nothing was removed", next=command)


COMMANDS = (
    Command(
        name="destroy",
        help="remove a stack for good, after listing what goes",
        example="airflow-wizard destroy demo --confirm demo",
        run=run,
        arguments=(STACK, CONFIRM, YES, DRY_RUN, JSON_EVENTS),
        about="On a terminal it asks for the stack's name; elsewhere --confirm NAME is needed. --yes is not enough.",
    ),
)
