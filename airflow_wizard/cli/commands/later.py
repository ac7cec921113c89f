"""``bundle``: part of the contract, not of this version. It says so instead of pretending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import JSON, STACK
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import NotYetError

if TYPE_CHECKING:
    from typing import NoReturn


def _bundle(_: Args) -> NoReturn:
    raise NotYetError(
        "bundle cannot collect a report in this version",
        why="doctor shows the same evidence, with secrets masked",
        next="airflow-wizard doctor --json",
    )


COMMANDS = (
    Command(
        name="bundle",
        help="collect a report to send to somebody (a later version)",
        example="airflow-wizard bundle demo",
        run=_bundle,
        arguments=(STACK, JSON),
    ),
)
