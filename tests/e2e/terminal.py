"""A terminal of a given size with the wizard in it; the screen is read as a person would, never slept for."""

from __future__ import annotations

import io
import os
import re
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte
from ptyprocess import PtyProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEFAULTS = {"fg": "e0e0e0", "bg": "121212"}


class Terminal:
    """Runs ``airflow-wizard ARGV`` full-screen."""

    def __init__(self, *argv: str, variables: Mapping[str, str], columns: int = 120, rows: int = 40) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **variables}
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

    def picture(self, name: str) -> None:
        """Draw the screen as it is into the folder that ``PICTURES`` names; nothing happens without one."""
        folder = os.environ.get("PICTURES")
        if folder:
            self.whole()
            (Path(folder) / f"{name}.svg").write_text(svg(self._screen, name), encoding="utf-8")

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

    def whole(self, quiet: float = 0.04) -> str:
        """Read until nothing comes for a moment: then the last painting is on the screen to its end."""
        end = time.monotonic() + 2.0
        while time.monotonic() < end and self._read(time.monotonic() + quiet):
            pass
        return self.text

    def finish(self, patience: float = 20.0) -> int:
        """Read to the end; returns the exit code."""
        end = time.monotonic() + patience
        while self._read(end):
            pass
        # What holds a terminal open may outlive what was started in it, and what should end may not.
        while self.process.isalive():
            assert time.monotonic() < end, f"it did not end within {patience} s; this was seen:\n{self.text}"
            time.sleep(0.01)
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


def svg(screen: pyte.Screen, title: str) -> str:
    """A screen with its colours, for a look at it."""
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    console = Console(width=screen.columns, record=True, file=io.StringIO(), color_system="truecolor", highlight=False)
    for number in range(screen.lines):
        text = Text(no_wrap=True, overflow="crop")
        for column in range(screen.columns):
            cell = screen.buffer[number][column]
            colour, ground = (f"#{getattr(cell, side).replace('default', _DEFAULTS[side])}" for side in ("fg", "bg"))
            style = Style(color=_known(colour), bgcolor=_known(ground), bold=cell.bold, reverse=cell.reverse)
            text.append(cell.data, style)
        console.print(text)
    return console.export_svg(title=title)


def _known(colour: str) -> str:
    """pyte has names of its own for the sixteen colours of old, and writes all others as six digits."""
    if re.fullmatch("#[0-9a-f]{6}", colour):
        return colour
    return colour.removeprefix("#").replace("brown", "yellow").replace("bright", "bright_")
