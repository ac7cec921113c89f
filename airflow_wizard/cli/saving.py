"""Writes a document a person asked for, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.atomic import explain, write_text_atomic
from airflow_wizard.paths import expanded, is_stream

if TYPE_CHECKING:
    from pathlib import Path


def save_text(path: str, text: str, *, mode: int = 0o644) -> Path:
    """Writes ``text`` to ``path`` in one go; returns the absolute path.

    Raises:
        WizardError: the file system refused.
        UsageError: it is below the home folder of a user there is not.
    """
    goal = expanded(path)
    whole = text if text.endswith("\n") else text + "\n"
    if not is_stream(goal):
        write_text_atomic(goal, whole, mode)
        return goal
    try:
        goal.write_text(whole, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise explain(error, goal, "write") from error
    return goal
