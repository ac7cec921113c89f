"""Logs of containers, asked of the engine: lines with the engine's own stamps, and the end of several logs merged.

A stamp is exact to the nanosecond and sorts as text, so that a reader can go on exactly where another one stopped.
"""

from __future__ import annotations

import contextlib
import heapq
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.container_facts import unix_time
from airflow_wizard.engines.containers import hang_up, said
from airflow_wizard.engines.log_reader import LONGEST, RawLine
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from docker.types import CancellableStream

    from airflow_wizard.engines.containers import Engine

# How much of the end is looked through before more of it is, when only some lines are wanted.
_FIRST = 2_000
_BLOCK = 64 * 1024
_HEADER = 8
# The engine writes every stamp in UTC with nine digits (moby, RFC3339NanoFixed).
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) ")
_RAW = "application/vnd.docker.raw-stream"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a container's log: the stamp of the last line, and how many lines up to here carry it."""

    stamp: str = ""
    count: int = 0

    def after(self, stamp: str) -> Mark:
        """The place behind one more line."""
        return Mark(stamp, self.count + 1 if stamp == self.stamp else 1)


@dataclass(frozen=True, slots=True)
class Stamped:
    """A line of a container's log with its stamp."""

    stamp: str
    container: str
    text: str

    @property
    def time(self) -> float | None:
        """Unix seconds, to the microsecond."""
        return unix_time(self.stamp)


def read_tail(
    engine: Engine,
    units: Mapping[str, str],
    count: int,
    *,
    since: float | None = None,
    wanted: Callable[[RawLine], RawLine | None] | None = None,
    marks: Mapping[str, Mark] | None = None,
) -> list[RawLine]:
    """The last ``count`` lines of several containers together, oldest first, merged by time.

    Args:
        engine: that runs them.
        units: name of each container's lines, by id.
        count: how many at most.
        since: only lines from then on (unix seconds).
        wanted: what to make of a line, None to leave it out; called for no more lines than are looked at.
        marks: where a log counts as ended, by container id.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    if count <= 0:
        return []
    ends = marks or {}
    each = [list(_keyed(_last(engine, id_, unit, count, since, wanted, ends.get(id_)))) for id_, unit in units.items()]
    merged = heapq.merge(*each, key=lambda pair: pair[0])
    return [line for _, line in deque(merged, maxlen=count)]


def end_of(engine: Engine, container: str) -> Mark:
    """The end of a container's log right now.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    mark = Mark()
    with log(engine, container, tail=16) as blocks:
        for line in stamped(container, blocks):
            mark = mark.after(line.stamp)
    return mark


def after(mark: Mark, lines: Iterable[Stamped]) -> Iterator[Stamped]:
    """Lines that begin at or before a mark, without those up to it. Pure."""
    left = mark.count
    for line in lines:
        if line.stamp < mark.stamp:
            continue
        if line.stamp == mark.stamp and left:
            left -= 1
            continue
        yield line


def _before(mark: Mark, lines: Iterable[Stamped]) -> Iterator[Stamped]:
    """Lines up to a mark, and it."""
    left = mark.count
    for line in lines:
        if line.stamp == mark.stamp:
            left -= 1
        elif line.stamp > mark.stamp and left <= 0:
            return
        yield line
        if line.stamp == mark.stamp and left <= 0:
            return


