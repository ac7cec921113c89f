"""A bug becomes a short message and a private file with the details."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from pathlib import Path

from airflow_wizard import __version__
from airflow_wizard.cli import narrate
from airflow_wizard.errors import ExitCode, WizardError
from airflow_wizard.text import one_line, plain

# Values behind words that name a secret, passwords in URLs, and long random-looking tokens.
_SECRETS = (
    (
        re.compile(
            r"(?i)((?:password|passwd|secret|token|fernet|api[_-]?key|_key)\w*['\"]?\s*[=:]\s*['\"]?)[^\s'\",;]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(://[^/\s:@]+:)[^@\s/]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 ***"),
    (re.compile(r"\b[A-Za-z0-9_-]{40,}={0,2}"), "***"),
)


def mask(text: str) -> str:
    """``text`` without what looks like a secret."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def report(bug: Exception) -> int:
    """Says that this is a bug of ours and where the details are.

    Returns:
        the exit code.
    """
    details = _details(bug)
    try:
        where = str(_write(details))
    except OSError as refused:
        where = f"nowhere ({refused.strerror or refused}); AIRFLOW_WIZARD_DEBUG=1 shows them"
    narrate.error(
        WizardError(
            f"a bug in airflow-wizard: {type(bug).__name__}: {one_line(mask(str(bug)), limit=200)}",
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
    return plain(mask(f"{head}\ncommand: {words or '(the wizard)'}\n\n{trace}"))


def _write(details: str) -> Path:
    from airflow_wizard.paths import state_dir

    folder = state_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "last-error.log"
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".last-error.")  # made 0600 by mkstemp
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(details)
    Path(temporary).replace(path)
    return path
