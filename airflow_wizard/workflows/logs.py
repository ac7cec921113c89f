"""What the units of a stack wrote and write: safe to show, secrets masked, whatever runs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.errors import InvalidError
from airflow_wizard.text import one_line, plain
from airflow_wizard.workflows import compose_logs, file_logs, kube_logs
from airflow_wizard.workflows.places import masker, place_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from airflow_wizard.errors import EngineUnreachableError
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.status.place import Place

_PERIOD = 0.2  # seconds until it is seen that following was cancelled
_MOST_PAST = 10_000
# Lines that are searched for secrets together: a search cannot be interrupted, and whoever draws waits for its end.
_PIECE = 500


def read_logs(
    stack: StackRecord,
    *,
    units: Sequence[str] | None = None,
    since: float | None = None,
    until: float | None = None,
    grep: str | None = None,
    tail: int = 200,
) -> list[LogLine]:
    """The last lines of the stack's logs, oldest first, safe to show, secrets masked.

    Args:
        stack: which.
        units: only these; None for all.
        since: unix seconds; only lines from then on.
        until: unix seconds; only lines up to then.
        grep: regular expression that a line must match (as it is shown).
        tail: how many at most; boundaries between runs come on top.

    Raises:
        UsageError: there is no such unit.
        InvalidError: ``grep`` is no regular expression.
        EngineUnreachableError: the engine that has the logs does not answer.
    """
    pattern, clean = _pattern(grep), cleaner(stack)
    place = place_of(stack)
    wanted = None if pattern is None else _searched(pattern, clean)
    read = _reader(place)
    lines = read(place, tail=tail, units=units, since=since, until=until, wanted=wanted)
    return clean(lines) if wanted is None else lines


class LogFeed:
    """The logs of a stack as they are written, after those of the past. Close it.

    It survives an engine that goes away: nothing comes meanwhile, `problem` says why, and it goes on where it stopped.

    Args:
        stack: which.
        units: only these; None for all.
        since: unix seconds; what was written from then on comes first.
        tail: how many lines of the past at most.

    Attributes:
        past: the lines before.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the engine that has the logs does not answer.
    """

    def __init__(
        self, stack: StackRecord, *, units: Sequence[str] | None = None, since: float | None = None, tail: int = 0
    ) -> None:
        place = place_of(stack)
        self._clean = cleaner(stack)
        self._log = _open(place, units, since, tail)
        self.past = self._clean(self._log.past)

    @property
    def problem(self) -> EngineUnreachableError | None:
        """Why nothing comes at the moment."""
        return self._log.problem

    @property
    def skipped(self) -> int:
        """Lines that came and were never read, because there were too many at once."""
        return self._log.skipped

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came, in the order of time; [] when nothing did within ``seconds``.

        Args:
            seconds: how long to wait for something.
            most: of more lines than these at once only the newest are read, and a line says how many are not there.
        """
        return self._clean(self._log.take(seconds, most))

    def close(self) -> None:
        """Let go; for any thread."""
        self._log.close()


def _reader(place: Place) -> Callable[..., list[LogLine]]:
    if place.release is not None:
        return kube_logs.read
    return compose_logs.read if place.project else file_logs.read


def _open(
    place: Place, units: Sequence[str] | None, since: float | None, tail: int
) -> kube_logs.KubeLog | compose_logs.ComposeLog | file_logs.FileLog:
    if place.release is not None:
        return kube_logs.KubeLog(place, units, since, tail)
    make = compose_logs.ComposeLog if place.project else file_logs.FileLog
    return make(place, units, since, tail)


def follow_logs(
    stack: StackRecord,
    *,
    cancel: threading.Event,
    units: Sequence[str] | None = None,
    since: float | None = None,
    grep: str | None = None,
    trouble: Callable[[EngineUnreachableError | None], None] = lambda _: None,
) -> Iterator[list[LogLine]]:
    """Lines as they are written, in batches, until ``cancel`` is set; before them, with ``since``, those from then on.

    Nothing is left out: whoever takes them slowly makes the engine wait.

    Args:
        stack: which.
        cancel: ends it.
        units: only these; None for all.
        since: unix seconds.
        grep: regular expression that a line must match (as it is shown).
        trouble: is told when the engine went away, and with None that it is back.

    Raises:
        UsageError: there is no such unit.
        InvalidError: ``grep`` is no regular expression.
        EngineUnreachableError: the engine that has the logs does not answer at the beginning.
    """
    pattern = _pattern(grep)
    feed = LogFeed(stack, units=units, since=since, tail=0 if since is None else _MOST_PAST)
    return _follow(feed, pattern, cancel, trouble)


def _follow(
    feed: LogFeed,
    pattern: re.Pattern[str] | None,
    cancel: threading.Event,
    trouble: Callable[[EngineUnreachableError | None], None],
) -> Iterator[list[LogLine]]:
    away = False
    try:
        lines = feed.past
        while True:
            found = lines if pattern is None else [line for line in lines if pattern.search(line.text)]
            if found:
                yield found
            if cancel.is_set():
                return
            if away != (feed.problem is not None):
                away = not away
                trouble(feed.problem)
            lines = feed.take(_PERIOD)
    finally:
        feed.close()


def cleaner(stack: StackRecord) -> Callable[[list[LogLine]], list[LogLine]]:
    """Makes lines safe to show. Works by the batch; a line that is fine stays the same object."""
    mask = masker(stack).mask_all

    def piece(lines: list[LogLine]) -> list[LogLine]:
        texts = mask([text if (text := line.text).isprintable() else plain(text) for line in lines])
        return [
            line if text is line.text else line._replace(text=text) for line, text in zip(lines, texts, strict=True)
        ]

    def clean(lines: list[LogLine]) -> list[LogLine]:
        if len(lines) <= _PIECE:
            return piece(lines)
        return [line for at in range(0, len(lines), _PIECE) for line in piece(lines[at : at + _PIECE])]

    return clean


def _searched(
    pattern: re.Pattern[str], clean: Callable[[list[LogLine]], list[LogLine]]
) -> Callable[[LogLine], LogLine | None]:
    """What is hidden cannot be searched for either."""

    def wanted(line: LogLine) -> LogLine | None:
        (made,) = clean([line])
        return made if pattern.search(made.text) else None

    return wanted


def _pattern(grep: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(grep) if grep else None
    except re.error as error:
        raise InvalidError(
            f"{one_line(grep, limit=80)!r} is not a regular expression: {error}",
            why="it decides which lines are shown",
            next="put a backslash before a sign that is meant as itself, such as \\[ or \\(",
            key="grep",
        ) from error
