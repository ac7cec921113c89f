"""Rules about the machine: disk and memory. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence

_FULL = 100 * 1024**2
_LOW = 1024**3
_TIGHT = 300 * 1024**2


def disk(evidence: Evidence) -> Iterator[Finding]:
    """Little or no room where the stack lies."""
    machine = evidence.machine
    if machine is None or machine.disk_free >= _LOW:
        return
    yield Finding(
        "disk.low",
        Level.FAIL if machine.disk_free < _FULL else Level.WARN,
        "Disk",
        f"{human_bytes(machine.disk_free)} free of {human_bytes(machine.disk_total)}",
        human_bytes(_LOW),
        "The database and the logs grow with every run; SQLite can lose a write when the disk is full.",
        fixes=(
            Fix("See what takes the room", commands=(("du", "-xh", "--max-depth=2", evidence.subject.folder),)),
            Fix(
                "Delete old task logs and runs",
                Risk.DESTRUCTIVE,
                ((f"{evidence.subject.folder}/airflow", "db", "clean", "--clean-before-timestamp", "DATE"),),
            ),
        ),
    )


def memory(evidence: Evidence) -> Iterator[Finding]:
    """So little memory that the next process may be killed for it."""
    machine = evidence.machine
    if machine is None or not evidence.running or machine.memory_available >= _TIGHT:
        return
    yield Finding(
        "memory.low",
        Level.WARN,
        "Memory",
        f"{human_bytes(machine.memory_available)} available of {human_bytes(machine.memory_total)}",
        human_bytes(_TIGHT),
        "Each running task is a process of some 100 MB; the kernel ends one when there is none left.",
        fixes=(Fix("Run less at once", Risk.DISRUPTIVE, answers=(("parallelism", 4), ("api_workers", 1))),),
    )


RULES = (disk, memory)
