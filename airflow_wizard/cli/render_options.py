"""Options as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.render_findings import answer_text
from airflow_wizard.cli.style import Line, Meaning, table
from airflow_wizard.options.model import ALL_TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.cli.declared import Declared


def overview(options: Sequence[Declared]) -> list[Line]:
    """One row per option under its group."""
    lines: list[Line] = []
    for group in dict.fromkeys(d.option.group for d in options):
        lines.append(((group, Meaning.STRONG),))
        rows = [
            [(d.option.name, Meaning.ACCENT), answer_text(d.default) or "–", d.option.help]
            for d in options
            if d.option.group == group
        ]
        lines += [("  ", *line) for line in table(rows)]
    return lines


def detail(shown: Declared) -> list[Line]:
    """Everything about one option."""
    option = shown.option
    rows = [
        ["title", option.title],
        ["type", str(option.kind)],
        ["default", answer_text(shown.default) or "–"],
        ["targets", "all" if option.targets == ALL_TARGETS else ", ".join(sorted(option.targets))],
    ]
    if shown.choices:
        rows.append(["choices", ", ".join(c.value for c in shown.choices)])
    if option.example:
        rows.append(["example", f"--set {option.name}={option.example}"])
    lines: list[Line] = [((option.name, Meaning.STRONG), f"  {option.help}")]
    lines += [(text,) for text in option.why.splitlines()]
    return [*lines, *(("  ", *line) for line in table(rows))]
