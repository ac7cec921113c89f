"""What is looked for in a log: plain words, or a regular expression where it is one. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from airflow_wizard.status.log_words import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.log_line import LogLine

_SIGNS = re.compile(r"[\\^$*+?{}\[\]()|]")
# A line is looked through so far; nobody waits for an expression that runs through a megabyte.
_FAR = 20_000


@dataclass(frozen=True)
class Wanted:
    """What a person typed. Upper and lower case are the same.

    Attributes:
        words: as they were typed; empty for nothing.
    """

    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.words)

    @cached_property
    def wrong(self) -> str:
        """Why it is no regular expression although it looks like one; it is then looked for as it stands."""
        if not _SIGNS.search(self.words):
            return ""
        try:
            re.compile(self.words)
        except (re.error, OverflowError, RecursionError) as error:
            return str(error)
        return ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        literal = not _SIGNS.search(self.words) or bool(self.wrong)
        return re.compile(re.escape(self.words) if literal else self.words, re.IGNORECASE)

    @cached_property
    def _lower(self) -> str:
        """The words where nothing but they themselves are meant: looking for those is much faster."""
        return self.words.lower() if not _SIGNS.search(self.words) or self.wrong else ""

    def matches(self, line: LogLine) -> bool:
        """Whether it is in what the line says, or in what it is shown as."""
        text = line.text
        if self._lower:
            return self._lower in text.lower() or (text.startswith("{") and self._lower in readable(text).lower())
        found = self._pattern.search(text, 0, _FAR)
        return found is not None or (text.startswith("{") and self._pattern.search(readable(text)) is not None)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text: (start, end) of each."""
        if self.words:
            yield from (m.span() for m in self._pattern.finditer(text) if m.end() > m.start())
