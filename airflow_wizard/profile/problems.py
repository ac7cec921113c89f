"""Several things wrong with one profile, told at once: nobody should have to fix them one run at a time."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Problems:
    """Collects what is wrong, in order."""

    def __init__(self, source: str = "") -> None:
        self._source = source
        self._found: list[InvalidError] = []

    def add(self, error: InvalidError, *, line: int | None = None) -> None:
        """Keeps one error and, where it does not know them itself, the file and line it belongs to."""
        if error.file is None and self._source and line is not None:
            error.file, error.line = self._source, line
        self._found.append(error)

    @contextmanager
    def noted(self, line: int | None = None) -> Iterator[None]:
        """Keeps an `InvalidError` raised inside and goes on behind the block."""
        try:
            yield
        except InvalidError as error:
            self.add(error, line=line)

    def raise_if_any(self) -> None:
        """Raises the one error, or a single `InvalidError` that lists all of them."""
        if not self._found:
            return
        if len(self._found) == 1:
            raise self._found[0]
        first = self._found[0]
        where = f" in {_named(self._source)}" if self._source else ""
        lines = [f"{len(self._found)} problems{where}:", *(f"  {_line(error)}" for error in self._found)]
        raise InvalidError(
            "\n".join(lines),
            why="nothing is guessed, and no answer is dropped without a word",
            next="correct them, then run the same command again",
            file=first.file,
            key=first.key,
            line=first.line,
        )


def _named(source: str) -> str:
    return "standard input" if source == "-" else source


def _line(error: InvalidError) -> str:
    at = f"line {error.line}: " if error.line is not None else ""
    guess = re.match(r"did you mean [^?]*\?", error.next)
    return f"{at}{error.what}" + (f"; {guess[0]}" if guess else "")
