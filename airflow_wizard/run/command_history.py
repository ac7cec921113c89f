"""The commands that were run for a stack, read back from its command log. What was written there is masked already."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.manifest import PRIVATE
from airflow_wizard.run.command_log import FILE, SAID
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The end of the file is read: some thousand commands.
MOST_BYTES = 512 * 1024
_BEGAN = re.compile(r"# \[(\d+)\] (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$")
_ENDED = re.compile(r"# \[(\d+)\] exit (-?\d+) after (.+)$")


@dataclass(frozen=True, slots=True)
class PastCommand:
    """One command that was run.

    Attributes:
        began: unix seconds.
        command: the command line, quoted for a shell; safe to show.
        folder: where it ran.
        exit_code: how it ended, negative for a signal; None where that was never written: it runs, or was cut off.
        took: how long, in words; empty where that is not known.
        said: its last lines, where they were kept.
    """

    began: float
    command: str
    folder: str
    exit_code: int | None = None
    took: str = ""
    said: tuple[str, ...] = ()


def read(folder: Path, most_bytes: int = MOST_BYTES) -> list[PastCommand]:
    """The commands of a stack's folder, oldest first; of a long log only the end. Empty when there is none."""
    try:
        with (folder / PRIVATE / FILE).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most_bytes))
            text = file.read(most_bytes).decode(errors="replace")
    except OSError:
        return []
    return parse(text.splitlines())


def parse(lines: Iterable[str]) -> list[PastCommand]:
    """The commands of a log's lines; what stands before the first whole one is left out."""
    found: list[PastCommand] = []
    running: dict[str, int] = {}
    words: list[str] | None = None
    said: int | None = None
    for raw in lines:
        line = plain(raw)
        if began := _BEGAN.match(line):
            _close(found, words)
            found.append(PastCommand(_seconds(began[2]), "", ""))
            running[began[1]] = len(found) - 1
            words, said = [], None
        elif ended := _ENDED.match(line):
            _close(found, words)
            words, said = None, running.pop(ended[1], None)
            if said is not None:
                found[said] = replace(found[said], exit_code=int(ended[2]), took=ended[3])
        elif line.startswith(SAID.strip()) and said is not None:
            found[said] = replace(found[said], said=(*found[said].said, line.removeprefix(SAID)))
        elif words is not None:
            words.append(line)
    _close(found, words)
    return [command for command in found if command.command]


def _close(found: list[PastCommand], words: list[str] | None) -> None:
    """The lines of a command are all there: ``(cd FOLDER && COMMAND)``."""
    if not words or not found:
        return
    text = "\n".join(words)
    inside = text.removeprefix("(cd ").removesuffix(")")
    try:
        folder = shlex.split(inside.partition(" && ")[0])[0]
    except (ValueError, IndexError):
        folder = ""
    begin = f"{shlex.quote(folder)} && "
    command = inside.removeprefix(begin) if folder and inside.startswith(begin) else inside
    found[-1] = replace(found[-1], command=command, folder=folder)


def _seconds(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
