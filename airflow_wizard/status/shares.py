"""CPU time that only grows, made into shares of a core."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

K = TypeVar("K")


class Shares(Generic[K]):
    """Remembers the CPU time of one look for the next; keys that were not asked for in between are forgotten."""

    def __init__(self) -> None:
        self._before: dict[K, tuple[float, float, float | None]] = {}
        self._now: dict[K, tuple[float, float, float | None]] = {}

    def share(self, key: K, seconds: float, *, at: float | None = None) -> float | None:
        """Share of one core since the last look; None at the first one."""
        now = time.monotonic() if at is None else at
        share = None
        before = self._before.get(key)
        if before is not None:
            passed = now - before[0]
            if passed <= 0.05:
                # Too short to tell: the clock of the kernel ticks every hundredth of a second.
                self._now[key] = before
                return before[2]
            # A child that ended takes its CPU time out of the sum.
            share = max(0.0, seconds - before[1]) / passed
        self._now[key] = (now, seconds, share)
        return share

    def looked(self) -> None:
        """The look is over."""
        self._before, self._now = self._now, {}
