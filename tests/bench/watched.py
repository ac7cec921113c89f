"""A program in a real pseudo-terminal, and when what was seen on its screen."""

from __future__ import annotations

import os
import select
import statistics
import time
from typing import TYPE_CHECKING, Self

import psutil
from ptyprocess import PtyProcess

from tests.bench.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIZE = (120, 40)


class Watched:
    """Whatever it writes is read at once.

    Attributes:
        canvas: its screen.
        at: when it last wrote, unix seconds.
        bytes: how much it has written.
    """

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], size: tuple[int, int] = SIZE) -> None:
        terminal = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        columns, rows = size
        self.started = time.time()
        self._pty = PtyProcess.spawn(list(argv), dimensions=(rows, columns), env=terminal)
        self.process = psutil.Process(self._pty.pid)
        self.canvas = Canvas(columns, rows)
        self.at, self.bytes = self.started, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pty.close(force=True)

    def press(self, keys: str) -> float:
        """Send keys; returns when."""
        now = time.time()
        self._pty.write(keys.encode())
        return now

    def read(self, patience: float) -> bytes:
        """What comes next, at most one piece; empty when nothing came, or the program has ended."""
        if not select.select([self._pty.fd], [], [], max(0.0, patience))[0]:
            return b""
        try:
            data = os.read(self._pty.fd, 65536)
        except OSError:  # the far end is gone
            return b""
        self.at = time.time()
        self.bytes += len(data)
        self.canvas.feed(data)
        return data

    def until(self, shown: Callable[[list[str]], bool], patience: float = 30.0) -> float:
        """Read until the lines of the screen are so; returns when they were.

        Raises:
            RuntimeError: they never were.
        """
        deadline = time.time() + patience
        while not shown(self.canvas.lines):
            if time.time() > deadline or (not self.read(deadline - time.time()) and not self._pty.isalive()):
                raise RuntimeError(f"not seen within {patience:.0f} s on\n{self.canvas.text}")
        return self.at

    def rest(self, quiet: float = 0.3, patience: float = 10.0) -> None:
        """Read until nothing comes for a while."""
        deadline = time.time() + patience
        while time.time() < deadline and self.read(quiet):
            pass

    def spend(self, seconds: float) -> None:
        """Go on reading for a while."""
        deadline = time.time() + seconds
        while (left := deadline - time.time()) > 0:
            self.read(left)

    def leave(self, keys: str = "q", patience: float = 20.0) -> float:
        """Press the key that ends it; returns the seconds until the process was gone."""
        began = time.perf_counter()
        self._pty.write(keys.encode())
        while self._pty.isalive():
            self.read(0.005)
            if time.perf_counter() - began > patience:
                raise RuntimeError(f"it did not end within {patience:.0f} s:\n{self.canvas.text}")
        return time.perf_counter() - began

    def cpu(self) -> float:
        """Seconds of a processor that it and what it started have taken."""
        family = [self.process, *self.process.children(recursive=True)]
        times = [one.cpu_times() for one in family]
        return sum(one.user + one.system for one in times)

    def memory(self) -> float:
        """MiB of resident memory."""
        return float(self.process.memory_info().rss) / 1024**2


def share(watched: Watched, seconds: float, work: Callable[[float], None]) -> float:
    """Per cent of a core that a program takes while ``work(seconds)`` goes on."""
    before, began = watched.cpu(), time.perf_counter()
    work(seconds)
    return (watched.cpu() - before) / (time.perf_counter() - began) * 100


def p95(values: Sequence[float]) -> float:
    """The 95th of a hundred."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
