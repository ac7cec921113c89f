"""What a terminal shows, as text alone: in a tenth of the time of a whole emulator, so that one can measure with it."""

from __future__ import annotations

import codecs
import re

_TOKEN = re.compile(
    r"\x1b\[([0-9;?<>=]*)([@-~])"  # a command: parameters, letter
    r"|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and other texts to the terminal
    r"|\x1b[ -/]*[0-~]"
    r"|([\r\n\b])"
    r"|([^\x00-\x1f\x7f]+)"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?<>=]*|[\]P_^X][^\x07\x1b]*\x1b?|[ -/]*)?\Z")


class Canvas:
    """The characters on a screen; colours are left out, and a wide character counts as one cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._lines = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def lines(self) -> list[str]:
        """Line by line, without trailing blanks."""
        return ["".join(line).rstrip() for line in self._lines]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def feed(self, data: bytes) -> None:
        """Take what was sent to the terminal."""
        text = self._rest + self._decode(data)
        unfinished = _UNFINISHED.search(text)
        self._rest = unfinished[0] if unfinished else ""
        for found in _TOKEN.finditer(text, 0, len(text) - len(self._rest)):
            parameters, letter, control, written = found.groups()
            if written:
                self._write(written)
            elif letter:
                self._command(letter, parameters)
            elif control == "\r":
                self._x = 0
            elif control == "\n":
                self._down()
            elif control:
                self._x = max(0, min(self._x, self.columns - 1) - 1)

    def _write(self, text: str) -> None:
        while text:
            if self._x >= self.columns:
                self._x = 0
                self._down()
            part, text = text[: self.columns - self._x], text[self.columns - self._x :]
            self._lines[self._y][self._x : self._x + len(part)] = part
            self._x += len(part)

    def _down(self) -> None:
        if self._y + 1 < self.rows:
            self._y += 1
        else:
            self._lines = [*self._lines[1:], [" "] * self.columns]

    def _command(self, letter: str, parameters: str) -> None:
        if letter not in "HJKCDABG" or (parameters and not parameters.replace(";", "").isdecimal()):
            return
        numbers = [int(part or 0) for part in parameters.split(";")]
        first = numbers[0]
        if letter == "H":
            self._y = min(max(first, 1), self.rows) - 1
            self._x = min(max(numbers[1] if len(numbers) > 1 else 1, 1), self.columns) - 1
        elif letter == "G":
            self._x = min(max(first, 1), self.columns) - 1
        elif letter in "CD":
            # Behind the last column the cursor still stands on it, until something more is written.
            here = min(self._x, self.columns - 1)
            self._x = min(max(here + (1 if letter == "C" else -1) * max(first, 1), 0), self.columns - 1)
        elif letter in "AB":
            self._y = min(max(self._y + (1 if letter == "B" else -1) * max(first, 1), 0), self.rows - 1)
        elif letter == "K" and first == 0:
            self._lines[self._y][self._x :] = [" "] * (self.columns - self._x)
        elif letter == "J" and first == 2:
            self._lines = [[" "] * self.columns for _ in range(self.rows)]
