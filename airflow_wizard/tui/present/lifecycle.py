"""What can be done to a stack, and what that takes away. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from airflow_wizard.text import human_bytes
from airflow_wizard.tui.spans import Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.finding import Fix
    from airflow_wizard.run.step import Plan

    Removal = tuple[str, int, str]

CHOICES = (Column(24), Column(20, flex=1))
# What is asked about apart from the rest, by how the words of what goes begin.
IMAGE, CLUSTER = "image", "the cluster made for this stack"
# How the words of what goes begin, and what many of that kind are called.
_KINDS = (
    ("container", "container", "with what they wrote"),
    ("made by the wizard", "file", "made by the wizard"),
    ("pods", "workload", "their pods"),
    ("ran once", "job", "ran once"),
    ("keys, or", "Secret", "keys, and what Helm keeps of the release"),
)

# What is asked before, and what is said about it; a name is typed where something cannot come back.
QUESTIONS = {
    "stop": ("Stop {}?", "Everything is kept: database, logs, answers."),
    "restart": ("Restart {}?", "Tasks that run now are ended and tried again by Airflow."),
    "start": ("Start {} again?", "With the same database and answers."),
    "down": ("Remove the containers of {}?", "Database, files and DAGs stay; start makes new ones."),
    "down+data": ("Remove {} and its database?", "Files, DAGs, keys and the login stay; runs, connections, users go."),
    "reset": ("Start {} over?", "Runs, connections and users go; then it is launched anew from its own files."),
    "destroy": ("Destroy {}?", "DAGs and what else you put into the folder stay."),
}
# Of one unit.
UNIT_QUESTIONS = {
    "stop": ("Stop {}?", "The rest of the stack goes on without it."),
    "restart": ("Restart {}?", "What it is doing now is ended."),
    "start": ("Start {}?", "With the settings it was made with."),
}
ASKS = {
    "down+data": "to remove it with its data:",
    "reset": "to delete its database and launch it anew:",
    "destroy": "to remove it for good:",
}


def choices(target: str) -> list[Row]:
    """Ways to take a stack away, from the mildest to all of it; the key is the verb."""
    compose = target == "compose"
    rows = [
        ("down", "Containers", "database, files and DAGs stay"),
        ("down+data", "Containers and database", "files, DAGs and keys stay"),
        ("reset", "Start over", "the database goes; launched anew"),
        ("destroy", "Everything", "DAGs and your own files stay"),
    ]
    return [
        Row(key, (line((title, Tone.STRONG)), dim(what)))
        for key, title, what in rows
        if compose or not key.startswith("down")  # without containers that is a stop
    ]


def commands(plan: Plan) -> list[Line]:
    """What would be run, step by step."""
    return [
        (("$ ", Tone.DIM), span(shlex.join(step.command), Tone.ACCENT)) if step.command else dim(step.title)
        for step in plan.steps
    ]


def undo(fix: Fix) -> list[Line]:
    """How a fix is taken back."""
    taken = [line(("$ ", Tone.DIM), span(shlex.join(command), Tone.DIM)) for command in fix.undo]
    return [(), dim("To take it back:"), *taken] if taken else []


def leaving(folder: str, removal: Sequence[Removal], *, apart: bool = False) -> list[Line]:
    """What goes, biggest first, and how much that is; many of a kind are one line.

    Args:
        folder: the stack's, which is not said again in each line.
        removal: all that goes.
        apart: images, and a cluster, are asked about apart.
    """
    kept = [entry for entry in removal if not (apart and entry[2].startswith((IMAGE, CLUSTER)))]
    listed = kept
    for begins, one, told in _KINDS:
        many = [entry for entry in listed if entry[2].startswith(begins)]
        if len(many) > 1:
            listed = [entry for entry in listed if entry not in many]
            listed.append((f"{len(many)} {one}s", sum(size for _, size, _ in many), told))
    total = human_bytes(sum(size for _, size, _ in kept))
    lines: list[Line] = [
        line((f"{total} in all. ", Tone.WARN), "This cannot be undone; what is not listed stays."),
        (),
    ]
    if any(path.startswith(f"{folder}/") for path, _, _ in kept):
        lines.append(line("In ", span(folder, Tone.DIM)))
    for path, size, what in sorted(listed, key=lambda entry: -entry[1]):
        name = span(path.removeprefix(f"{folder}/"))
        lines.append(
            (
                ("✖ ", Tone.FAIL),
                (f"{human_bytes(size) if size else '–':>7}  ", Tone.WARN),
                name,
                ("  ", Tone.PLAIN),
                span(what, Tone.DIM),
            )
        )
    return lines


def more(removal: Sequence[Removal]) -> str:
    """Words for taking away images, or the stack's own cluster, as well; empty when there are none."""
    cluster = [size for _, size, what in removal if what.startswith(CLUSTER)]
    if cluster:
        return f"its cluster as well, {human_bytes(sum(cluster))}: kubeadm reset"
    sizes = [size for _, size, what in removal if what == IMAGE]
    if not sizes:
        return ""
    count = f"{len(sizes)} image{'' if len(sizes) == 1 else 's'}"
    return f"{count} as well, {human_bytes(sum(sizes))}; others may use them"
