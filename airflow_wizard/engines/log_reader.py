"""Log files as lines with a time: the end of several merged, and what is added to them from then on.

Memory stays bounded whatever is in the files: a read is cut into pieces, and so is a line.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from airflow_wizard.engines.log_lines import LineCutter
from airflow_wizard.engines.log_stamps import stamp_of
from airflow_wizard.log_line import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

_BLOCK = 256 * 1024
# What is looked through per file when only lines of a time or a pattern are wanted.
_MOST = 32 * 1024 * 1024


def read_tail(
    files: Mapping[str, Path],
    count: int,
    *,
    since: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
    ends: Mapping[str, int] | None = None,
    until: float | None = None,
) -> list[LogLine]:
    """The last ``count`` lines of several files together, oldest first, merged by time.

    Args:
        files: path by unit; ``PATH.1`` beside it is its older part.
        count: how many at most.
        since: only lines from then on (unix seconds); a line without a time belongs to the one before it.
        wanted: what to make of a line, None to leave it out; called for no more lines than are looked at.
        ends: offset by unit at which a file counts as ended.
        until: only lines up to then (unix seconds).
    """
    if count <= 0:
        return []
    per_file = [
        _Tail(unit, path, (ends or {}).get(unit)).last(count, (since, until), wanted) for unit, path in files.items()
    ]
    # Within a file the order is kept, even where several processes wrote their times out of order.
    keyed = [list(_with_keys(lines)) for lines in per_file]
    merged = heapq.merge(*keyed, key=lambda pair: pair[0])
    return [line for _, line in deque(merged, maxlen=count)]


class _Tail:
    """The end of one file and of its older part."""

    def __init__(self, unit: str, path: Path, end: int | None) -> None:
        self.unit = unit
        self.path = path
        self.end = _size(path) if end is None else min(end, _size(path))
        self.size = self.end + _size(older_of(path))

    def last(
        self,
        count: int,
        span: tuple[float | None, float | None],
        wanted: Callable[[LogLine], LogLine | None] | None,
    ) -> deque[LogLine]:
        """Its last ``count`` lines that are wanted; more of the file is read until there are so many."""
        since, until = span
        looked = 4 * _BLOCK if since is None and wanted is None else _MOST
        while True:
            kept: deque[LogLine] = deque(maxlen=count)
            for line in _stamped(self.unit, _split(self._blocks(looked))):
                if since is not None and (line.time is None or line.time < since):
                    continue
                if until is not None and line.time is not None and line.time > until:
                    continue
                result = line if wanted is None else wanted(line)
                if result is not None:
                    kept.append(result)
            if len(kept) >= count or looked >= min(_MOST, self.size):
                return kept
            looked *= 8

    def _blocks(self, most: int) -> Iterator[bytes]:
        if most > self.end:
            older = older_of(self.path)
            yield from _blocks(older, _size(older), most - self.end)
        yield from _blocks(self.path, self.end, most)


def _with_keys(lines: Iterable[LogLine]) -> Iterator[tuple[float, LogLine]]:
    latest = float("-inf")
    for line in lines:
        latest = latest if line.time is None else max(latest, line.time)
        yield latest, line


def older_of(path: Path) -> Path:
    """The older part of a log, which the supervisor moves there."""
    return path.with_name(path.name + ".1")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _blocks(path: Path, end: int, most: int) -> Iterator[bytes]:
    """The last ``most`` bytes before ``end``, in blocks, from the start of a line."""
    try:
        with path.open("rb") as handle:
            if end > most:
                handle.seek(end - most - 1)
                # A line that starts before is left out, however long it is.
                while (piece := handle.readline(_BLOCK)) and not piece.endswith(b"\n"):
                    pass
            while (left := end - handle.tell()) > 0 and (block := handle.read(min(_BLOCK, left))):
                yield block
    except OSError:
        return


def _split(blocks: Iterable[bytes]) -> Iterator[str]:
    cutter = LineCutter()
    for block in blocks:
        yield from cutter.feed(block)
    yield from cutter.rest()


def _stamped(unit: str, lines: Iterable[str]) -> Iterator[LogLine]:
    """Lines with their times; those before the first time get that time, since they were written before it."""
    time: float | None = None
    waiting: list[str] = []
    for text in lines:
        own = stamp_of(text)
        if own is None and time is None and len(waiting) < 1000:
            waiting.append(text)
            continue
        if waiting:
            yield from (LogLine(own, unit, early) for early in waiting)
            waiting = []
        time = time if own is None else own
        yield LogLine(time, unit, text)
    yield from (LogLine(None, unit, text) for text in waiting)
