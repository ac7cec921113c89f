"""One log as it is written, read in a thread of its own. What came waits as bytes until it is asked for.

The thread does next to nothing, so that twenty of them leave the processor to whoever draws.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

from airflow_wizard.engines.container_frames import Resume
from airflow_wizard.errors import EngineUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from airflow_wizard.engines.container_frames import Frames, Mark, Raw

BLOCK = 64 * 1024
# Bytes that nobody has fetched yet; when there are so many, the engine has to wait.
_MOST = 1024 * 1024
# A container that writes line by line is asked for what gathered; one that pours is read without a pause.
_GATHER = 0.06
# Stamps of two streams may cross; so much before the last known line the log is read again.
_BEFORE = 0.05


class LogAnswer(Protocol):
    """The answer to a question for a log, as it comes."""

    def frames(self) -> Frames:
        """What makes lines of what is read."""

    def read(self) -> bytes:
        """What has come; nothing at the end."""

    @property
    def lost(self) -> bool:
        """It did not come to its own end."""

    def close(self) -> None:
        """Hang up; for any thread."""


class LogStream:
    """Lines of one log. `take` and `follow` are for one thread, `close` for any.

    Args:
        mark: where to begin.
        came: called from the reading thread when something is there to take.

    Attributes:
        ended: when the log was read to its end (monotonic); None while it goes on.
    """

    def __init__(self, mark: Mark, came: Callable[[], None]) -> None:
        self.ended: float | None = None
        self._mark = mark
        self._came = came
        self._orders: queue.SimpleQueue[tuple[Mark, bool] | None] = queue.SimpleQueue()
        self._blocks: deque[bytes | _Begin | _End] = deque()
        self._size = 0
        self._lock = threading.Lock()
        self._room = threading.Event()
        self._closing = threading.Event()
        self._answer: LogAnswer | None = None
        self._lost = False
        self._frames: Frames | None = None
        self._resume = Resume(mark)
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def _open(self, since: float | None, *, follow: bool) -> AbstractContextManager[LogAnswer]:
        """Asks for the log from a moment on (unix seconds; None from its beginning).

        Raises:
            EngineUnreachableError: whoever has the log does not answer.
        """
        raise NotImplementedError

    def follow(self) -> None:
        """Go on from the last line, until the container ends."""
        self._order(follow=True)

    def _order(self, *, follow: bool) -> None:
        self.ended = None
        self._orders.put((self._mark, follow))

    def close(self) -> None:
        """Hang up."""
        self._closing.set()
        self._orders.put(None)
        self._room.set()
        if (answer := self._answer) is not None:
            answer.close()

    def take(self) -> list[Raw]:
        """What came since the last call."""
        with self._lock:
            blocks, self._blocks, self._size = self._blocks, deque(), 0
        self._room.set()
        found: list[Raw] = []
        for block in blocks:
            if isinstance(block, bytes):
                if self._frames is not None:
                    found += self._new(self._frames.feed(block))
            elif isinstance(block, _Begin):
                self._frames, self._resume = block.frames, Resume(self._mark)
            else:
                if self._frames is not None:
                    found += self._new(self._frames.rest())
                    found += self._kept(self._resume.rest())
                self._frames = None
                self._over(block)
        return found

    def _over(self, end: _End) -> None:
        """An answer came to its end."""
        if end.followed and end.lost:
            # Nobody has told of an end: the sooner one goes on, the less has gathered.
            self._order(follow=True)
        elif end.followed:
            # What was written at the very end of a run, or while the connection was lost, comes with one more question.
            self._order(follow=False)
        else:
            self.ended = end.at

    def _new(self, lines: list[Raw]) -> list[Raw]:
        return self._kept(self._resume.new(lines))

    def _kept(self, lines: list[Raw]) -> list[Raw]:
        if lines:
            self._mark = self._mark.past(lines)
        return lines

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            mark, follow = order
            self._lost = False
            since = None if mark.time is None else mark.time - _BEFORE
            # Whoever looks at the engine says that it is away; here it is an end like any other.
            with contextlib.suppress(EngineUnreachableError), self._open(since, follow=follow) as answer:
                self._read(answer)
            self._put(_End(time.monotonic(), followed=follow, lost=self._lost))

    def _read(self, answer: LogAnswer) -> None:
        self._answer = answer
        # Whoever closed meanwhile saw no answer that could be hung up.
        if self._closing.is_set():
            return
        self._put(_Begin(answer.frames()))
        while block := answer.read():
            self._lost = True
            self._put(block)
            if len(block) < BLOCK // 2:
                self._closing.wait(_GATHER)
            while self._size > _MOST and not self._closing.is_set():
                self._room.clear()
                self._room.wait(0.5)
        # Of one that was lost before anything came, whoever looks at the engine decides.
        self._lost = self._lost and answer.lost

    def _put(self, block: bytes | _Begin | _End) -> None:
        with self._lock:
            self._blocks.append(block)
            self._size += len(block) if isinstance(block, bytes) else 0
        self._came()


class _Begin:
    """An answer begins."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames


class _End:
    """An answer ended, or its connection was lost."""

    def __init__(self, at: float, *, followed: bool, lost: bool) -> None:
        self.at = at
        self.followed = followed
        self.lost = lost
