"""The newest log lines, so many and no more, in the order of time. Every step costs what is new, not what is held."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_wizard.log_line import LogLine

# Lines and characters that are held; a hundred thousand usual lines are some 25 MiB.
MOST, MOST_TEXT = 100_000, 48 * 1024 * 1024
# So many more while somebody reads further up and nothing may be taken from under their eyes.
EXTRA = 20_000
# What left is really let go of in so large pieces; each costs a move of all the others.
_MOST_GONE = 4_000
# Lines that come late are put in their place among the last so many.
_LATE = 20_000


class LogRing:
    """Lines by number. A number stays with its line; numbers of older lines that are loaded later are smaller.

    Args:
        most: lines that are held.
        most_text: characters that are held.

    Attributes:
        first: number of the oldest line.
        left: lines that were here and are not any more.
    """

    def __init__(self, most: int = MOST, most_text: int = MOST_TEXT) -> None:
        self.first = 0
        self.left = 0
        self._most = most
        self._most_text = most_text
        self._lines: list[LogLine] = []
        self._gone = 0  # of the list's beginning; taken off when it is worth it
        self._text = 0

    def __len__(self) -> int:
        return len(self._lines) - self._gone

    @property
    def end(self) -> int:
        """The number that the next line will have."""
        return self.first + len(self)

    @property
    def full(self) -> bool:
        """Whether nothing more may be held, not even while somebody reads further up."""
        return len(self) >= self._most + EXTRA or self._text >= 2 * self._most_text

    def __getitem__(self, number: int) -> LogLine:
        return self._lines[number - self.first + self._gone]

    def between(self, start: int, end: int) -> Iterator[LogLine]:
        """Lines from one number up to, not with, another."""
        at = start - self.first + self._gone
        return islice(self._lines, at, at + max(0, end - start))

    def add(self, lines: Sequence[LogLine], *, trim: bool = True) -> int:
        """Appends lines, each where its time belongs.

        Args:
            lines: in the order of time.
            trim: the oldest may leave to make room.

        Returns:
            The number from which on everything may be another line than before.
        """
        changed = self.end
        if lines:
            late = self._late(lines)
            if late:
                changed -= late
                tail = self._lines[-late:]
                # Stable: of the same time, what came first stays first.
                self._lines[-late:] = sorted([*tail, *lines], key=lambda line: line.time or 0.0)
            else:
                self._lines += lines
            self._text += sum([len(line.text) for line in lines])
        if trim:
            self.trim()
        return max(changed, self.first)

    def _late(self, lines: Sequence[LogLine]) -> int:
        """How many of the lines that are here were written after the first of those that come."""
        time = lines[0].time
        if time is None:
            return 0
        late, most = 0, min(_LATE, len(self))
        while late < most:
            other = self._lines[-1 - late].time
            if other is None or other <= time:
                break
            late += 1
        return late

    def trim(self) -> None:
        """The oldest leave until no more is held than may be."""
        gone = max(0, len(self) - self._most)
        text = self._text - sum([len(line.text) for line in self.between(self.first, self.first + gone)])
        while text > self._most_text and gone < len(self) - 1:
            text -= len(self[self.first + gone].text)
            gone += 1
        self._text = text
        self.left += gone
        self.first += gone
        self._gone += gone
        if self._gone > _MOST_GONE:
            del self._lines[: self._gone]
            self._gone = 0

    def prepend(self, lines: Sequence[LogLine]) -> None:
        """Puts older lines in front; they get the numbers before the first."""
        self._lines[: self._gone] = lines
        self._gone = 0
        self.first -= len(lines)
        self._text += sum([len(line.text) for line in lines])

    def clear(self) -> None:
        """Forgets everything; numbers go on."""
        self.first = self.end
        self._lines, self._gone, self._text = [], 0, 0
