"""Tells what became of the files of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli import narrate, output

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.workflows.writing import WriteReport


def tell_written(report: WriteReport, folder: Path, *, as_json: bool) -> None:
    """One line a file and a sum, or the report as one object."""
    if as_json:
        output.json_object(report.to_json())
        return
    for path in report.written:
        output.line(f"written  {path}")
    for path in report.merged:
        output.line(f"merged   {path}")
    for path in report.kept:
        output.line(f"kept     {path}")
    for path, note in report.notes:
        narrate.say(f"{path}: {note}" if path else note)
    narrate.say(f"{len(report.written)} written, {len(report.merged)} merged, {len(report.kept)} kept in {folder}")
