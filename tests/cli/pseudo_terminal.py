"""A real pseudo-terminal with the program in it: text is waited for, never slept for."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Self

import pyte
from ptyprocess import PtyProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 25.0  # seconds; only a failing test waits this long


class Terminal:
    """Runs ``airflow-wizard ARGV`` on a terminal of 100 by 40."""

    def __init__(self, *argv: str, variables: Mapping[str, str]) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **variables}
        self._process = PtyProcess.spawn(
            [sys.executable, "-m", "airflow_wizard", *argv], dimensions=(40, 100), env=environment
        )
        self._screen = pyte.HistoryScreen(100, 40, history=2000)
        self._stream = pyte.ByteStream(self._screen)
        self._unseen = b""
        self.raw = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close(force=True)

    def until(self, text: str) -> str:
        """Reads until ``text`` came after what was waited for before; returns it with what came before it."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.raw:
            if not self._read(end):
                message = f"{text!r} did not come; this did:\n{self.raw.decode(errors='replace')}"
                raise AssertionError(message)
        came, _, self.raw = self.raw.partition(text.encode())
        return came.decode(errors="replace") + text

    def type(self, keys: str) -> None:
        """Sends keys."""
        self._process.write(keys.encode())

    def answer(self, question: str, keys: str) -> str:
        """Waits for a question, then types; returns what was shown up to it."""
        came = self.until(question)
        self.type(keys)
        return came

    def finish(self) -> tuple[int, str]:
        """Reads to the end; returns the exit code and what came."""
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        self._process.wait()
        code = self._process.exitstatus
        return (code if code is not None else -(self._process.signalstatus or 0)), self.raw.decode(errors="replace")

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self._process.fd], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = self._process.read(65536)
        except EOFError:
            return False
        self.raw += data
        self._unseen += data
        # What a terminal answers when it is asked where its cursor is; menus ask that first, and nobody else looks.
        if b"\x1b[6n" in data:
            self._stream.feed(self._unseen)
            self._unseen = b""
            self._process.write(f"\x1b[{self._screen.cursor.y + 1};{self._screen.cursor.x + 1}R".encode())
        return True