@contextlib.contextmanager
def log(
    engine: Engine,
    container: str,
    *,
    since: float | None = None,
    tail: int | None = None,
    follow: bool = False,
    opened: Callable[[CancellableStream[bytes]], None] | None = None,
) -> Iterator[Iterator[bytes]]:
    """The log as the engine sends it: blocks of bytes; with ``follow`` until the container ends.

    Args:
        engine: that runs it.
        container: its id.
        since: unix seconds; older lines are left out, but not to the last microsecond.
        tail: how many lines of the end; None for all.
        follow: go on with what is added.
        opened: gets the answer, so that another thread can hang up.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    stream = _open(engine, container, since, tail, follow=follow)
    try:
        if opened is not None:
            opened(stream)
        yield _blocks(stream)
    finally:
        hang_up(stream)


def _blocks(stream: Iterable[bytes]) -> Iterator[bytes]:
    with said():
        try:
            yield from stream
        except (AttributeError, ValueError):
            # What the reader of a connection raises when another thread has hung up.
            return


def _open(
    engine: Engine, container: str, since: float | None, tail: int | None, *, follow: bool
) -> CancellableStream[bytes]:
    from docker.types import CancellableStream

    api = engine.api
    params: dict[str, Any] = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(follow)}
    params["tail"] = "all" if tail is None else tail
    if since is not None:
        # A microsecond earlier: what is rounded must not be left out. The caller looks at the stamps.
        params["since"] = f"{max(0.0, since - 1e-6):.6f}"
    with said():
        url = f"{api.base_url}/v{api.api_version}/containers/{container}/logs"
        response = api.get(url, params=params, stream=True, timeout=None if follow else api.timeout)
    if response.status_code != 200:
        text = "" if response.status_code == 404 else f"its log cannot be read: {one_line(response.text, limit=200)}"
        return CancellableStream(iter([_frame(text)] if text else []), response)
    blocks = response.raw.stream(_BLOCK, decode_content=False)
    is_raw = response.headers.get("Content-Type") == _RAW and _version(api.api_version) >= (1, 42)
    return CancellableStream(map(_frame_of, _raw_lines(blocks)) if is_raw else blocks, response)


def stamped(container: str, blocks: Iterable[bytes]) -> Iterator[Stamped]:
    """Whole lines out of the engine's frames. A line longer than `LONGEST` bytes is cut, and says so. Pure."""
    held: dict[int, _Held] = {}
    for kind, data in _frames(blocks):
        match = _STAMP.match(data)
        part = held.get(kind)
        if part is None:
            part = held[kind] = _Held(match[1].decode() if match else "")
        # The engine cuts long lines and stamps each piece.
        part.add(data[match.end() :] if match else data)
        if data.endswith(b"\n"):
            del held[kind]
            yield Stamped(part.stamp, container, part.text())
    for part in held.values():
        yield Stamped(part.stamp, container, part.text())


class _Held:
    """A line of which not everything has come."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self._data = bytearray()
        self._cut = 0

    def add(self, data: bytes) -> None:
        room = LONGEST - len(self._data)
        self._data += data[:room]
        self._cut += max(0, len(data) - room)

    def text(self) -> str:
        words = self._data.decode("utf-8", "replace").rstrip("\r\n")
        return f"{words} … ({self._cut} bytes more)" if self._cut else words


def _last(
    engine: Engine,
    container: str,
    unit: str,
    count: int,
    since: float | None,
    wanted: Callable[[RawLine], RawLine | None] | None,
    end: Mark | None,
) -> deque[RawLine]:
    """Its last lines that are wanted; more of the log is read until there are so many."""
    looked = count if wanted is None else max(count, _FIRST)
    while True:
        kept: deque[RawLine] = deque(maxlen=count)
        seen = 0
        with log(engine, container, since=since, tail=looked) as blocks:
            lines = stamped(container, blocks)
            for line in lines if end is None else _before(end, lines):
                seen += 1
                raw = RawLine(line.time, unit, line.text)
                if since is not None and raw.time is not None and raw.time < since:
                    continue
                made = raw if wanted is None else wanted(raw)
                if made is not None:
                    kept.append(made)
        if wanted is None or len(kept) >= count or seen < looked:
            return kept
        looked *= 8


def _keyed(lines: Iterable[RawLine]) -> Iterator[tuple[float, RawLine]]:
    """Within a container the order is kept, even where its two streams were stamped out of order."""
    latest = float("-inf")
    for line in lines:
        latest = latest if line.time is None else max(latest, line.time)
        yield latest, line


def _frames(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """(stream, data): one byte of kind, three of nothing, four of size, then the data (API of the engine, attach)."""
    rest = b""
    for block in blocks:
        data, at = rest + block if rest else block, 0
        while len(data) - at >= _HEADER:
            end = at + _HEADER + int.from_bytes(data[at + 4 : at + _HEADER], "big")
            if end > len(data):
                break
            yield data[at], data[at + _HEADER : end]
            at = end
        rest = data[at:]


def _frame(text: str) -> bytes:
    return _frame_of(text.encode() + b"\n")


def _frame_of(data: bytes) -> bytes:
    return b"\x01\0\0\0" + len(data).to_bytes(4, "big") + data


def _raw_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Of a container with a terminal the engine sends no frames."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in lines)
    if rest:
        yield rest


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
