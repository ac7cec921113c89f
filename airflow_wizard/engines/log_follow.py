"""What is added to a log file, over rotation, truncation and absence: nothing twice, nothing left out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow_wizard.engines.log_lines import LineCutter
from airflow_wizard.engines.log_reader import older_of
from airflow_wizard.engines.log_stamps import stamp_of
from airflow_wizard.log_line import LogLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 256 * 1024
_HEAD = 64
_LAST = 64 * 1024  # bytes of the end that are looked through for the start of a line


class Follower:
    """What is added to one log file, asked for again and again. Survives rotation, truncation and absence.

    Args:
        unit: its name.
        path: the file.
        from_start: begin with what is there; else with what comes.
    """

    def __init__(self, unit: str, path: Path, *, from_start: bool = False) -> None:
        self.unit = unit
        self.path = path
        self._cutter = LineCutter()
        self._offset = 0
        self._inode = 0
        self._head = b""
        self._time: float | None = None
        self._quiet = 0
        if not from_start:
            self._skip_to_end()

    @property
    def offset(self) -> int:
        """Bytes of the file that were taken or skipped; always the start of a line before the first `poll`."""
        return self._offset

    @property
    def behind(self) -> int:
        """Bytes of the file that were not taken yet."""
        try:
            return max(0, self.path.stat().st_size - self._offset)
        except OSError:
            return 0

    def skip(self, keep: int) -> int:
        """Leaves out whole lines until about ``keep`` bytes are left of the file; returns how many."""
        gone = 0
        try:
            with self.path.open("rb") as handle:
                handle.seek(self._offset)
                while self.behind > keep + BLOCK and (data := handle.read(BLOCK)):
                    end = data.rfind(b"\n") + 1
                    if not end:
                        break
                    gone += data.count(b"\n")
                    self._offset += end
                    handle.seek(self._offset)
        except OSError:
            return gone
        if gone:
            # The line whose start is held was the first to go; its end was counted.
            self._cutter = LineCutter()
        return gone

    def _skip_to_end(self) -> None:
        try:
            with self.path.open("rb") as handle:
                status = os.fstat(handle.fileno())
                self._head = handle.read(_HEAD)
                start = max(0, status.st_size - _LAST)
                handle.seek(start)
                # A line that is being written is left to come as a whole.
                newline = handle.read(status.st_size - start).rfind(b"\n")
        except OSError:
            return
        self._inode = status.st_ino
        self._offset = start + newline + 1 if newline >= 0 or start == 0 else status.st_size

    def poll(self) -> Iterator[LogLine]:
        """Lines since the last call, at most one block's; a line without an end comes once nothing is added to it."""
        try:
            status = self.path.stat()
        except OSError:
            return
        if status.st_ino == self._inode and status.st_size == self._offset:
            self._quiet += 1
            if self._cutter.waiting and self._quiet >= 5:
                yield from map(self._line, self._cutter.rest())
            return
        self._quiet = 0
        try:
            yield from map(self._line, self._read())
        except OSError:
            return

    def _read(self) -> Iterator[str]:
        with self.path.open("rb") as handle:
            status = os.fstat(handle.fileno())
            head = handle.read(_HEAD)
            begun = self._inode != 0
            if begun and (status.st_size < self._offset or not head.startswith(self._head)):
                yield from self._remainder()
                yield from self._cutter.rest()
                self._offset = 0
            elif status.st_ino != self._inode:
                yield from self._cutter.rest()
                self._offset = 0
            self._inode, self._head = status.st_ino, head
            handle.seek(self._offset)
            data = handle.read(BLOCK)
            self._offset += len(data)
        yield from self._cutter.feed(data)

    def _remainder(self) -> Iterator[str]:
        """What was written before the file was cut short, from the copy that the supervisor keeps of it."""
        try:
            with older_of(self.path).open("rb") as handle:
                if not handle.read(_HEAD).startswith(self._head):
                    return
                handle.seek(self._offset)
                while data := handle.read(BLOCK):
                    yield from self._cutter.feed(data)
        except OSError:
            return

    def _line(self, text: str) -> LogLine:
        own = stamp_of(text)
        if own is not None:
            self._time = own
        return LogLine(self._time, self.unit, text)
