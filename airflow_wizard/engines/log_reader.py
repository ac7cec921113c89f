"""Log files as lines with a time: the end of several merged, and what is added to them from then on.

Memory stays bounded whatever is in the files: a read is cut into pieces, a line into `LONGEST` bytes.
"""

from __future__ import annotations

import heapq
import os
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from airflow_wizard.engines.log_stamps import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

LONGEST = 64 * 1024
_BLOCK = 256 * 1024
# What is looked through per file when only lines of a time or a pattern are wanted.
_MOST = 32 * 1024 * 1024
_HEAD = 64


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in a file: unit, time of it or of the line it continues (unix seconds), text."""

    time: float | None
    unit: str
    text: str


def read_tail(
    files: Mapping[str, Path],
    count: int,
    *,
    since: float | None = None,
    wanted: Callable[[RawLine], RawLine | None] | None = None,
    ends: Mapping[str, int] | None = None,
) -> list[RawLine]:
    """The last ``count`` lines of several files together, oldest first, merged by time.

    Args:
        files: path by unit; ``PATH.1`` beside it is its older part.
        count: how many at most.
        since: only lines from then on (unix seconds); a line without a time belongs to the one before it.
        wanted: what to make of a line, None to leave it out; called for no more lines than are looked at.
        ends: offset by unit at which a file counts as ended.
    """
    if count <= 0:
        return []
    per_file = [_Tail(unit, path, (ends or {}).get(unit)).last(count, since, wanted) for unit, path in files.items()]
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
        self.size = self.end + _size(_older(path))

    def last(
        self, count: int, since: float | None, wanted: Callable[[RawLine], RawLine | None] | None
    ) -> deque[RawLine]:
        """Its last ``count`` lines that are wanted; more of the file is read until there are so many."""
        looked = 4 * _BLOCK if since is None and wanted is None else _MOST
        while True:
            kept: deque[RawLine] = deque(maxlen=count)
            for line in _stamped(self.unit, _split(self._blocks(looked))):
                if since is not None and (line.time is None or line.time < since):
                    continue
                result = line if wanted is None else wanted(line)
                if result is not None:
                    kept.append(result)
            if len(kept) >= count or looked >= min(_MOST, self.size):
                return kept
            looked *= 8

    def _blocks(self, most: int) -> Iterator[bytes]:
        if most > self.end:
            older = _older(self.path)
            yield from _blocks(older, _size(older), most - self.end)
        yield from _blocks(self.path, self.end, most)


def _with_keys(lines: Iterable[RawLine]) -> Iterator[tuple[float, RawLine]]:
    latest = float("-inf")
    for line in lines:
        latest = latest if line.time is None else max(latest, line.time)
        yield latest, line


def _older(path: Path) -> Path:
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


def _stamped(unit: str, lines: Iterable[str]) -> Iterator[RawLine]:
    """Lines with their times; those before the first time get that time, since they were written before it."""
    time: float | None = None
    waiting: list[str] = []
    for text in lines:
        own = stamp_of(text)
        if own is None and time is None and len(waiting) < 1000:
            waiting.append(text)
            continue
        if waiting:
            yield from (RawLine(own, unit, early) for early in waiting)
            waiting = []
        time = time if own is None else own
        yield RawLine(time, unit, text)
    yield from (RawLine(None, unit, text) for text in waiting)


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


class Follower:
    """What is added to one log file, asked for again and again. Survives rotation, truncation and absence.

    Args:
        unit: its name.
        path: the file.
        from_start: begin with what is there; else with what comes.
    """

    def __init__(self, unit: str, path: Path, *, from_start: bool = False) -> None:
        self.unit = unit
        self.path = path
        self._cutter = LineCutter()
        self._offset = 0
        self._inode = 0
        self._head = b""
        self._time: float | None = None
        self._quiet = 0
        if not from_start:
            self._skip_to_end()

    @property
    def offset(self) -> int:
        """Bytes of the file that were taken or skipped; always the start of a line before the first `poll`."""
        return self._offset

    def _skip_to_end(self) -> None:
        try:
            with self.path.open("rb") as handle:
                status = os.fstat(handle.fileno())
                self._head = handle.read(_HEAD)
                start = max(0, status.st_size - LONGEST)
                handle.seek(start)
                # A line that is being written is left to come as a whole.
                newline = handle.read(status.st_size - start).rfind(b"\n")
        except OSError:
            return
        self._inode = status.st_ino
        self._offset = start + newline + 1 if newline >= 0 or start == 0 else status.st_size

    def poll(self) -> Iterator[RawLine]:
        """Lines since the last call, at most one block's; a line without an end comes once nothing is added to it."""
        try:
            status = self.path.stat()
        except OSError:
            return
        if status.st_ino == self._inode and status.st_size == self._offset:
            self._quiet += 1
            if self._cutter.waiting and self._quiet >= 5:
                yield from map(self._line, self._cutter.rest())
            return
        self._quiet = 0
        try:
            yield from map(self._line, self._read())
        except OSError:
            return

    def _read(self) -> Iterator[str]:
        with self.path.open("rb") as handle:
            status = os.fstat(handle.fileno())
            head = handle.read(_HEAD)
            begun = self._inode != 0
            if begun and (status.st_size < self._offset or not head.startswith(self._head)):
                yield from self._remainder()
                yield from self._cutter.rest()
                self._offset = 0
            elif status.st_ino != self._inode:
                yield from self._cutter.rest()
                self._offset = 0
            self._inode, self._head = status.st_ino, head
            handle.seek(self._offset)
            data = handle.read(_BLOCK)
            self._offset += len(data)
        yield from self._cutter.feed(data)

    def _remainder(self) -> Iterator[str]:
        """What was written before the file was cut short, from the copy that the supervisor keeps of it."""
        try:
            with _older(self.path).open("rb") as handle:
                if not handle.read(_HEAD).startswith(self._head):
                    return
                handle.seek(self._offset)
                while data := handle.read(_BLOCK):
                    yield from self._cutter.feed(data)
        except OSError:
            return

    def _line(self, text: str) -> RawLine:
        own = stamp_of(text)
        if own is not None:
            self._time = own
        return RawLine(self._time, self.unit, text)
