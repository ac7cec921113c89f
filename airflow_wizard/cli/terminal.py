"""What kind of terminal this is, if any."""

from __future__ import annotations

import os
import sys


def interactive() -> bool:
    """Whether a person can be asked: input is a terminal, and so is the place questions are written to."""
    return _is_tty(sys.stdin) and _is_tty(sys.stderr)


def full_screen() -> bool:
    """Whether the full-screen wizard can run here."""
    return _is_tty(sys.stdin) and _is_tty(sys.stdout) and not dumb()


def dumb() -> bool:
    """Whether the terminal cannot move its cursor."""
    return os.environ.get("TERM", "dumb") in ("", "dumb", "unknown")


def accessible() -> bool:
    """Whether append-only text was asked for by the environment (ACCESSIBLE, any non-empty value)."""
    return bool(os.environ.get("ACCESSIBLE"))


def plain_wanted() -> bool:
    """Whether the environment asks for prompts instead of screens."""
    return accessible() or dumb()


def _is_tty(stream: object) -> bool:
    # A stream is None under pythonw and closed after `<&-`; both mean that nobody can be asked.
    try:
        return bool(stream is not None and hasattr(stream, "isatty") and stream.isatty())
    except ValueError:
        return False
