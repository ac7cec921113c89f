"""``fix`` and ``bundle``: part of the contract, not of this version. They say so instead of pretending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import DRY_RUN, JSON, JSON_EVENTS, STACK, YES
from airflow_wizard.cli.command import Args, Argument, Command
from airflow_wizard.errors import NotYetError

if TYPE_CHECKING:
    from typing import NoReturn


def _fix(_: Args) -> NoReturn:
    raise NotYetError(
        "fix cannot apply anything in this version",
        why="each finding shows its fix with the exact command instead",
        next="airflow-wizard doctor",
    )


def _bundle(_: Args) -> NoReturn:
    raise NotYetError(
        "bundle cannot collect a report in this version",
        why="doctor shows the same evidence, with secrets masked",
        next="airflow-wizard doctor --json",
    )


COMMANDS = (
    Command(
        name="fix",
        help="apply a fix of a finding (a later version)",
        example="airflow-wizard fix port.taken",
        run=_fix,
        arguments=(Argument("id", "id of the fix", required=True), STACK, YES, DRY_RUN, JSON_EVENTS),
    ),
    Command(
        name="bundle",
        help="collect a report to send to somebody (a later version)",
        example="airflow-wizard bundle demo",
        run=_bundle,
        arguments=(STACK, JSON),
    ),
)
