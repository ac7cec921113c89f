"""What a rule is, and the fixes that several rules offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.finding import Fix
from airflow_wizard.risk import Risk
from airflow_wizard.run.last_words import last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_wizard.diagnose.evidence import Evidence, Subject
    from airflow_wizard.finding import Finding

Rule: TypeAlias = "Callable[[Evidence], Iterable[Finding]]"


def start(subject: Subject) -> Fix:
    """Start the stack."""
    return Fix("Start the stack", Risk.SAFE, (("airflow-wizard", "start", subject.name),), id="start")


def restart(subject: Subject) -> Fix:
    """Restart everything."""
    return Fix("Restart the stack", Risk.DISRUPTIVE, (("airflow-wizard", "restart", subject.name),), id="restart")


def restart_unit(subject: Subject, unit: str) -> Fix:
    """Restart one component."""
    command = ("airflow-wizard", "restart", subject.name, "--unit", unit)
    return Fix(f"Restart the {unit}", Risk.DISRUPTIVE, (command,), id=f"restart-{unit}")


def launch_again(subject: Subject) -> Fix:
    """Repeat the launch: what is done is skipped, what is missing is done."""
    command = ("airflow-wizard", "up", "--name", subject.name, "--dir", subject.folder)
    return Fix("Repeat the launch; it continues where it stopped", Risk.SAFE, (command,), id="launch")


def private(subject: Subject, name: str) -> Fix:
    """Take a file with secrets away from everybody else."""
    command = ("chmod", "600", f"{subject.folder}/{name}")
    return Fix(f"Make {name} readable for you alone", Risk.SAFE, (command,), id=f"private-{name.strip('.')}")


def look(subject: Subject, unit: str) -> Fix:
    """Read a log."""
    return Fix(f"Read the log of {unit}", Risk.SAFE, (("airflow-wizard", "logs", subject.name, "--unit", unit),))


# Lines among which those that tell something are looked for.
_LOOKED_AT = 400


def tail_of(lines: Iterable[str], count: int = 6) -> tuple[str, ...]:
    """The last lines that say something went wrong, else simply the last ones."""
    kept = last_words(lines, most=_LOOKED_AT)
    telling = [line for line in kept if _telling(line)]
    # A loop writes the same again and again; once is enough.
    return tuple(dict.fromkeys(line[:400] for line in telling or kept))[-count:]


def _telling(line: str) -> bool:
    words = ("error", "critical", "exception", "traceback", "fatal", "cannot", "failed")
    lower = line.lower()
    return any(word in lower for word in words)
