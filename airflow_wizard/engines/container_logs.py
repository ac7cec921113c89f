"""Logs of containers, asked of the engine: the end of several merged, and one answer as it comes.

A stamp is exact to the nanosecond and sorts as text, so that a reader can go on exactly where another one stopped.
"""

from __future__ import annotations

import heapq
from collections import deque
from contextlib import closing, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.container_frames import Chunks, Clock, Frames, Mark, text_of
from airflow_wizard.engines.container_frames import until as up_to
from airflow_wizard.engines.containers import hang_up, said
from airflow_wizard.engines.log_stream import BLOCK
from airflow_wizard.log_line import LogLine
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from docker.types import CancellableStream

    from airflow_wizard.engines.container_frames import Raw
    from airflow_wizard.engines.containers import Engine

# How much of the end is looked through before more of it is, when only some lines are wanted.
_FIRST = 2_000
_RAW = "application/vnd.docker.raw-stream"
# An engine that took the question answers it within this many seconds, or is believed to hang.
_PATIENCE = 20.0


def read_tail(
    engine: Engine,
    units: Mapping[str, str],
    count: int,
    *,
    since: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
    marks: Mapping[str, Mark] | None = None,
    until: float | None = None,
) -> list[LogLine]:
    """The last ``count`` lines of several containers together, oldest first, merged by time.

    Args:
        engine: that runs them.
        units: name of each container's lines, by id.
        count: how many at most.
        since: only lines from then on (unix seconds).
        wanted: what to make of a line, None to leave it out; called for no more lines than are looked at.
        marks: where a log counts as ended, by container id.
        until: only lines up to then (unix seconds).

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    if count <= 0:
        return []
    ends = marks or {}
    tails = (_Tail(engine, id_, unit, ends.get(id_)) for id_, unit in units.items())
    each = [list(_keyed(tail.last(count, (since, until), wanted))) for tail in tails]
    merged = heapq.merge(*each, key=lambda pair: pair[0])
    return [line for _, line in deque(merged, maxlen=count)]


def end_of(engine: Engine, container: str) -> Mark:
    """The end of a container's log right now.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    with closing(Answer(engine, container, since=None, tail=16)) as answer:
        return Mark().past(list(_lines(answer, answer.frames())))


class _Tail:
    """The end of one container's log."""

    def __init__(self, engine: Engine, container: str, unit: str, end: Mark | None) -> None:
        self._engine = engine
        self._container = container
        self._unit = unit
        self._end = end

    def last(
        self,
        count: int,
        span: tuple[float | None, float | None],
        wanted: Callable[[LogLine], LogLine | None] | None,
    ) -> deque[LogLine]:
        """Its last lines that are wanted; more of the log is read until there are so many."""
        since, until = span
        looked = count if wanted is None and until is None else max(count, _FIRST)
        while True:
            kept: deque[LogLine] = deque(maxlen=count)
            clock = Clock()
            with closing(Answer(self._engine, self._container, since=since, tail=looked)) as answer:
                frames = answer.frames()
                lines = _lines(answer, frames)
                for stamp, data in lines if self._end is None else up_to(self._end, lines):
                    time = clock.time(stamp)
                    if time is not None and ((since or time) > time or (until is not None and time > until)):
                        continue
                    line = LogLine(time, self._unit, text_of(data))
                    made = line if wanted is None else wanted(line)
                    if made is not None:
                        kept.append(made)
            # Fewer than were asked for: there is no more of it.
            if len(kept) >= count or frames.entries < looked or (wanted is None and until is None):
                return kept
            looked *= 8


def _lines(answer: Answer, frames: Frames) -> Iterator[Raw]:
    yield from chain.from_iterable(map(frames.feed, iter(answer.read, b"")))
    yield from frames.rest()


def _keyed(lines: Iterable[LogLine]) -> Iterator[tuple[float, LogLine]]:
    """Within a container the order is kept, even where its two streams were stamped out of order."""
    latest = float("-inf")
    for line in lines:
        latest = latest if line.time is None else max(latest, line.time)
        yield latest, line


class Answer:
    """The log as the engine sends it. Close it; that may be done by another thread than the one that reads.

    Args:
        engine: that runs the container.
        container: its id.
        since: unix seconds; older lines are left out, but not to the last microsecond.
        tail: how many lines of the end; None for all.
        follow: go on with what is added, until the container ends.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """

    def __init__(
        self, engine: Engine, container: str, *, since: float | None, tail: int | None, follow: bool = False
    ) -> None:
        from docker.types import CancellableStream

        api = engine.api
        params: dict[str, Any] = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(follow)}
        params["tail"] = "all" if tail is None else tail
        if since is not None:
            # A microsecond earlier: what is rounded must not be left out. The caller looks at the stamps.
            params["since"] = f"{max(0.0, since - 1e-6):.6f}"
        with said():
            url = f"{api.base_url}/v{api.api_version}/containers/{container}/logs"
            response = api.get(url, params=params, stream=True, timeout=_PATIENCE)
        self._stream: CancellableStream[bytes] = CancellableStream(iter(()), response)
        self._source: Any = None
        self._blocks: Iterator[bytes] = iter(())
        self._plain = response.headers.get("Content-Type") == _RAW and _version(api.api_version) >= (1, 42)
        self._chunks: Chunks | None = None
        if response.status_code != 200:
            text = (
                "" if response.status_code == 404 else f"its log cannot be read: {one_line(response.text, limit=200)}\n"
            )
            self._plain, self._blocks = True, iter([text.encode()])
            return
        self._blocks = response.raw.stream(BLOCK, decode_content=False)
        # What the connection has is taken as it is: the libraries in between hand on each line by itself.
        inner = getattr(response.raw, "_fp", None)
        self._source = getattr(inner, "fp", None)
        if getattr(inner, "chunked", False) and hasattr(self._source, "read1"):
            self._chunks = Chunks()
        if follow:
            self._wait_for_ever()

    def frames(self) -> Frames:
        """What makes lines of what is read."""
        return Frames(plain=self._plain)

    def read(self) -> bytes:
        """What has come, as soon as something has; nothing at the end, whoever made it.

        Raises:
            EngineUnreachableError: the connection was lost.
        """
        try:
            with said():
                return next(self._blocks, b"") if self._chunks is None else self._unchunked(self._chunks)
        except (AttributeError, ValueError, OSError):
            # What the reader of a connection raises when another thread has hung up, or the engine has.
            return b""

    @property
    def lost(self) -> bool:
        """Whether what was read did not come to its own end; False where that cannot be told."""
        return self._chunks is not None and not self._chunks.complete

    def _unchunked(self, chunks: Chunks) -> bytes:
        while not chunks.complete and (data := self._source.read1(BLOCK)):
            if found := chunks.feed(data):
                return found
        return b""

    def _wait_for_ever(self) -> None:
        """A log may be quiet for days; the answer itself has begun."""
        socket = getattr(getattr(self._source, "raw", None), "_sock", None)
        if socket is not None and hasattr(socket, "settimeout"):
            with suppress(OSError):
                socket.settimeout(None)

    def close(self) -> None:
        """Hang up."""
        hang_up(self._stream)


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
