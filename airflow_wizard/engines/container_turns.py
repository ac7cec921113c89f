"""When the runs of containers began and ended, out of what the engine tells. Pure but for one question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_wizard.engines.container_facts import Container, Happening

# A program may write before the engine has told that it was started.
_EARLY = 0.25
_TINY = 1e-6


class What(StrEnum):
    """What happened to a run."""

    STARTED = "started"
    ENDED = "ended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Turn:
    """A boundary in a container's log.

    Attributes:
        time: unix seconds; behind the last line of the run before, in front of the first of the run after.
        container: its id.
        what: see `What`.
        code: exit code of the run that ended; None when it is not known.
        oom: its memory ran out; None when nobody listened.
    """

    time: float
    container: str
    what: What
    code: int | None = None
    oom: bool | None = None


class Turns:
    """Makes boundaries of what happens. Knows how the last run of each container ended.

    Args:
        known: what is there, and how it ended before anybody listened.
    """

    def __init__(self, known: Iterable[Container] = ()) -> None:
        self._ended: dict[str, Turn] = {}
        self._oom: set[str] = set()
        for container in known:
            self.meet(container)

    def meet(self, container: Container) -> None:
        """A container that was not known before."""
        if container.finished is not None and container.id not in self._ended:
            end = Turn(container.finished, container.id, What.ENDED, container.exit_code, oom=container.oom or None)
            self._ended[container.id] = end

    def see(self, happening: Happening) -> Turn | None:
        """The boundary that something makes; None when it makes none."""
        id_, time = happening.container, happening.time
        if happening.action == "oom":
            self._oom.add(id_)
        elif happening.action == "die":
            oom = id_ in self._oom and happening.exit_code != 0
            self._oom.discard(id_)
            self._ended[id_] = Turn(time + _TINY, id_, What.ENDED, happening.exit_code, oom=oom)
            return self._ended[id_]
        elif happening.action == "destroy":
            self._ended.pop(id_, None)
            return Turn(time, id_, What.REMOVED)
        elif happening.action == "start" and (end := self._ended.get(id_)) is not None:
            return begun(time, id_, end)
        return None


def begun(time: float, container: str, end: Turn) -> Turn:
    """The start after an end, as early as its first line may be."""
    return Turn(max(end.time + _TINY, time - _EARLY), container, What.STARTED, end.code, oom=end.oom)


def past(happenings: Iterable[Happening], containers: Iterable[Container]) -> list[Turn]:
    """Boundaries of the past, oldest first: those the engine still tells of, and the last start of each container."""
    listed = tuple(containers)
    turns, known = Turns(), {c.id for c in listed}
    found = [turn for h in happenings if h.container in known and (turn := turns.see(h)) is not None]
    told = {turn.container for turn in found if turn.what is What.STARTED}
    for container in listed:
        if container.id in told or container.started is None or container.finished is None:
            continue
        # The end that is on record is that of the run before only while a later run goes on.
        if container.finished < container.started:
            end = Turn(container.finished, container.id, What.ENDED)
            found.append(begun(container.started, container.id, end))
    return sorted(found, key=lambda turn: turn.time)
