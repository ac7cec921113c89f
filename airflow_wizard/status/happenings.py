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
_KILLED = 137
_TOGETHER = 2.0  # seconds
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
    last: dict[str, tuple[str, float]] = {}
    for happening in reversed(happenings):
        text = words(happening)
        if not text:
            continue
        numbered = f"{happening.service}-{happening.number}" if happening.service in several else happening.service
        unit = names.get(happening.container, numbered)
        later, at = last.get(unit, ("", 0.0))
        if later == text and at - happening.time < _TOGETHER:
            # The kernel kills one process after the other: that is one thing to a person.
            continue
        last[unit] = (text, happening.time)
        count[unit] += 1
        if count[unit] <= PER_UNIT:
            found.append((happening.time, unit, text))
    return tuple(reversed(found))


def starved(happenings: Iterable[Happening]) -> frozenset[str]:
    """Ids of the containers whose last end came of their memory running out in that run."""
    short, ended = set[str](), set[str]()
    for happening in happenings:
        if happening.action == "oom":
            short.add(happening.container)
        elif happening.action == "die":
            starving = happening.container in short and happening.exit_code == _KILLED
            (ended.add if starving else ended.discard)(happening.container)
            short.discard(happening.container)
    return frozenset(ended)


def paused(happenings: Iterable[Happening]) -> dict[str, float]:
    """When each container was last paused (unix seconds), by id."""
    return {h.container: h.time for h in happenings if h.action == "pause"}


def last_ooms(happenings: Iterable[Happening]) -> dict[str, float]:
    """When the memory of each container last ran out (unix seconds), by id."""
    return {h.container: h.time for h in happenings if h.action == "oom"}


def last_ends(happenings: Iterable[Happening]) -> dict[str, int]:
    """Exit code of the last end of each container, by id."""
    ends = (h for h in happenings if h.action == "die" and h.exit_code is not None)
    return {h.container: h.exit_code for h in ends if h.exit_code is not None}
