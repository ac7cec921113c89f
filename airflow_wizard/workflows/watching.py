"""Looking at a stack while it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from airflow_wizard.status.compose_feed import ComposeFeed
from airflow_wizard.status.kube_feed import KubeFeed
from airflow_wizard.status.standalone_feed import StandaloneFeed
from airflow_wizard.workflows.places import masker, place_of

if TYPE_CHECKING:
    from types import TracebackType

    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.status.snapshot import Snapshot


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
        self._feed: StandaloneFeed | ComposeFeed | KubeFeed
        if place.release is not None:
            self._feed = KubeFeed(place, mask=masker(stack).mask, patient=patient)
        elif place.project:
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

    def sample(self, units: frozenset[str] | None) -> bool:
        """From now on, measure CPU and memory of these units only; of all with None, as at first. For any thread.

        Returns:
            Whether a new snapshot is worth taking.
        """
        return self._feed.sample(units)

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
