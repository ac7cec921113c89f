"""Recorded machines for the tests of checks and targets."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.host import record
from airflow_wizard.host.facts import Fact, HostFacts

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

FOLDER = Path(__file__).parent.parent / "fixtures" / "facts"
MACHINES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def machine(name: str) -> HostFacts:
    """A recorded machine."""
    return record.read(FOLDER / f"{name}.json")


def altered(name: str, subject: str, **values: Json) -> HostFacts:
    """A recorded machine with other values in one fact."""
    facts = machine(name)
    fact = facts.get(subject)
    assert fact is not None
    assert isinstance(fact.value, dict)
    return facts.with_fact(subject, replace(fact, value={**fact.value, **values}))


def without(name: str, subject: str, error: str = "no answer within 3 s") -> HostFacts:
    """A recorded machine on which one probe failed."""
    return machine(name).with_fact(subject, Fact(None, "test", error=error))
