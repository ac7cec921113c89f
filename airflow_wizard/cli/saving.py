"""Writes a document a person asked for, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from airflow_wizard.errors import UsageError


def save_text(path: str, text: str, *, mode: int = 0o644, replace: bool = True) -> Path:
    """Writes ``text`` to ``path`` by way of a temporary file beside it.

    Raises:
        UsageError: it cannot be written, or it exists and may not be replaced.
    """
    goal = Path(path).expanduser().absolute()
    if not replace and goal.exists():
        raise UsageError(f"{goal} exists already", next="name another file, or remove it first")
    try:
        handle, temporary = tempfile.mkstemp(dir=goal.parent, prefix=f".{goal.name[:50]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(goal)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as refused:
        raise UsageError(
            f"{goal} cannot be written: {refused.strerror or refused}", next="name a file in a folder you may write to"
        ) from refused
    return goal
