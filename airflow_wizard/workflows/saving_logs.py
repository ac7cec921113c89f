"""Log lines that a person wants to keep, in a file of their own."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from airflow_wizard.atomic import explain, make_folder
from airflow_wizard.paths import state_dir
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TRIES = 100


def save(name: str, lines: Sequence[str]) -> Path:
    """Writes lines to a new file that only its owner can read.

    Args:
        name: of the stack.
        lines: as they are shown: nothing secret is in them any more.

    Returns:
        Where they are.

    Raises:
        WizardError: the file system refused.
    """
    folder = state_dir() / "saved-logs"
    make_folder(folder, 0o700)
    stem = f"{re.sub(r'[^a-z0-9-]', '-', name.lower())[:60]}-{time.strftime('%Y%m%d-%H%M%S')}"
    data = "".join(f"{plain(line)}\n" for line in lines).encode("utf-8", "replace")
    for number in range(_TRIES):
        path = folder / (f"{stem}-{number}.log" if number else f"{stem}.log")
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise explain(error, path, "write") from error
        try:
            with open(fd, "wb") as handle:  # noqa: PTH123 - it is open already
                handle.write(data)
        except OSError as error:
            raise explain(error, path, "write") from error
        return path
    raise explain(FileExistsError(), folder, "write")
