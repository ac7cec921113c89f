"""The only writer to standard error: what happens, what is wrong, and questions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Meaning, coloured, paint, width
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.cli.style import Line, Part
    from airflow_wizard.errors import WizardError


def say(*parts: Part) -> None:
    """One line of narration."""
    _write(paint(parts, colour=coloured(sys.stderr)) + "\n")


def lines(many: Iterable[Line]) -> None:
    """Several lines."""
    for parts in many:
        say(*parts)


def warn(text: str) -> None:
    """One line that a person should know about."""
    say(("▲ ", Meaning.WARN), text)


def ask(*parts: Part) -> None:
    """A question: the cursor stays behind it."""
    _write(paint(parts, colour=coloured(sys.stderr)))


def live(text: str) -> None:
    """Replaces the current line of the terminal, cut to its width; an empty text clears it."""
    import shutil

    room = max(20, shutil.get_terminal_size().columns) - 1
    shown = one_line(text)
    while width(shown) > room:
        shown = shown[:-2] + "…" if len(shown) > 2 else ""
    _write(f"\r\x1b[2K{shown}")


def can_be_live() -> bool:
    """Whether a line can be replaced: a terminal that understands it."""
    from airflow_wizard.cli import terminal

    return sys.stderr is not None and sys.stderr.isatty() and not terminal.dumb() and not terminal.accessible()


def error(problem: WizardError) -> None:
    """What was found, why it matters and the next command."""
    from airflow_wizard.errors import InvalidError, StepFailedError

    where = problem.where if isinstance(problem, InvalidError) else ""
    say(("✖ ", Meaning.FAIL), (f"{where}: " if where else ""), problem.what)
    if isinstance(problem, StepFailedError):
        for text in problem.evidence[-12:]:
            say(("  │ ", Meaning.DIM), one_line(text, limit=400))
    if problem.why:
        _indented("Why:  ", problem.why)
    if problem.next:
        _indented("Next: ", problem.next)


def _indented(label: str, text: str) -> None:
    first, *rest = plain(text).split("\n")
    say("  ", (label, Meaning.DIM), first)
    for more in rest:
        say("        ", more)


def _write(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        try:
            sys.stderr.write(text)
        except UnicodeEncodeError:
            encoding = sys.stderr.encoding or "ascii"
            sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
        sys.stderr.flush()
    except OSError:
        return  # nobody can read the narration any more; the work itself goes on
