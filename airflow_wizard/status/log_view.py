"""Which lines of a ring are shown: those of some units, those that match. Kept up to date by what is new. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from airflow_wizard.log_line import BOUNDARY
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.status.log_words import severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.log_ring import LogRing

# Lines looked through before somebody who waits is served again; some ten milliseconds.
SLICE = 5_000


class LogView:
    """Numbers of the lines that are shown, oldest first.

    Looks through the ring from its newest line backwards, a slice at a time, so that what one sees is right at once.

    Attributes:
        units: whose lines; empty for all.
        wanted: what is looked for.
        only: only lines that match are shown; else all, and one goes from match to match.
    """

    def __init__(self, ring: LogRing) -> None:
        self.units: frozenset[str] = frozenset()
        self.wanted = Wanted()
        self.only = True
        self._ring = ring
        self._shown: list[int] = []  # of these units; not kept where every line is
        self._hits: list[int] = []  # of those, the ones that match
        self._looked = ring.end  # everything from here on was looked through

    def choose(self, *, units: frozenset[str] | None = None, wanted: Wanted | None = None) -> None:
        """Something else is shown from now on; `look` finds it."""
        self.units = self.units if units is None else units
        self.wanted = self.wanted if wanted is None else wanted
        self._shown, self._hits = [], []
        self._looked = self._ring.end
        self.look()

    @property
    def plain(self) -> bool:
        """Whether every line is shown and nothing is looked for."""
        return not self.units and not self.wanted

    @property
    def whole(self) -> bool:
        """Whether everything was looked through."""
        return self.plain or self._looked <= self._ring.first

    def look(self, most: int = SLICE) -> bool:
        """Look through one more slice of what is older; False when nothing is left to look through."""
        if self.whole:
            return False
        start = max(self._ring.first, self._looked - most)
        shown, hits = self._find(start, self._looked)
        self._shown[:0], self._hits[:0] = shown, hits
        self._looked = start
        return not self.whole

    def added(self, changed: int) -> None:
        """Lines were added, and everything from a number on may be another."""
        if self.plain:
            self._looked = self._ring.end
            return
        for numbers in (self._shown, self._hits):
            del numbers[bisect_left(numbers, changed) :]
            gone = bisect_left(numbers, self._ring.first)
            if gone > len(numbers) // 4:
                del numbers[:gone]
        start = max(changed, self._ring.first)
        self._looked = min(self._looked, start)
        shown, hits = self._find(start, self._ring.end)
        self._shown += shown
        self._hits += hits

    def _find(self, start: int, end: int) -> tuple[list[int], list[int]]:
        units, matches = self.units, self.wanted.matches
        pairs = zip(range(start, end), self._ring.between(start, end), strict=False)
        if not units:
            return [], [number for number, line in pairs if matches(line)]
        shown = [(number, line) for number, line in pairs if line.unit in units]
        hits = [number for number, line in shown if matches(line)] if self.wanted else []
        return [number for number, _ in shown], hits

    def _list(self) -> Sequence[int]:
        if self.wanted and self.only:
            return self._hits
        return self._shown if self.units else range(self._ring.first, self._ring.end)

    def _from(self, numbers: Sequence[int]) -> int:
        return bisect_left(numbers, self._ring.first)

    def __len__(self) -> int:
        numbers = self._list()
        return len(numbers) - self._from(numbers)

    def __getitem__(self, row: int) -> int:
        """The number of the line in a row."""
        numbers = self._list()
        return numbers[self._from(numbers) + row]

    def row(self, number: int) -> int:
        """The row of a line, or of the next one that is shown."""
        numbers = self._list()
        return bisect_left(numbers, number) - self._from(numbers)

    @property
    def hits(self) -> int:
        """How many lines match."""
        return len(self._hits) - self._from(self._hits)

    @property
    def all(self) -> int:
        """How many lines there are of these units, matching or not."""
        return len(self._shown) - self._from(self._shown) if self.units else len(self._ring)

    def place(self, number: int) -> int:
        """Which of the matches a line is, from 1; 0 when it is none."""
        at = bisect_left(self._hits, number)
        there = at < len(self._hits) and self._hits[at] == number
        return at - self._from(self._hits) + 1 if there else 0

    def match(self, number: int, step: int) -> int | None:
        """The next line that matches, before or behind a number."""
        at = bisect_left(self._hits, number + 1) if step > 0 else bisect_left(self._hits, number) - 1
        return self._hits[at] if self._from(self._hits) <= at < len(self._hits) else None

    def trouble(self, number: int, step: int, most: int = SLICE) -> tuple[int | None, int | None]:
        """The next line that is shown and tells of an error or a warning, before or behind a number.

        Returns:
            That line, and where to go on looking when so many lines held none; None for what there is not.
        """
        numbers = self._list()
        if step > 0:
            start = max(bisect_left(numbers, number + 1), self._from(numbers))
            found, whole = range(start, min(start + most, len(numbers))), start + most >= len(numbers)
        else:
            start, end = bisect_left(numbers, number) - 1, self._from(numbers) - 1
            found, whole = range(start, max(start - most, end), -1), start - most <= end
        ring = self._ring
        hit = next((numbers[at] for at in found if is_trouble(ring[numbers[at]])), None)
        return hit, None if whole or hit is not None else numbers[found[-1]]


def is_trouble(line: LogLine) -> bool:
    """Whether one who looks for what went wrong wants to see it."""
    return line.kind == BOUNDARY or bool(severity(line))
