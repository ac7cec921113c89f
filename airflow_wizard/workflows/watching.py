"""Looking at a stack while it runs: snapshots and logs."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from airflow_wizard.artifacts import compose_services
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.engines import log_reader, supervised
from airflow_wizard.engines.log_reader import Follower, RawLine
from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.run.actions import Containers
from airflow_wizard.run.masks import Masker
from airflow_wizard.status.assemble import SUPERVISOR
from airflow_wizard.status.compose_feed import ComposeFeed
from airflow_wizard.status.place import Place
from airflow_wizard.status.snapshot import LogLine
from airflow_wizard.status.standalone_feed import StandaloneFeed
from airflow_wizard.targets.registry import target
from airflow_wizard.text import one_line, plain
from airflow_wizard.workflows import compose_logs
from airflow_wizard.workflows.planning import request_of
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.status.snapshot import Snapshot

_PERIOD = 0.2  # seconds between two looks at the files; five stat calls cost some ten microseconds
_LOOK_FOR_NEW = 25  # looks, between two listings of the folder
_MOST_PAST = 10_000


def place_of(stack: StackRecord) -> Place:
    """Where a stack is and what must be seen there.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """
    request = request_of(stack)
    module = target(request.answers.target)
    endpoint = module.endpoint(request)
    runtime = module.runtime(request)
    more: dict[str, Any] = {}
    if isinstance(runtime, Containers):
        more = {
            "project": runtime.project,
            "order": tuple(compose_services.services(request)),
            "once": compose_services.INIT,
            "replicas": compose_services.replicas(request),
        }
    return Place(
        stack=stack.name,
        target=stack.target,
        folder=stack.folder,
        url=endpoint.url,
        api=endpoint.api,
        health_path=endpoint.health_path,
        expected=module.units(request),
        beats=endpoint.components,
        **more,
    )


class Watcher:
    """Makes snapshots of one stack, and remembers what it takes to tell a CPU share.

    For one thread at a time, but for `wake` and `sample`. Close it, or an engine goes on telling it what happens.

    Args:
        stack: which.
        patient: a look waits as long as it takes for Airflow's answer; else it comes with a later one.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """

    def __init__(self, stack: StackRecord, *, patient: bool = False) -> None:
        place = place_of(stack)
        self._feed: StandaloneFeed | ComposeFeed
        if place.project:
            self._feed = ComposeFeed(place, mask=masker(stack).mask, patient=patient)
        else:
            self._feed = StandaloneFeed(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def snapshot(self) -> Snapshot:
        """The stack right now. The CPU share of a unit is that since the last call."""
        return self._feed.snapshot()

    @property
    def tells(self) -> bool:
        """Whether `wait` is ended by what happens; else only looking shows it."""
        return self._feed.tells

    def wait(self, seconds: float) -> bool:
        """Wait until a new snapshot is worth taking.

        Returns:
            True as soon as something happened (where an engine tells) or `wake` was called, False after ``seconds``.
        """
        return self._feed.wait(seconds)

    def wake(self) -> None:
        """End a `wait`; for any thread."""
        self._feed.wake()

    def sample(self, units: frozenset[str] | None) -> None:
        """From now on, measure CPU and memory of these units only; of all with None, as at first. For any thread."""
        self._feed.sample(units)

    def close(self) -> None:
        """Let go of the engine."""
        self._feed.close()


def snapshot(stack: StackRecord, *, sample: float = 0.5) -> Snapshot:
    """The stack right now.

    Args:
        stack: which.
        sample: seconds over which the CPU share is measured; 0 leaves it unknown.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """
    with Watcher(stack, patient=True) as watcher:
        first = watcher.snapshot()
        if sample <= 0 or not any(unit.processes for unit in first.units):
            return first
        time.sleep(sample)
        return watcher.snapshot()


def read_logs(
    stack: StackRecord,
    *,
    units: Sequence[str] | None = None,
    since: float | None = None,
    grep: str | None = None,
    tail: int = 200,
) -> list[LogLine]:
    """The last lines of the stack's logs, oldest first, safe to show, secrets masked.

    Args:
        stack: which.
        units: only these; None for all.
        since: unix seconds; only lines from then on.
        grep: regular expression that a line must match (as it is shown).
        tail: how many at most.

    Raises:
        UsageError: there is no such unit.
        InvalidError: ``grep`` is no regular expression.
        EngineUnreachableError: the engine that has the logs does not answer.
    """
    make = _maker(stack, grep)
    place = place_of(stack)
    if place.project:
        found = compose_logs.read(place, make, units=units, since=since, tail=tail, searched=grep is not None)
        return [LogLine(line.time, line.unit, line.text) for line in found]
    whole = log_reader.read_tail(_files(stack, units), tail, since=since, wanted=make if grep else None)
    lines = whole if grep else [line for line in map(make, whole) if line is not None]
    return [LogLine(line.time, line.unit, line.text) for line in lines]


def follow_logs(
    stack: StackRecord,
    *,
    units: Sequence[str] | None = None,
    since: float | None = None,
    grep: str | None = None,
    cancel: threading.Event,
) -> Iterator[LogLine]:
    """Lines as they are written, until ``cancel`` is set; before them, with ``since``, those from then on.

    Raises:
        UsageError: there is no such unit.
        InvalidError: ``grep`` is no regular expression.
        EngineUnreachableError: the engine that has the logs does not answer.
    """
    make = _maker(stack, grep)
    place = place_of(stack)
    if place.project:
        lines = compose_logs.follow(place, make, units=units, since=since, cancel=cancel)
        return (LogLine(line.time, line.unit, line.text) for line in lines)
    files = _files(stack, units)
    followers = {unit: Follower(unit, path) for unit, path in files.items()}
    past: list[RawLine] = []
    if since is not None:
        ends = {unit: follower.offset for unit, follower in followers.items()}
        past = log_reader.read_tail(files, _MOST_PAST, since=since, wanted=make, ends=ends)
    return _follow(stack, followers, make, past, cancel, new_units=units is None)


def _follow(
    stack: StackRecord,
    followers: dict[str, Follower],
    make: Callable[[RawLine], RawLine | None],
    past: list[RawLine],
    cancel: threading.Event,
    *,
    new_units: bool,
) -> Iterator[LogLine]:
    yield from (LogLine(line.time, line.unit, line.text) for line in past)
    looks = 0
    while not cancel.is_set():
        looks += 1
        if new_units and looks % _LOOK_FOR_NEW == 0:
            for unit, path in supervised.log_files(stack.folder).items():
                if unit not in followers:
                    followers[unit] = Follower(unit, path, from_start=True)
        came = [line for follower in followers.values() for line in follower.poll()]
        # Stable: lines of one file stay in their order as long as their times do.
        for line in sorted(came, key=lambda line: line.time or 0.0):
            made = make(line)
            if made is not None:
                yield LogLine(made.time, made.unit, made.text)
        if not came:
            cancel.wait(_PERIOD)


def _files(stack: StackRecord, units: Sequence[str] | None) -> dict[str, Path]:
    files = supervised.log_files(stack.folder)
    if units is None:
        return files
    known = [*place_of(stack).expected, SUPERVISOR]
    for unit in units:
        if unit not in files and unit not in known:
            raise UsageError(
                f"there is no unit {one_line(unit, limit=60)!r}",
                next=f"choose among: {', '.join(dict.fromkeys([*known, *files]))}",
            )
    return {unit: files.get(unit, supervised.log_file(stack.folder, unit)) for unit in units}


def _maker(stack: StackRecord, grep: str | None) -> Callable[[RawLine], RawLine | None]:
    """Makes a line safe to show, and leaves out what does not match. What is hidden cannot be searched for either."""
    try:
        pattern = re.compile(grep) if grep else None
    except re.error as error:
        raise InvalidError(
            f"{one_line(grep, limit=80)!r} is not a regular expression: {error}",
            why="it decides which lines are shown",
            next="put a backslash before a sign that is meant as itself, such as \\[ or \\(",
            key="grep",
        ) from error
    mask = masker(stack).mask

    def make(line: RawLine) -> RawLine | None:
        text = mask(plain(line.text))
        return RawLine(line.time, line.unit, text) if pattern is None or pattern.search(text) else None

    return make


def masker(stack: StackRecord) -> Masker:
    """Hides the stack's own secrets, and what looks like one."""
    try:
        values = read_secrets(Path(stack.folder))
    except InvalidError:
        # Without the file its values are not known; shapes of secrets are still hidden.
        values = {}
    return Masker(value for key, value in values.items() if key != STACK_ID)
