"""``versions``: which Airflow releases are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.arguments import JSON
from airflow_wizard.cli.command import Args, Command
from airflow_wizard.errors import ExitCode

if TYPE_CHECKING:
    from airflow_wizard.catalog.model import AirflowRelease


def run(args: Args) -> int:
    """Lists the newest patch release of every supported minor version."""
    from airflow_wizard.catalog.load import releases
    from airflow_wizard.cli import output
    from airflow_wizard.cli.style import Meaning, Part, table

    known = releases()
    if args.json:
        output.json_object([_to_json(r) for r in known])
        return ExitCode.OK
    header: list[Part] = [(word, Meaning.DIM) for word in ("airflow", "python", "tested", "runs on", "note")]
    rows: list[list[Part]] = [
        [
            (str(r.version), Meaning.ACCENT),
            f"{r.pythons[0]}–{r.pythons[-1]}",
            "yes" if r.tested else "no",
            ", ".join(_runs_on(r)),
            r.note,
        ]
        for r in known
    ]
    output.lines(table([header, *rows]))
    return ExitCode.OK


def _runs_on(release: AirflowRelease) -> list[str]:
    return [name for name, can in (("standalone", release.standalone), ("compose", release.compose)) if can]


def _to_json(release: AirflowRelease) -> dict[str, object]:
    return {
        "version": str(release.version),
        "minor": release.minor,
        "tested": release.tested,
        "pythons": list(release.pythons),
        "postgres": list(release.postgres),
        "executors": list(release.executors),
        "components": list(release.components),
        "api": release.api,
        "targets": _runs_on(release),
        "note": release.note,
    }


COMMANDS = (
    Command(
        name="versions",
        help="list the Airflow releases the wizard knows",
        example="airflow-wizard versions --json",
        run=run,
        arguments=(JSON,),
        about="Any other patch release of a listed minor version is accepted too, and said to be untested.",
    ),
)
