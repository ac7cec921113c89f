"""What would be done, as rows and as an explanation. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.text import human_bytes
from airflow_wizard.tui.spans import Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row, blank, heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.artifacts.preview import FilePreview
    from airflow_wizard.run.step import Plan, Step

COLUMNS = (Column(16, flex=1), Column(8), Column(8, right=True))
STEP_COLUMNS = (Column(2, right=True), Column(26, flex=1), Column(18, flex=2, above=62))
_STATES = {
    "new": ("+ new", Tone.OK),
    "same": ("= same", Tone.DIM),
    "changed": ("~ changed", Tone.WARN),
    "edited": ("● yours", Tone.ACCENT),
    "merge": ("⇄ merge", Tone.WARN),
    "conflict": ("✖ conflict", Tone.FAIL),
}


def state(preview: FilePreview) -> Line:
    """What happens to a file, in a word."""
    word, tone = _STATES.get(str(preview.state), (str(preview.state), Tone.PLAIN))
    return ((word, tone),)


def rows(plan: Plan, previews: Sequence[FilePreview]) -> list[Row]:
    """Files first, then steps."""
    listed = [heading("_files", f"{len(previews)} files", f"in {plan.folder}")]
    for preview in previews:
        # The name first: a narrow column cuts the end, and many names share a folder.
        folder, _, name = preview.path.rpartition("/")
        more: Line = (("  in ", Tone.DIM), span(folder, Tone.DIM)) if folder else ()
        more += (("  0600", Tone.DIM),) if preview.secret else ()
        listed.append(
            Row(
                f"file:{preview.path}",
                (line(span(name)) + more, state(preview), dim(human_bytes(preview.size))),
            )
        )
    listed += [blank("_"), heading("_steps", f"{len(plan.steps)} steps")]
    for number, step in enumerate(plan.steps, 1):
        command = dim(shlex.join(step.command)) if step.command else ()
        listed.append(Row(f"step:{step.id}", (dim(number), line(span(step.title)), command), columns=STEP_COLUMNS))
    return listed


def step_lines(step: Step) -> list[Line]:
    """A step, with its exact command."""
    lines: list[Line] = []
    if step.command:
        lines += [(("$ ", Tone.DIM), span(shlex.join(step.command), Tone.ACCENT)), ()]
    else:
        lines += [dim("No command: the wizard asks Airflow or the system itself."), ()]
    if step.usual is not None:
        lines.append((("usually  ", Tone.DIM), (f"{step.usual:.0f} s", Tone.PLAIN)))
    lines.append((("risk     ", Tone.DIM), (str(step.risk), Tone.PLAIN)))
    return lines


def file_lines(preview: FilePreview) -> list[Line]:
    """What stands above a file's text."""
    lines: list[Line] = [(*state(preview), ("  ", Tone.DIM), span(preview.purpose, Tone.DIM))]
    note = getattr(preview, "note", "")
    if note:
        lines.append((("▲ ", Tone.WARN), span(note)))
    return lines


def costs(memory: int | None, listens: str) -> Line:
    """What it takes from this machine."""
    parts: list[tuple[str, Tone]] = []
    if memory:
        parts += [("about ", Tone.DIM), (human_bytes(memory), Tone.PLAIN), (" memory   ", Tone.DIM)]
    if listens:
        parts += [("listens on ", Tone.DIM), span(listens)]
    return tuple(parts)
