"""Every command that was run, exactly as a person would type it, with where, how long and how it ended."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.artifacts.manifest import PRIVATE, private_folder
from airflow_wizard.atomic import append_line
from airflow_wizard.text import human_seconds, one_line, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


FILE = "commands.log"
# Begins a line of what the command before it wrote.
SAID = "#| "
_MOST_SAID = 40
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command.

    Attributes:
        number: 1, 2, … within this log.
        command: the command line, quoted for a shell, secrets masked.
        cwd: folder it ran in.
        started: seconds since the epoch.
        seconds: how long it took; None while it runs.
        exit_code: how it ended; None while it runs, negative for a signal.
    """

    number: int
    command: str
    cwd: str
    started: float
    seconds: float | None = None
    exit_code: int | None = None

    @property
    def running(self) -> bool:
        """True until it ended."""
        return self.exit_code is None


Listener: TypeAlias = Callable[[CommandRecord], None]


class CommandLog:
    """Append-only log of commands in a stack's folder. Safe to use from several threads.

    A command is written before it runs, so that the last line of a killed run says what it was doing; how it ended
    follows as a comment. The file can be read, and run again, as a shell script.

    Args:
        folder: the stack's folder; None keeps the records in memory only.
        mask: takes secrets out.
    """

    def __init__(self, folder: Path | None = None, *, mask: Callable[[str], str] = str) -> None:
        self._folder = folder
        self._mask = mask
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._records: list[CommandRecord] = []

    @property
    def records(self) -> tuple[CommandRecord, ...]:
        """Commands of this process, oldest first."""
        with self._lock:
            return tuple(self._records)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` when a command starts and when it ends, from the thread that runs it.

        Returns:
            A function that ends that.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def start(self, argv: Sequence[str], cwd: str) -> CommandRecord:
        """Note that a command is about to run.

        Raises:
            WizardError: the log cannot be written.
        """
        command = plain(self._mask(shlex.join(argv)))
        with self._lock:
            record = CommandRecord(len(self._records) + 1, command, cwd, time.time())
            self._records.append(record)
        when = datetime.fromtimestamp(record.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._append(f"# [{record.number}] {when}\n(cd {shlex.quote(plain(cwd))} && {command})")
        self._tell(record)
        return record

    def finish(self, record: CommandRecord, exit_code: int, seconds: float, said: Sequence[str] = ()) -> CommandRecord:
        """Note how the command of ``record`` ended.

        Args:
            record: what `start` gave.
            exit_code: as the system reports it, negative for a signal.
            seconds: how long it took.
            said: its last lines; a few of them are kept, as comments.

        Raises:
            WizardError: the log cannot be written.
        """
        ended = replace(record, seconds=seconds, exit_code=exit_code)
        with self._lock:
            self._records[record.number - 1] = ended
        kept = (one_line(self._mask(text), limit=_LONGEST) for text in tuple(said)[-_MOST_SAID:])
        lines = [f"# [{record.number}] exit {exit_code} after {human_seconds(seconds)}", *(f"{SAID}{k}" for k in kept)]
        self._append("\n".join(lines))
        self._tell(ended)
        return ended

    def record(self, argv: Sequence[str], cwd: str, seconds: float, exit_code: int) -> CommandRecord:
        """Note a command that has already ended; see `start` and `finish`.

        Raises:
            WizardError: the log cannot be written.
        """
        return self.finish(self.start(argv, cwd), exit_code, seconds)

    def _append(self, text: str) -> None:
        if self._folder is not None:
            private_folder(self._folder)
            append_line(self._folder / PRIVATE / FILE, text, durable=False)

    def _tell(self, record: CommandRecord) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(record)
