"""How long a launch took, part by part. The last launches of a stack are kept in its own folder."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.manifest import PRIVATE
from airflow_wizard.atomic import write_text_atomic
from airflow_wizard.errors import WizardError
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.run.step import Outcome

FILE = f"{PRIVATE}/launches.json"
KEPT = 20
# What people ask about, and the steps it consists of; other steps are short, or no target's own.
_PARTS = {
    "pull": ("pull", "build"),
    "install": ("venv", "install"),
    "init": ("init", "migrate", "wal", "roles", "admin"),
    "start": ("start",),
    "first heartbeat": ("identity", "heartbeats"),
    "login": ("login",),
    "smoke DAG": ("dags-folder", "smoke-run", "smoke-log"),
}
_SHORTEST = 0.05  # seconds; less rounds to nothing


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch that was proven.

    Attributes:
        when: ISO time of its end, in UTC.
        version: of Airflow.
        total: seconds.
        parts: seconds by what they were spent on, in order.
    """

    when: str
    version: str
    total: float
    parts: dict[str, float]

    def words(self) -> str:
        """In one line."""
        return ", ".join([*_told(self.parts), f"in all {human_seconds(self.total)}"])


def words(outcome: Outcome) -> str:
    """The parts of a launch that has just ended in one line; who shows it shows the whole time as well."""
    return ", ".join(_told(parts(outcome)))


def _told(parts: dict[str, float]) -> list[str]:
    return [f"{name} {human_seconds(seconds)}" for name, seconds in parts.items()]


def parts(outcome: Outcome) -> dict[str, float]:
    """The parts of an outcome that took any time, in order."""
    sums = {name: sum(outcome.ledger.get(step, 0.0) for step in steps) for name, steps in _PARTS.items()}
    return {name: round(seconds, 2) for name, seconds in sums.items() if seconds >= _SHORTEST}


def keep(folder: Path, version: str, outcome: Outcome) -> None:
    """Add a proven launch to the ones of the stack; a folder that takes no file is no reason to fail."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"when": now, "airflow": version, "total": round(outcome.elapsed, 2), "parts": parts(outcome)}
    text = json.dumps([*_read(folder)[1 - KEPT :], entry], indent=1)
    with contextlib.suppress(WizardError):
        write_text_atomic(folder / FILE, text + "\n", within=folder)


def last(folder: Path) -> Launch | None:
    """The newest launch of the stack in ``folder``; None when none was kept."""
    for entry in reversed(_read(folder)):
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            seconds = {str(name): float(value) for name, value in entry["parts"].items()}  # type: ignore[attr-defined]
            return Launch(str(entry["when"]), str(entry["airflow"]), float(entry["total"]), seconds)  # type: ignore[arg-type]
    return None


def _read(folder: Path) -> list[dict[str, object]]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
