"""What the panes of a stack in a real cluster show, followed until it is so."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from airflow_wizard.status.kube_feed import KubeFeed
from airflow_wizard.status.place import Place
from airflow_wizard.workflows.kube_logs import KubeLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.snapshot import Snapshot, Unit
    from tests.e2e.kube.faulty import Broken

PATIENCE = 90.0
# Counts, and says which pod counts: whatever is lost or doubled is seen.
COUNTS = "n=0; while :; do n=$((n+1)); echo $HOSTNAME n=$n; sleep 0.2; done"
_COUNTED = re.compile(r"(\S+) n=(\d+)")


def place(stack: Broken) -> Place:
    """Of a stack that has no page."""
    release = stack.release
    return Place(
        stack=stack.name,
        target="kind",
        folder=str(stack.folder),
        url="http://127.0.0.1:9",
        api="v2",
        health_path="/api/v2/monitor/health",
        expected=(),
        release=release,
    )


class Looking:
    """Snapshots as they come.

    Attributes:
        seen: the last one.
    """

    def __init__(self, feed: KubeFeed) -> None:
        self._feed = feed
        self.seen: Snapshot = feed.snapshot()

    def until(self, true: Callable[[Snapshot], bool], patience: float = PATIENCE) -> Snapshot:
        """Look again at everything that happens until it is so."""
        end = time.monotonic() + patience
        while not true(self.seen):
            assert time.monotonic() < end, [(u.id, u.state, u.health, u.reason) for u in self.seen.units]
            self._feed.wait(1.0)
            self.seen = self._feed.snapshot()
        return self.seen

    def unit(self, name: str, true: Callable[[Unit], bool], patience: float = PATIENCE) -> Unit:
        """A unit, as soon as it is so."""
        picture = self.until(lambda p: any(u.id == name and true(u) for u in p.units), patience)
        return next(u for u in picture.units if u.id == name)


@contextmanager
def looking(stack: Broken) -> Iterator[Looking]:
    """The status pane's eyes."""
    feed = KubeFeed(place(stack))
    try:
        yield Looking(feed)
    finally:
        feed.close()


class Reading:
    """Log lines as they come.

    Attributes:
        lines: all of them.
        log: where they come from.
    """

    def __init__(self, log: KubeLog) -> None:
        self.log = log
        self.lines: list[LogLine] = list(log.past)

    def until(self, true: Callable[[Self], bool], patience: float = PATIENCE) -> None:
        """Read on until it is so."""
        end = time.monotonic() + patience
        while not true(self):
            assert time.monotonic() < end, "\n".join(f"{line.unit} {line.text}" for line in self.lines[-40:])
            self.lines += self.log.take(0.2)

    def texts(self, unit: str) -> list[str]:
        """What one unit wrote."""
        return [line.text for line in self.lines if line.unit == unit]

    def counted(self, unit: str) -> list[int]:
        """The numbers that one unit wrote."""
        return [int(found[2]) for text in self.texts(unit) if (found := _COUNTED.fullmatch(text))]

    def counted_by(self, pod: str) -> list[int]:
        """The numbers that one pod wrote, whatever its unit was called meanwhile."""
        found = (_COUNTED.fullmatch(line.text) for line in self.lines)
        return [int(one[2]) for one in found if one and one[1] == pod]


@contextmanager
def reading(stack: Broken, *, tail: int = 50) -> Iterator[Reading]:
    """The log pane's eyes."""
    log = KubeLog(place(stack), None, None, tail)
    try:
        yield Reading(log)
    finally:
        log.close()
