"""The bare command: the wizard itself."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_wizard.cli.arguments import DIR, FACTS, PROFILE, SET
from airflow_wizard.cli.command import Args, Argument, Command, Takes

ROOT = Command(
    name="",
    help="the wizard",
    example="airflow-wizard up --profile standalone-quickstart",
    arguments=(
        Argument("--plain", "numbered prompts and append-only text instead of screens", Takes.FLAG),
        PROFILE,
        SET,
        DIR,
        FACTS,
        Argument("--version", "print the version", Takes.FLAG),
        Argument("--help", "print this help", Takes.FLAG),
    ),
)


@dataclass(frozen=True, slots=True)
class OpenWizard:
    """The bare command on a real terminal: the caller opens the full-screen wizard.

    Attributes:
        profile: profile to begin with, or None.
        sets: answers on top of it.
        facts: file of recorded facts, or None.
        folder: folder of the stack, or None.
    """

    profile: str | None = None
    sets: tuple[str, ...] = ()
    facts: str | None = None
    folder: str | None = None


def open_wizard(args: Args) -> int | OpenWizard:
    """Screens on a terminal that can show them, prompts on one that cannot.

    Raises:
        UsageError: there is no terminal.
    """
    from airflow_wizard.cli import terminal
    from airflow_wizard.errors import UsageError

    if not terminal.interactive():
        raise UsageError(
            "the wizard needs a terminal, and there is none here",
            why="it asks questions; without a terminal every answer comes from a profile or a flag",
            next=ROOT.example,
        )
    wanted = OpenWizard(args.text("profile"), args.many("set"), args.text("facts"), args.text("dir"))
    if not args.flag("plain") and not terminal.plain_wanted() and terminal.full_screen():
        return wanted
    from airflow_wizard.cli.plain import run_plain

    return run_plain(wanted)
