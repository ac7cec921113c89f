"""Logs of a release's pods as they are written, over restarts and replacements: nothing twice, nothing left out.

Each container has a connection of its own. What an end of one means is told by the pod, which is watched.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_frames import Mark
from airflow_wizard.engines.container_lines import Lines
from airflow_wizard.engines.container_turns import What
from airflow_wizard.engines.kube_logs import LogSource, PodStream, log_path
from airflow_wizard.engines.kube_runs import MOST, OOM, Run, runs
from airflow_wizard.log_line import BOUNDARY, GAP, LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.engines.kube_pods import Pod
    from airflow_wizard.engines.kube_watch import KubeWatch
    from airflow_wizard.errors import EngineUnreachableError

# Between two batches, while there is much; the first line after a pause is handed on at once.
_TURN = 0.05
# A connection that ended is opened again; the pod tells within this time when its run is over.
_AGAIN = 0.5
# One that brings nothing is asked for ever more seldom, at last once in so many seconds.
_SELDOM = 60.0
# Of thousands of pods it takes a while to find out which are read: so many times as long it is left alone.
_REST = 10.0
_TINY = 1e-6


@dataclass(slots=True)
class _Followed:
    """A container whose log is read."""

    run: Run
    stream: PodStream
    last: float = 0.0
    over: bool = False  # this run has ended, and that was said
    rested: bool = False  # what it wrote at its very end was read
    tries: int = 0  # connections in a row that brought nothing

    @property
    def due(self) -> float:
        """When a connection that ended is looked at again (monotonic)."""
        wait = min(_SELDOM, _AGAIN * 4.0 ** min(self.tries, 10))
        return float("inf") if self.stream.ended is None or self.over else self.stream.ended + wait


class PodFollowing:
    """What comes, in batches. Close it, or its threads go on.

    Args:
        api: which cluster.
        namespace: of the pods.
        watches: tell what pods there are; they are started and closed here.
        names: what each pod is called.
        units: see `kube_runs.runs`.
        marks: where to begin, by container; one that is not named here is read from its beginning.
        told: a boundary in words: unit, what, exit code, whether its memory ran out.
    """

    def __init__(
        self,
        api: KubeApi,
        namespace: str,
        watches: Sequence[KubeWatch[Pod]],
        names: Callable[[Sequence[Pod]], dict[str, str]],
        units: Sequence[str] | None,
        marks: Mapping[tuple[str, str], tuple[str, Mark]],
        told: Callable[[str, What, int | None, bool], str],
    ) -> None:
        self._api = api
        self._namespace = namespace
        self._watches = watches
        self._names = names
        self._units = units
        self._marks = dict(marks)
        self._told = told
        self._news = threading.Event()
        self._closing = threading.Event()
        self._followed: dict[tuple[str, str], _Followed] = {}
        self._lines = Lines()
        self._taken = 0.0
        self._changes = -1
        self._there: dict[tuple[str, str], Run] = {}
        self._looked = self._cost = 0.0
        self._left_out = 0
        for watch in watches:
            watch.tell(self._news.set)
            watch.start()

    @property
    def problem(self) -> EngineUnreachableError | None:
        """Why nothing comes at the moment; None while the cluster answers."""
        return next((watch.problem for watch in self._watches if watch.problem is not None), None)

    @property
    def skipped(self) -> int:
        """Lines that came and were left out, because there were too many at once."""
        return self._lines.skipped

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came, in the order of time; [] when nothing did within ``seconds``.

        Args:
            seconds: how long to wait for something.
            most: of more lines than these at once only the newest are read; the others are counted. None for all.
        """
        self._wait(seconds)
        raw = []
        for one in self._followed.values():
            if lines := one.stream.take():
                one.tries = 0
                raw.append((one.run.unit, lines))
        came = self._lines.make(raw, most)
        latest = {line.unit: line.time for line in came if line.time is not None}
        for one in self._followed.values():
            one.last = max(one.last, latest.get(one.run.unit) or 0.0)
        came += self._look()
        # Stable: lines of one container stay in their order as long as their stamps do.
        came.sort(key=lambda line: line.time or 0.0)
        return came

    def close(self) -> None:
        """Hang up everywhere; for any thread."""
        self._closing.set()
        self._news.set()
        for watch in self._watches:
            watch.close()
        for one in tuple(self._followed.values()):
            one.stream.close()

    def _wait(self, seconds: float) -> None:
        # An end whose meaning is not known yet is looked at again, whether something is told or not.
        due = min((one.due for one in self._followed.values()), default=float("inf"))
        if self._changed:
            due = min(due, self._looked + self._cost * _REST)
        if self._news.wait(max(0.0, min(seconds, due - time.monotonic()))):
            self._closing.wait(max(0.0, self._taken + _TURN - time.monotonic()))
        self._news.clear()
        self._taken = time.monotonic()

    @property
    def _changed(self) -> bool:
        """Whether there are other pods than when it was last looked at them."""
        return sum(watch.changes for watch in self._watches) != self._changes

    def _look(self) -> list[LogLine]:
        """What the pods tell of their runs: new ones are opened, ends are said."""
        now = time.monotonic()
        fresh = self._changed and now - self._looked >= self._cost * _REST
        if fresh:
            self._changes = sum(watch.changes for watch in self._watches)
            pods = {pod.uid: pod for watch in self._watches for pod in watch.all()}
            self._there = {r.key: r for r in runs(pods.values(), self._names(tuple(pods.values())), self._units)}
            self._looked, self._cost = time.monotonic(), time.monotonic() - now
        if not any(watch.listed for watch in self._watches):
            return []
        found: list[LogLine] = []
        for key, one in tuple(self._followed.items()):
            if fresh or one.due <= now:
                found += self._turn(one, self._there.get(key))
            if key not in self._there and one.over:
                self._followed.pop(key).stream.close()
        for key, run in self._there.items() if fresh else ():
            if key not in self._followed:
                found += self._open(run)
        return found

    def _open(self, run: Run) -> list[LogLine]:
        id_, mark = self._marks.get(run.key, ("", Mark()))
        if self._closing.is_set() or (id_ == run.container.run and not run.alive):
            # It was over when one began, and its end is among the lines of the past.
            return []
        if sum(one.stream.ended is None for one in self._followed.values()) >= MOST:
            return self._leave_out()
        self._marks[run.key] = ("", Mark())
        floor = b"" if id_ == run.container.run else mark.stamp.encode()
        self._followed[run.key] = self._stream(run, mark if not floor else Mark(), floor)
        return []

    def _leave_out(self) -> list[LogLine]:
        self._left_out += 1
        if self._left_out > 1:
            return []
        words = f"more than {MOST} containers write; the others are not read: choose some with --unit"
        return [LogLine(time.time(), "logs", words, GAP)]

    def _stream(self, run: Run, mark: Mark, floor: bytes = b"") -> _Followed:
        source = LogSource(log_path(self._namespace, run.pod.name), run.container.name, run.unit)
        stream = PodStream(self._api, source, mark, self._news.set, floor)
        one = _Followed(run, stream, mark.time or 0.0)
        if run.alive:
            stream.follow()
        else:
            one.rested = True
            stream.rest(previous=False)
        return one

    def _turn(self, one: _Followed, now: Run | None) -> list[LogLine]:
        """One container: its connection ended, its run is over, or another one began."""
        if one.stream.ended is None:
            one.run = one.run if now is None or now.container.run != one.run.container.run else now
            return []
        if now is None:
            return self._say(one, What.REMOVED, one.run, time.time())
        same = now.container.run == one.run.container.run
        if same and now.alive:
            # The way to it was cut; or it has just ended, and the pod does not know yet.
            if time.monotonic() >= one.due and self.problem is None:
                one.tries += 1
                one.stream.follow()
            return []
        if not one.rested:
            one.rested = True
            one.stream.rest(previous=not same)
            return []
        at = now.container.last_ended if now.container.exit_code is None else now.container.since
        if same:
            one.run = now
            return self._say(one, What.ENDED, now, at or one.last)
        last, mark = one.last, one.stream.mark
        one.stream.close()
        self._followed[now.key] = self._stream(now, Mark(), mark.stamp.encode())
        begun = max(last + _TINY, (now.container.since if now.alive else at) or 0.0)
        words = self._told(now.unit, What.STARTED, now.container.last_code, now.container.last_reason == OOM)
        self._followed[now.key].last = begun
        return [LogLine(begun, now.unit, words, BOUNDARY)]

    def _say(self, one: _Followed, what: What, run: Run, at: float) -> list[LogLine]:
        if one.over:
            return []
        one.over = True
        at = one.last = max(one.last + _TINY, at)
        return [LogLine(at, run.unit, self._told(run.unit, what, run.code, run.oom), BOUNDARY)]
