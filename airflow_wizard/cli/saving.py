"""Writes a document a person asked for, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from airflow_wizard.atomic import write_text_atomic


def save_text(path: str, text: str, *, mode: int = 0o644) -> Path:
    """Writes ``text`` to ``path`` in one go; returns the absolute path.

    Raises:
        WizardError: the file system refused.
    """
    goal = Path(path).expanduser().absolute()
    write_text_atomic(goal, text if text.endswith("\n") else text + "\n", mode)
    return goal
