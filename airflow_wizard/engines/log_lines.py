"""Bytes as lines. Memory stays bounded whatever they hold: a line is cut at `LONGEST` bytes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 2 * 1024 * 1024


class LineCutter:
    """Bytes as they come, made into lines. Holds at most `LONGEST` bytes of a line that is not complete."""

    def __init__(self) -> None:
        self._part = bytearray()
        self._cut = 0

    @property
    def waiting(self) -> bool:
        """True while the start of a line is held."""
        return bool(self._part)

    def feed(self, data: bytes) -> Iterator[str]:
        """Every line that ``data`` completes, without its end."""
        ends = [-1, *_newlines(data)]
        for before, end in pairwise(ends):
            self._hold(data[before + 1 : end])
            yield from self.rest(complete=True)
        self._hold(data[ends[-1] + 1 :])

    def rest(self, *, complete: bool = False) -> Iterator[str]:
        """What is held, as a line of its own; nothing when nothing is, unless the line is ``complete``."""
        if self._part or complete:
            text = self._part.decode("utf-8", "replace").rstrip("\r")
            yield f"{text} … ({self._cut} bytes more)" if self._cut else text
        self._part.clear()
        self._cut = 0

    def _hold(self, data: bytes) -> None:
        room = LONGEST - len(self._part)
        self._part += data[:room]
        self._cut += max(0, len(data) - room)


def _newlines(data: bytes) -> Iterator[int]:
    at = data.find(b"\n")
    while at >= 0:
        yield at
        at = data.find(b"\n", at + 1)
