"""A bug becomes a short message and a private file with the details."""

from __future__ import annotations

import platform
import sys
import traceback
from typing import TYPE_CHECKING

from airflow_wizard import __version__
from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.output import BROKEN_PIPE
from airflow_wizard.errors import ExitCode, WizardError
from airflow_wizard.run.masks import Masker
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from pathlib import Path


def report(bug: Exception) -> int:
    """Says that this is a bug of ours and where the details are; an expected error is told as everywhere.

    Returns:
        the exit code.
    """
    if isinstance(bug, BrokenPipeError):
        output.discard()
        return BROKEN_PIPE
    if isinstance(bug, WizardError):
        narrate.error(bug)
        return int(bug.exit_code)
    details = _details(bug)
    try:
        where = str(_write(details))
    except (WizardError, OSError) as refused:
        where = f"nowhere ({refused}); AIRFLOW_WIZARD_DEBUG=1 shows them"
    narrate.error(
        WizardError(
            f"a bug in airflow-wizard: {type(bug).__name__}: {one_line(Masker().mask(str(bug)), limit=200)}",
            why=f"this should not happen; nothing of yours was removed. Details: {where}",
            next="run the same command again; if it stays, report it with that file (secrets are masked in it)",
        )
    )
    return int(ExitCode.FAILED)


def _details(bug: Exception) -> str:
    trace = "".join(traceback.format_exception(bug))
    head = f"airflow-wizard {__version__}, Python {platform.python_version()}, {platform.platform()}"
    # Only the command, never its values: a value may be a secret that nothing can recognise.
    words = " ".join(word for word in sys.argv[1:3] if not word.startswith("-") and word.isalpha())
    return plain(Masker().mask(f"{head}\ncommand: {words or '(the wizard)'}\n\n{trace}"))


def _write(details: str) -> Path:
    from airflow_wizard.atomic import make_folder, write_text_atomic
    from airflow_wizard.paths import state_dir

    path = state_dir() / "last-error.log"
    make_folder(path.parent, 0o700)
    write_text_atomic(path, details, 0o600)
    return path
