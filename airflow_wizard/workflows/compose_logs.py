"""Logs of a Compose stack: which containers are meant by a unit's name, and their lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import container_logs
from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.container_follow import Following
from airflow_wizard.engines.container_owner import made_in
from airflow_wizard.engines.container_turns import past
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import UsageError
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.text import one_line
from airflow_wizard.workflows.log_boundaries import between, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.errors import EngineUnreachableError
    from airflow_wizard.status.place import Place


def read(
    place: Place,
    *,
    tail: int,
    units: Sequence[str] | None = None,
    since: float | None = None,
    until: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
) -> list[LogLine]:
    """The last lines, oldest first, with the boundaries between them.

    Args:
        place: which stack.
        tail: how many at most.
        units: services, or single containers of them; None for all.
        since: unix seconds; only lines from then on.
        until: unix seconds; only lines up to then.
        wanted: what to make of a line, None to leave it out; boundaries are left out with it.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the engine does not answer.
    """
    with Engine() as engine:
        found = made_in(engine.project(place.project), place.folder)
        chosen = _chosen(place, found, units)
        lines = container_logs.read_tail(engine, chosen, tail, since=since, until=until, wanted=wanted)
        return lines if wanted else _bounded(engine, found, chosen, lines, until)


class ComposeLog:
    """Lines as they are written. Close it.

    Args:
        place: which stack.
        units: services, or single containers of them; None for all.
        since: unix seconds; what was written from then on comes first. None for what comes from now on.
        tail: how many lines of the past at most; None for all from ``since`` on.

    Attributes:
        past: the lines before.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the engine does not answer.
    """

    def __init__(self, place: Place, units: Sequence[str] | None, since: float | None, tail: int) -> None:
        self.past: list[LogLine] = []
        with Engine() as engine:
            found, version = made_in(engine.project(place.project), place.folder), engine.version
            chosen = _chosen(place, found, units)
            # The ends are taken first: what is written while the past is read belongs to what comes.
            marks = {id_: container_logs.end_of(engine, id_) for id_ in chosen}
            if tail:
                lines = container_logs.read_tail(engine, chosen, tail, since=since, marks=marks)
                self.past = _bounded(engine, found, chosen, lines)
        self._following = Following(
            place.project, lambda c: _is_ours(place, c) and _is_meant(c, units), marks, found, told, version
        )

    @property
    def problem(self) -> EngineUnreachableError | None:
        """Why nothing comes at the moment."""
        return self._following.problem

    @property
    def skipped(self) -> int:
        """Lines that came and were left out, because there were too many at once."""
        return self._following.skipped

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came; [] when nothing did within ``seconds``. Of more than ``most`` only the newest are read."""
        return self._following.take(seconds, most)

    def close(self) -> None:
        """Hang up; for any thread."""
        self._following.close()


def _bounded(
    engine: Engine,
    found: tuple[Container, ...],
    chosen: Mapping[str, str],
    lines: list[LogLine],
    until: float | None = None,
) -> list[LogLine]:
    first = next((line.time for line in lines if line.time is not None), None)
    if first is None:
        return lines
    happened = list(engine.events(found[0].project, since=first, until=time.time()))
    turns = past(happened, (c for c in found if c.id in chosen))
    marks = (LogLine(t.time, chosen[t.container], told(t, chosen[t.container]), BOUNDARY) for t in turns)
    return between(lines, (mark for mark in marks if until is None or (mark.time or 0.0) <= until))


def _chosen(place: Place, found: tuple[Container, ...], units: Sequence[str] | None) -> dict[str, str]:
    """Name of each container's lines, by id."""
    containers = [c for c in found if not c.one_off]
    names = unit_names(containers)
    known = {*place.order, *(c.service for c in containers), *names.values()}
    for unit in units or ():
        if unit not in known:
            listed = dict.fromkeys(
                [*(s for s in place.order if s in place.expected or s == place.once), *names.values()]
            )
            raise UsageError(
                f"there is no unit {one_line(unit, limit=60)!r}", next=f"choose among: {', '.join(listed)}"
            )
    return {c.id: names[c.id] for c in containers if _is_meant(c, units)}


def _is_ours(place: Place, container: Container) -> bool:
    return bool(made_in([container], place.folder))


def _is_meant(container: Container, units: Sequence[str] | None) -> bool:
    return units is None or container.service in units or f"{container.service}-{container.number}" in units
