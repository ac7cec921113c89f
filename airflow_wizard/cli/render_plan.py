"""A plan as text: the files and the exact commands. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, table
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.run.step import Plan, Step
    from airflow_wizard.workflows.planning import FilePreview

_RISKS = {
    Risk.SAFE: Meaning.DIM,
    Risk.DISRUPTIVE: Meaning.WARN,
    Risk.DESTRUCTIVE: Meaning.FAIL,
    Risk.PRIVILEGED: Meaning.FAIL,
}
_STATES = {
    "new": "+ new",
    "same": "= same",
    "changed": "~ changed",
    "edited": "! edited by you, kept",
    "merge": "~ merged with your edit",
    "conflict": "! conflict with your edit",
}


def render(plan: Plan, previews: Sequence[FilePreview] | None = None) -> list[Line]:
    """The whole plan: where, which files, which steps with the command a person would type."""
    lines: list[Line] = [((f"{plan.purpose} {plan.stack}", Meaning.STRONG), f" ({plan.target}) in {plan.folder}")]
    if previews is not None:
        lines += files(previews)
    elif plan.artifacts:
        lines.append((f"{len(plan.artifacts)} files",))
        lines += _indent(
            table([[a.path, f"{a.mode:04o}", "secret" if a.secret else "", a.purpose] for a in plan.artifacts])
        )
    lines.append((f"{len(plan.steps)} steps",))
    for number, step in enumerate(plan.steps, 1):
        lines += _step(number, step)
    return lines


def files(previews: Sequence[FilePreview]) -> list[Line]:
    """The file list with what happens to each."""
    rows = [
        [p.path, _STATES.get(str(p.state), str(p.state)), human_bytes(p.size), "secret" if p.secret else "", p.purpose]
        for p in previews
    ]
    return [(f"{len(previews)} files",), *_indent(table(rows, right=frozenset({2})))]


def _step(number: int, step: Step) -> list[Line]:
    first: list[str | tuple[str, Meaning]] = [f"  {number:>2} {step.title}"]
    if step.risk is not Risk.SAFE:
        first.append((f"  [{step.risk}]", _RISKS[step.risk]))
    lines: list[Line] = [tuple(first)]
    if step.command is not None:
        lines.append(("     ", (f"$ {one_line(shlex.join(step.command))}", Meaning.ACCENT)))
    return lines


def _indent(lines: list[Line]) -> list[Line]:
    return [("  ", *parts) for parts in lines]
