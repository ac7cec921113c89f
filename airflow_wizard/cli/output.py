"""The only writer to standard output: results, and nothing else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from airflow_wizard.cli.style import coloured, paint
from airflow_wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.cli.style import Line, Part

BROKEN_PIPE = 141  # what shells report for a program that SIGPIPE ended


def is_terminal() -> bool:
    """Whether a person reads standard output directly."""
    return sys.stdout is not None and sys.stdout.isatty()


def line(*parts: Part) -> None:
    """One line of text, cleaned and coloured by meaning."""
    _write(paint(parts, colour=coloured(sys.stdout)) + "\n")


def lines(many: Iterable[Line]) -> None:
    """Several lines, written and flushed at once."""
    colour = coloured(sys.stdout)
    _write("".join(paint(parts, colour=colour) + "\n" for parts in many))


def document(text: str) -> None:
    """A document of ours (profile, script, schema, completion) byte for byte, ending in one newline."""
    _write(text if text.endswith("\n") else text + "\n")


def json_object(value: object) -> None:
    """The one object of ``--json``. ASCII only, so that no control character and no encoding can get in the way."""
    import json

    _write(json.dumps(value, indent=2, default=_plain_value) + "\n")


def json_line(value: object) -> None:
    """One event of a JSON-lines stream, flushed so that a reader sees it at once."""
    import json

    _write(json.dumps(value, default=_plain_value) + "\n")


def json_lines(many: Iterable[object]) -> None:
    """Several events, written and flushed at once."""
    import json

    _write("".join(json.dumps(value, default=_plain_value) + "\n" for value in many))


def clear_screen() -> None:
    """Home and clear, for the refreshing table of ``status --watch`` on a terminal."""
    _write("\x1b[H\x1b[2J")


def discard() -> None:
    """After the reader left: point standard output nowhere, so that the interpreter's last flush stays quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _plain_value(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


def _write(text: str) -> None:
    if sys.stdout is None:
        return  # closed by whoever started us: nobody wants the result
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            encoding = sys.stdout.encoding or "ascii"
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as refused:
        discard()
        raise WizardError(
            f"standard output cannot be written: {refused.strerror or refused}",
            why="the result has nowhere to go",
            next="free some space there, or send the output elsewhere",
        ) from refused
