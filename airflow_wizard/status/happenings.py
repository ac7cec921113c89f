"""Events of an engine as what a person would say happened. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import unit_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_wizard.engines.container_facts import Container, Happening

# Of one unit; as many as a screen shows.
PER_UNIT = 20
_WORDS = {
    "start": "started",
    "oom": "ran out of memory",
    "pause": "was paused",
    "unpause": "goes on",
    "destroy": "was removed",
    "health_status: healthy": "healthy",
    "health_status: unhealthy": "unhealthy",
}


def words(happening: Happening) -> str:
    """What happened, or nothing when it says nothing to a person."""
    if happening.action == "die":
        return "ended" if happening.exit_code in (0, None) else f"died, exit {happening.exit_code}"
    return _WORDS.get(happening.action, "")


def told(happenings: Sequence[Happening], containers: Iterable[Container]) -> tuple[tuple[float, str, str], ...]:
    """(unix seconds, unit, text), newest last; of each unit the newest few, so that one in a loop hides no other."""
    listed = tuple(containers)
    names = unit_names(listed)
    several = {c.service for c in listed if c.number > 1}
    found = []
    count: Counter[str] = Counter()
    for happening in reversed(happenings):
        text = words(happening)
        if not text:
            continue
        numbered = f"{happening.service}-{happening.number}" if happening.service in several else happening.service
        unit = names.get(happening.container, numbered)
        count[unit] += 1
        if count[unit] <= PER_UNIT:
            found.append((happening.time, unit, text))
    return tuple(reversed(found))


def last_ooms(happenings: Iterable[Happening]) -> dict[str, float]:
    """When the memory of each container last ran out (unix seconds), by id."""
    return {h.container: h.time for h in happenings if h.action == "oom"}


def last_ends(happenings: Iterable[Happening]) -> dict[str, int]:
    """Exit code of the last end of each container, by id."""
    ends = (h for h in happenings if h.action == "die" and h.exit_code is not None)
    return {h.container: h.exit_code for h in ends if h.exit_code is not None}
