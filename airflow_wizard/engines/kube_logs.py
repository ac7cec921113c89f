"""Logs of containers in pods, asked of the cluster: the end of several merged, and one answer as it comes.

The kubelet stamps each line with nine digits (``timestamps=true``), so that a reader can go on exactly where another
one stopped; ``sinceTime`` itself is only good to the second.
"""

from __future__ import annotations

import contextlib
import heapq
import http.client
import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from airflow_wizard.engines.container_frames import Clock, Frames, Mark, text_of
from airflow_wizard.engines.kube_api import ApiRefusedError, Hangup, NoClusterError
from airflow_wizard.engines.log_stream import BLOCK, LogStream
from airflow_wizard.log_line import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from airflow_wizard.engines.container_frames import Raw
    from airflow_wizard.engines.kube_api import KubeApi

# How much of the end is looked through before more of it is, when only some lines are wanted.
_FIRST = 2_000
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class LogSource:
    """One run of one container.

    Attributes:
        path: of the pod's log in the API.
        container: its name in the pod.
        unit: name of its lines.
        previous: the run before the one that is there now.
    """

    path: str
    container: str
    unit: str
    previous: bool = False


def log_path(namespace: str, pod: str) -> str:
    """Where the API has the log of a pod."""
    return f"/api/v1/namespaces/{namespace}/pods/{pod}/log"


def read_tail(
    api: KubeApi,
    sources: Sequence[LogSource],
    count: int,
    *,
    since: float | None = None,
    until: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
) -> tuple[list[LogLine], dict[LogSource, Mark]]:
    """The last ``count`` lines of several logs together, oldest first, merged by time; and where each ended.

    Args:
        api: which cluster.
        sources: the logs; one that is not there any more has no lines.
        count: how many at most.
        since: only lines from then on (unix seconds).
        until: only lines up to then (unix seconds).
        wanted: what to make of a line, None to leave it out.

    Raises:
        NoClusterError: the cluster does not answer.
    """
    tails = [_Tail(api, source) for source in sources]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tail") as pool:
        each = list(pool.map(lambda tail: list(_keyed(tail.last(count, (since, until), wanted))), tails))
    merged = heapq.merge(*each, key=lambda pair: pair[0])
    marks = {tail.source: tail.mark for tail in tails}
    return [line for _, line in deque(merged, maxlen=count)] if count else [], marks


def _keyed(lines: Iterable[LogLine]) -> Iterator[tuple[float, LogLine]]:
    latest = -math.inf
    for line in lines:
        latest = latest if line.time is None else max(latest, line.time)
        yield latest, line


class _Tail:
    """The end of one log."""

    def __init__(self, api: KubeApi, source: LogSource) -> None:
        self.source = source
        self.mark = Mark()
        self._api = api

    def last(
        self, count: int, span: tuple[float | None, float | None], wanted: Callable[[LogLine], LogLine | None] | None
    ) -> deque[LogLine]:
        """Its last lines that are wanted; more of the log is read until there are so many."""
        since, until = span
        looked = max(1, count) if wanted is None and until is None else max(count, _FIRST)
        while True:
            kept: deque[LogLine] = deque(maxlen=count)
            raw = self._raw(looked)
            self.mark, clock = Mark().past(raw), Clock()
            for stamp, data in raw:
                time = clock.time(stamp)
                if time is not None and ((since or time) > time or (until is not None and time > until)):
                    continue
                line = LogLine(time, self.source.unit, text_of(data))
                made = line if wanted is None else wanted(line)
                if made is not None:
                    kept.append(made)
            # Fewer than were asked for: there is no more of it.
            if len(kept) >= count or len(raw) < looked or (wanted is None and until is None):
                return kept
            looked *= 8

    def _raw(self, lines: int) -> list[Raw]:
        frames, found = Frames(plain=True), []
        with contextlib.suppress(ApiRefusedError), KubeAnswer(self._api, self.source, tail=lines) as answer:
            while block := answer.read():
                found += frames.feed(block)
            if answer.lost:
                raise NoClusterError("the answer with a log broke off")
        return [line for line in (*found, *frames.rest()) if line[0]]


class KubeAnswer:
    """The log as the cluster sends it, for a ``with``. `close` is for any thread.

    Args:
        api: which cluster.
        source: which log.
        since: unix seconds; older lines are left out, but not to the second.
        tail: how many lines of the end; None for all.
        follow: go on with what is added, until the container ends.
    """

    def __init__(
        self,
        api: KubeApi,
        source: LogSource,
        *,
        since: float | None = None,
        tail: int | None = None,
        follow: bool = False,
    ) -> None:
        self.lost = False
        self._api = api
        self._path = source.path
        self._timeout = None if follow else api.timeout
        self._query = {"container": source.container, "timestamps": "true"}
        if source.previous:
            self._query["previous"] = "true"
        if follow:
            self._query["follow"] = "true"
        if tail is not None:
            self._query["tailLines"] = str(tail)
        if since is not None:
            self._query["sinceTime"] = datetime.fromtimestamp(math.floor(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._hangup = Hangup()
        self._stack = contextlib.ExitStack()
        self._answer: http.client.HTTPResponse | None = None

    def __enter__(self) -> Self:
        self._answer = self._stack.enter_context(
            self._api.stream(self._path, timeout=self._timeout, hangup=self._hangup, **self._query)
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def frames(self) -> Frames:
        """What makes lines of what is read."""
        return Frames(plain=True)

    def read(self) -> bytes:
        """What has come, as soon as something has; nothing at the end, whoever made it."""
        try:
            return self._answer.read1(BLOCK) if self._answer is not None else b""
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            # Broken off, or hung up by another thread.
            self.lost = True
            return b""

    def close(self) -> None:
        """Hang up."""
        self._hangup.up()


class PodStream(LogStream):
    """Lines of one run of a container; see `LogStream`.

    Whoever watches the pod says what an end means: the run may be over, or the way to it.

    Args:
        api: which cluster.
        source: which log.
        mark: where to begin.
        came: called from the reading thread when something is there to take.
        floor: lines up to this stamp were told as another run's.
    """

    def __init__(
        self, api: KubeApi, source: LogSource, mark: Mark, came: Callable[[], None], floor: bytes = b""
    ) -> None:
        self.source = source
        self._api = api
        self._floor = floor
        self._previous = False
        super().__init__(mark, came)

    @property
    def mark(self) -> Mark:
        """Up to where it was read."""
        return self._mark

    def rest(self, *, previous: bool) -> None:
        """Read what is there beyond the last line, and no more; ``previous`` once another run has begun."""
        self._previous = previous
        self._order(follow=False)

    def _over(self, end: object) -> None:
        self.ended = getattr(end, "at", 0.0)

    def _new(self, lines: list[Raw]) -> list[Raw]:
        # What has no stamp is the kubelet's own excuse for a log that it cannot read.
        return [line for line in super()._new(lines) if line[0] > self._floor]

    @contextlib.contextmanager
    def _open(self, since: float | None, *, follow: bool) -> Iterator[KubeAnswer]:
        source = replace(self.source, previous=self._previous)
        try:
            with KubeAnswer(self._api, source, since=since, follow=follow) as answer:
                yield answer
        except ApiRefusedError as error:
            # The container was not started, or is gone: an end like any other.
            raise NoClusterError(str(error)) from error
