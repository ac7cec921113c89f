"""A terminal of a given size with the wizard in it; the screen is read as a person would, never slept for."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Self

import pyte
from ptyprocess import PtyProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Terminal:
    """Runs ``airflow-wizard ARGV`` full-screen."""

    def __init__(self, *argv: str, variables: Mapping[str, str], columns: int = 120, rows: int = 40) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **variables}
        self.process = PtyProcess.spawn(
            [sys.executable, "-m", "airflow_wizard", *argv], dimensions=(rows, columns), env=environment
        )
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as a person who drags the window does."""
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def press(self, *keys: str) -> None:
        """Send keys, each as the terminal would."""
        for key in keys:
            self.process.write(key.encode())

    def until(self, shown: str | Callable[[str], bool], *, patience: float = 30.0) -> str:
        """Read until the screen shows it.

        Raises:
            AssertionError: it did not come in time, or the program ended.
        """
        there = shown if callable(shown) else (lambda text: shown in text)
        end = time.monotonic() + patience
        while not there(self.text):
            if not self._read(end):
                message = f"{shown!r} did not show within {patience} s; this did:\n{self.text}"
                raise AssertionError(message)
        return self.text

    def finish(self, patience: float = 20.0) -> int:
        """Read to the end; returns the exit code."""
        end = time.monotonic() + patience
        while self._read(end):
            pass
        self.process.wait()
        code = self.process.exitstatus
        return code if code is not None else -(self.process.signalstatus or 0)

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self.process.fd], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            self._stream.feed(self.process.read(65536))
        except EOFError:
            return False
        return True
