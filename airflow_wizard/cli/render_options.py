"""Options as text, from the rows of `airflow_wizard.options.describe`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, Part, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_wizard.host.facts import Json

    Row = Mapping[str, Json]


def overview(rows: Sequence[Row]) -> list[Line]:
    """One line per option under its group."""
    lines: list[Line] = []
    for group in dict.fromkeys(str(row["group"]) for row in rows):
        lines.append(((group, Meaning.STRONG),))
        cells: list[list[Part]] = [
            [(str(row["name"]), Meaning.ACCENT), shown(row["default"]), str(row["help"])]
            for row in rows
            if row["group"] == group
        ]
        lines += [("  ", *line) for line in table(cells)]
    return lines


def detail(row: Row) -> list[Line]:
    """Everything about one option."""
    cells = [[label, shown(row[key])] for label, key in _DETAILS if row[key] not in (None, "", [])]
    lines: list[Line] = [((str(row["name"]), Meaning.STRONG), f"  {row['help']}")]
    lines += [(text,) for text in str(row["why"]).splitlines()]
    return [*lines, *(("  ", *line) for line in table(cells))]


_DETAILS = (
    ("title", "title"),
    ("type", "type"),
    ("default", "default"),
    ("because", "because"),
    ("choices", "choices"),
    ("targets", "targets"),
    ("example", "example"),
)


def shown(value: Json) -> str:
    """A value for a table; a dash for none."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
