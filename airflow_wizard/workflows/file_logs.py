"""Logs of a stack without containers: files of its components, and what its supervisor tells of their runs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import log_reader, supervised
from airflow_wizard.engines.log_follow import Follower
from airflow_wizard.errors import UsageError
from airflow_wizard.log_line import GAP, LogLine
from airflow_wizard.status.assemble import SUPERVISOR
from airflow_wizard.text import one_line
from airflow_wizard.workflows.log_boundaries import between
from airflow_wizard.workflows.log_boundaries import supervised as boundaries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from airflow_wizard.status.place import Place

# Seconds between two looks at the files, while something comes and while nothing does; a look is a few stat calls.
_BUSY, _QUIET = 0.05, 0.2
_LOOK_FOR_NEW = 5.0
_TOLD = 2_000  # lines of the supervisor's log that are looked through for starts and ends
# More than this behind, whoever asks for the newest lines gets them, and a count of those between.
_BEHIND = 8 * 1024 * 1024
_KEEP = 1024 * 1024


def read(
    place: Place,
    *,
    tail: int,
    units: Sequence[str] | None = None,
    since: float | None = None,
    until: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
) -> list[LogLine]:
    """The last lines, oldest first, with the boundaries between them; see `compose_logs.read`.

    Raises:
        UsageError: there is no such unit.
    """
    files = _files(place, units)
    lines = log_reader.read_tail(files, tail, since=since, until=until, wanted=wanted)
    return lines if wanted else _bounded(place, files, lines, until)


class FileLog:
    """Lines as they are written; see `compose_logs.ComposeLog`.

    Attributes:
        past: the lines before.
        skipped: lines that came and were left out, because there were too many at once.
        problem: always None: a file that is away comes back by itself.

    Raises:
        UsageError: there is no such unit.
    """

    def __init__(self, place: Place, units: Sequence[str] | None, since: float | None, tail: int) -> None:
        self.past: list[LogLine] = []
        self.skipped = 0
        self.problem: None = None
        self._place = place
        self._all = units is None
        files = _files(place, units)
        self._followers = {unit: Follower(unit, path) for unit, path in files.items()}
        self._told = Follower(SUPERVISOR, supervised.log_file(place.folder, SUPERVISOR))
        self._ended: dict[str, int] = {}
        ends = {unit: follower.offset for unit, follower in self._followers.items()}
        if tail:
            lines = log_reader.read_tail(files, tail, since=since, ends=ends)
            self.past = _bounded(place, files, lines, None, self._ended)
        self._closing = threading.Event()
        self._busy = False
        self._looked = time.monotonic()

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came; [] when nothing did within ``seconds``. With ``most``, what lies far behind is only counted."""
        end = time.monotonic() + seconds
        while not self._closing.is_set():
            self._closing.wait(_BUSY if self._busy else min(_QUIET, max(0.0, end - time.monotonic())))
            came = self._poll(newest=most is not None)
            self._busy = bool(came)
            if came or time.monotonic() >= end:
                return came
        return []

    def close(self) -> None:
        """End a wait; for any thread."""
        self._closing.set()

    def _poll(self, *, newest: bool) -> list[LogLine]:
        self._look()
        came: list[LogLine] = []
        for unit, follower in self._followers.items():
            gone = follower.skip(_KEEP) if newest and follower.behind > _BEHIND else 0
            lines = list(follower.poll())
            if gone:
                self.skipped += gone
                at = next((line.time for line in lines if line.time is not None), None)
                came.append(LogLine(at, unit, f"{gone:,} lines came too fast to be kept", GAP))
            came += lines
        told = [line for line in boundaries(self._told.poll(), self._ended) if line.unit in self._followers]
        # Stable: lines of one file stay in their order as long as their times do.
        return sorted(told + came, key=lambda line: line.time or 0.0)

    def _look(self) -> None:
        now = time.monotonic()
        if self._all and now - self._looked >= _LOOK_FOR_NEW:
            self._looked = now
            for unit, path in supervised.log_files(self._place.folder).items():
                if unit not in self._followers:
                    self._followers[unit] = Follower(unit, path, from_start=True)


def _bounded(
    place: Place,
    files: dict[str, Path],
    lines: list[LogLine],
    until: float | None,
    ended: dict[str, int] | None = None,
) -> list[LogLine]:
    told = log_reader.read_tail({SUPERVISOR: supervised.log_file(place.folder, SUPERVISOR)}, _TOLD)
    marks = [mark for mark in boundaries(told, {} if ended is None else ended) if mark.unit in files]
    return between(lines, (mark for mark in marks if until is None or (mark.time or 0.0) <= until))


def _files(place: Place, units: Sequence[str] | None) -> dict[str, Path]:
    files = supervised.log_files(place.folder)
    if units is None:
        return files
    known = [*place.expected, SUPERVISOR]
    for unit in units:
        if unit not in files and unit not in known:
            raise UsageError(
                f"there is no unit {one_line(unit, limit=60)!r}",
                next=f"choose among: {', '.join(dict.fromkeys([*known, *files]))}",
            )
    return {unit: files.get(unit, supervised.log_file(place.folder, unit)) for unit in units}
