"""The record of what was done to a stack, one line a change; what a re-run goes on from and what "usual" is."""

from __future__ import annotations

import json
import math
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.manifest import PRIVATE, private_folder
from airflow_wizard.atomic import append_line, explain
from airflow_wizard.run.step import StepState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line.

    Attributes:
        time: seconds since the epoch.
        run: id of the run it belongs to.
        step: id of the step.
        state: what became of it.
        elapsed: seconds since the step started; None when not told.
        detail: free of secrets.
    """

    time: float
    run: str
    step: str
    state: StepState
    elapsed: float | None = None
    detail: str = ""


class Journal:
    """Append-only journal of one stack. Each line is on the disk before `record` returns.

    Attributes:
        entries: what earlier runs and this one recorded, oldest first.
        skipped: lines that could not be read; a kill in the middle of one leaves at most one.
        run: id of this run.
    """

    def __init__(self, path: Path, entries: list[JournalEntry], skipped: int, mask: Callable[[str], str]) -> None:
        self._path = path
        self._mask = mask
        self.entries = entries
        self.skipped = skipped
        self.run = secrets.token_hex(4)

    @classmethod
    def open(cls, folder: Path, *, mask: Callable[[str], str] = str) -> Journal:
        """The journal of the stack in ``folder``, ready to be added to.

        Args:
            folder: the stack's folder; made when missing.
            mask: takes secrets out of details.

        Raises:
            WizardError: the file system refused.
        """
        private_folder(folder)
        entries, skipped = read(folder)
        return cls(_path(folder), entries, skipped, mask)

    def record(self, step: str, state: StepState, *, detail: str = "", elapsed: float | None = None) -> None:
        """Add one line. Meant for changes of state: progress comes too often to be worth a disk flush.

        Raises:
            WizardError: the file system refused.
        """
        entry = JournalEntry(time.time(), self.run, step, state, elapsed, self._mask(detail))
        line: dict[str, object] = {
            "time": round(entry.time, 3),
            "run": entry.run,
            "step": entry.step,
            "state": str(entry.state),
        }
        if elapsed is not None:
            line["elapsed"] = round(elapsed, 3)
        if entry.detail:
            line["detail"] = entry.detail
        append_line(self._path, json.dumps(line))
        self.entries.append(entry)

    def ledger(self) -> dict[str, float]:
        """Seconds each step took when it was last done, by step."""
        return ledger(self.entries)

    def last_states(self) -> dict[str, StepState]:
        """The last state of each step; one still ``started`` was interrupted."""
        return {entry.step: entry.state for entry in self.entries}


def read(folder: Path) -> tuple[list[JournalEntry], int]:
    """All readable lines, oldest first, and the number of lines that are not; nothing is created.

    Raises:
        WizardError: there is a journal and the system refuses to show it.
    """
    path = _path(folder)
    try:
        lines = path.read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return [], 0
    except OSError as error:
        raise explain(error, path, "read") from error
    found = [_parse(line) for line in lines if line.strip()]
    entries = [entry for entry in found if entry is not None]
    return entries, len(found) - len(entries)


def ledger(entries: list[JournalEntry]) -> dict[str, float]:
    """Seconds each step took when it was last done, by step, in the order of their last run."""
    seconds: dict[str, float] = {}
    for entry in entries:
        if entry.state is StepState.DONE and entry.elapsed is not None:
            seconds.pop(entry.step, None)
            seconds[entry.step] = entry.elapsed
    return seconds


def _path(folder: Path) -> Path:
    return folder / PRIVATE / "journal.jsonl"


def _parse(line: bytes) -> JournalEntry | None:
    try:
        data = json.loads(line)
        elapsed = data.get("elapsed")
        entry = JournalEntry(
            time=float(data["time"]),
            run=str(data["run"]),
            step=str(data["step"]),
            state=StepState(data["state"]),
            elapsed=None if elapsed is None else float(elapsed),
            detail=str(data.get("detail", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    numbers = (entry.time, entry.elapsed or 0.0)
    return entry if all(math.isfinite(number) and number >= 0 for number in numbers) else None
