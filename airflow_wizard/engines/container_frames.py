"""The engine's answer to a question for a log, as lines: chunks of HTTP, frames of two streams, stamps. Pure.

Work is done by the block, never by the line where it can be helped: several containers write thousands a second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.engines.container_facts import unix_time
from airflow_wizard.engines.log_lines import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = 8
# The engine writes every stamp in UTC with nine digits (moby, RFC3339NanoFixed).
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) ")
_MOST_HELD = 20_000
_USUAL = 31  # a stamp that ends in Z, and the space behind it

# (stamp, data without its end): what a line is before anybody wants to read it.
Raw: TypeAlias = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a container's log: the stamp of the last line, and how many lines up to here carry it."""

    stamp: str = ""
    count: int = 0

    def after(self, stamp: str) -> Mark:
        """The place behind one more line."""
        return Mark(stamp, self.count + 1 if stamp == self.stamp else 1)

    def past(self, lines: list[Raw]) -> Mark:
        """The place behind many more lines."""
        stamps = [stamp for stamp, _ in lines if stamp]
        if not stamps:
            return self
        last, count = stamps[-1], 0
        while count < len(stamps) and stamps[-1 - count] == last:
            count += 1
        text = last.decode()
        return Mark(text, count + (self.count if count == len(stamps) and text == self.stamp else 0))

    @property
    def time(self) -> float | None:
        """Unix seconds; None at the beginning of a log."""
        return unix_time(self.stamp) if self.stamp else None


class Resume:
    """Leaves out what was read before, of lines that are asked for again from shortly before a mark on.

    The order in the log decides, not the stamps: those of two streams may cross.
    """

    def __init__(self, mark: Mark) -> None:
        self._stamp = mark.stamp.encode()
        self._left = mark.count
        self._held: list[Raw] = []

    def new(self, lines: list[Raw]) -> list[Raw]:
        """What stands behind the mark; nothing until that was found."""
        if not self._left:
            return lines
        for place, (stamp, _) in enumerate(lines):
            if stamp == self._stamp:
                self._left -= 1
                if not self._left:
                    self._held = []
                    return lines[place + 1 :]
        self._held += lines
        if len(self._held) > _MOST_HELD:
            return self.rest()
        return []

    def rest(self) -> list[Raw]:
        """What is new where the mark is in the log no more, because its oldest part was thrown away."""
        held, self._held, self._left = self._held, [], 0
        return [line for line in held if line[0] > self._stamp]


def until(mark: Mark, lines: Iterable[Raw]) -> Iterator[Raw]:
    """Lines up to a mark, and it."""
    left, stamp = mark.count, mark.stamp.encode()
    for line in lines:
        if line[0] == stamp:
            left -= 1
        elif line[0] > stamp and left <= 0:
            return
        yield line
        if line[0] == stamp and left <= 0:
            return


class Chunks:
    """HTTP's chunks taken off. Says when the answer came to its own end, which a lost connection never does."""

    def __init__(self) -> None:
        self._rest = b""
        self.complete = False

    def feed(self, data: bytes) -> bytes:
        """What is in the chunks that are complete by now."""
        if self._rest:
            data = self._rest + data
        parts, at = [], 0
        while True:
            end = data.find(b"\r\n", at)
            if end < 0:
                break
            size = int(data[at:end].partition(b";")[0] or b"0", 16)
            if size == 0:
                self.complete = True
                break
            start = end + 2
            if start + size + 2 > len(data):
                break
            parts.append(data[start : start + size])
            at = start + size + 2
        self._rest = data[at:]
        return b"".join(parts)


class Frames:
    """Whole lines out of the engine's frames: one byte of kind, three of nothing, four of size, then the data.

    A line longer than `LONGEST` bytes is cut, and says so.

    Args:
        plain: the container has a terminal, and the engine sends no frames.

    Attributes:
        entries: how many there were of what the engine counts; a long line is several.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self.entries = 0
        self._plain = plain
        self._rest = b""
        self._held: dict[int, _Held] = {}

    def feed(self, data: bytes) -> list[Raw]:
        """Every line that is complete by now."""
        if self._rest:
            data = self._rest + data
        return self._lines(data) if self._plain else self._framed(data)

    def rest(self) -> list[Raw]:
        """What is held, as lines of their own: nothing more comes."""
        found = [_cut(self._rest)] if self._plain and self._rest else []
        found += [(held.stamp, held.data()) for held in self._held.values()]
        self._rest = b""
        self._held.clear()
        return found

    def _lines(self, data: bytes) -> list[Raw]:
        *lines, rest = data.split(b"\n")
        self.entries += len(lines)
        # A terminal's line without an end must not grow for ever either.
        self._rest = rest[: LONGEST + _USUAL]
        return [_cut(line) for line in lines]

    def _framed(self, data: bytes) -> list[Raw]:
        lines: list[Raw] = []
        at, size = 0, len(data)
        held = self._held
        while size - at >= _HEADER:
            start = at + _HEADER
            end = start + int.from_bytes(data[at + 4 : start], "big")
            if end > size:
                break
            if not held and data[end - 1] == 10 and data[start + 29 : start + _USUAL] == b"Z ":
                lines.append((data[start : start + 30], data[start + _USUAL : end - 1]))
            else:
                self._hold(data[at], data[start:end], lines)
            at = end
            self.entries += 1
        self._rest = data[at:]
        return lines

    def _hold(self, kind: int, data: bytes, lines: list[Raw]) -> None:
        match = _STAMP.match(data)
        part = self._held.get(kind)
        if part is None:
            part = self._held[kind] = _Held(match[1] if match else b"")
        # The engine cuts long lines and stamps each piece.
        part.add(data[match.end() :] if match else data)
        if data.endswith(b"\n"):
            del self._held[kind]
            lines.append((part.stamp, part.data()))


def _cut(line: bytes) -> Raw:
    match = _STAMP.match(line)
    return (match[1], line[match.end() :]) if match else (b"", line)


class _Held:
    """A line of which not everything has come."""

    def __init__(self, stamp: bytes) -> None:
        self.stamp = stamp
        self._data = bytearray()
        self._cut = 0

    def add(self, data: bytes) -> None:
        room = LONGEST - len(self._data)
        self._data += data[:room]
        self._cut += max(0, len(data) - room)

    def data(self) -> bytes:
        more = f" … ({self._cut} bytes more)".encode() if self._cut else b""
        return bytes(self._data.rstrip(b"\n")) + more


class Clock:
    """Stamps as unix seconds, to the microsecond. Lines of one second share most of the work."""

    def __init__(self) -> None:
        self._second = b""
        self._base: int | None = None

    def time(self, stamp: bytes) -> float | None:
        """Unix seconds; None for a line without a stamp."""
        if stamp[29:] != b"Z":
            return unix_time(stamp.decode())
        second = stamp[:19]
        if second != self._second:
            at = unix_time(second.decode() + "Z")
            self._second, self._base = second, None if at is None else round(at) * 1_000_000
        return None if self._base is None else (self._base + int(stamp[20:26])) / 1_000_000


def text_of(data: bytes) -> str:
    """What a line says."""
    return data.decode("utf-8", "replace").rstrip("\r")
