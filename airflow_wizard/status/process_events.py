"""What happened to the processes of a stack between two looks at its supervisor. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.status.rules import how_it_ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.engines.supervised import ComponentState, SupervisorState

SUPERVISOR = "supervisor"


def changes(before: SupervisorState, after: SupervisorState, *, now: float) -> Iterator[tuple[float, str, str]]:
    """(unix seconds, unit, text), in the order of the components."""
    if before.running != after.running:
        yield now, SUPERVISOR, "started" if after.running else "ended"
    if not (before.running and after.running):
        return
    known = {component.name: component for component in before.components}
    for component in after.components:
        old = known.get(component.name)
        if old is not None:
            yield from _changes(old, component, now)


def _changes(old: ComponentState, new: ComponentState, now: float) -> Iterator[tuple[float, str, str]]:
    if old.pid is not None and new.pid != old.pid:
        # Where it runs again already, only the next start has a time.
        ended = new.since or now if new.pid is None else now
        yield min(ended, new.since or now), new.name, how_it_ended(new.exit_code)
    if new.pid is not None and new.pid != old.pid:
        yield new.since or now, new.name, "started"
