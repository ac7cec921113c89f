"""Logs of a Compose stack: which containers are meant by a unit's name, and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines import container_logs
from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.container_follow import Following
from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.log_reader import RawLine
from airflow_wizard.errors import UsageError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.status.place import Place

_PERIOD = 0.2  # seconds until it is seen that following was cancelled
_MOST_PAST = 10_000


def read(
    place: Place,
    make: Callable[[RawLine], RawLine | None],
    *,
    units: Sequence[str] | None,
    since: float | None,
    tail: int,
    searched: bool,
) -> list[RawLine]:
    """The last lines, oldest first, each as ``make`` has it.

    Args:
        place: which stack.
        make: makes a line safe to show; None leaves it out.
        units: services, or single containers of them; None for all.
        since: unix seconds; only lines from then on.
        tail: how many at most.
        searched: ``make`` leaves lines out.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the engine does not answer.
    """
    with Engine() as engine:
        chosen = _chosen(place, engine.project(place.project), units)
        lines = container_logs.read_tail(engine, chosen, tail, since=since, wanted=make if searched else None)
    return lines if searched else [made for made in map(make, lines) if made is not None]


def follow(
    place: Place,
    make: Callable[[RawLine], RawLine | None],
    *,
    units: Sequence[str] | None,
    since: float | None,
    cancel: threading.Event,
) -> Iterator[RawLine]:
    """Lines as they are written, until ``cancel`` is set; before them, with ``since``, those from then on.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the engine does not answer, or goes away.
    """
    with Engine() as engine:
        chosen = _chosen(place, engine.project(place.project), units)
        # The ends are taken first: what is written while the past is read belongs to what comes.
        marks = {id_: container_logs.end_of(engine, id_) for id_ in chosen}
        past: list[RawLine] = []
        if since is not None:
            past = container_logs.read_tail(engine, chosen, _MOST_PAST, since=since, wanted=make, marks=marks)
    following = Following(place.project, lambda container: _is_meant(container, units), marks)
    return _follow(following, make, past, cancel)


def _follow(
    following: Following, make: Callable[[RawLine], RawLine | None], past: list[RawLine], cancel: threading.Event
) -> Iterator[RawLine]:
    try:
        yield from past
        while not cancel.is_set():
            for unit, line in following.take(_PERIOD):
                made = make(RawLine(line.time, unit, line.text))
                if made is not None:
                    yield made
    finally:
        following.close()


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


def _is_meant(container: Container, units: Sequence[str] | None) -> bool:
    return units is None or container.service in units or f"{container.service}-{container.number}" in units
