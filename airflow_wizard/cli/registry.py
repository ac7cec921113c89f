"""All commands by name. A command's module is imported when the command is used; help imports them all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_wizard.cli.command import Command

# In the order help shows them: (heading, [(command, module)]).
SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Launch", (("check", "check"), ("plan", "plan"), ("write", "write"), ("up", "up"))),
    (
        "Use",
        (("status", "status"), ("logs", "logs"), ("credentials", "access"), ("open", "access"), ("stacks", "stacks")),
    ),
    (
        "Life cycle",
        (
            ("stop", "lifecycle"),
            ("start", "lifecycle"),
            ("restart", "lifecycle"),
            ("down", "lifecycle"),
            ("reset", "destroy"),
            ("destroy", "destroy"),
        ),
    ),
    ("Troubleshoot", (("doctor", "doctor"), ("explain", "explain"), ("fix", "fix"), ("bundle", "later"))),
    ("Know", (("profiles", "profiles"), ("options", "options"), ("versions", "versions"), ("tools", "tools"))),
    ("Without the wizard", (("export", "export"), ("completion", "completion"))),
)
MODULES = {name: module for _, commands in SECTIONS for name, module in commands}


def names() -> tuple[str, ...]:
    """Every command, without importing any."""
    return tuple(MODULES)


def find(name: str) -> Command:
    """The declaration of one command.

    Raises:
        KeyError: there is no such command.
    """
    module = import_module(f"airflow_wizard.cli.commands.{MODULES[name]}")
    commands: tuple[Command, ...] = module.COMMANDS
    return next(c for c in commands if c.name == name)


def everything() -> list[tuple[str, list[Command]]]:
    """All declarations under their headings."""
    return [(heading, [find(name) for name, _ in commands]) for heading, commands in SECTIONS]
