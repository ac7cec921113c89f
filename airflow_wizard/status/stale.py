"""What was seen of a stack before its engine went away: kept, and never taken for what is so now. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_wizard.status.kube_names import role_of
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState

if TYPE_CHECKING:
    from airflow_wizard.status.place import Place


def stale(last: Snapshot, *, now: float, error: str, retry_at: float) -> Snapshot:
    """The last picture that was seen, as one that cannot be seen now.

    Args:
        last: what was seen, or an earlier result of this function.
        now: unix seconds.
        error: why nothing is seen.
        retry_at: unix seconds of the next try.
    """
    return replace(
        last,
        state=StackState.UNKNOWN,
        units=tuple(unit if unit.stale else _stale_unit(unit) for unit in last.units),
        airflow=None,
        taken=now,
        error=error,
        reachable=False,
        seen=last.taken if last.seen is None else last.seen,
        retry_at=retry_at,
    )


def stopped(place: Place, now: float) -> Snapshot:
    """A stack whose whole cluster was stopped: nothing of it runs, and all of it comes back with the cluster."""
    units = tuple(
        Unit(name, role_of(name), UnitState.EXITED, Health.NONE, reason="the cluster's nodes are stopped")
        for name in place.expected
    )
    return Snapshot(place.stack, place.target, StackState.STOPPED, units, None, place.url, now)


def _stale_unit(unit: Unit) -> Unit:
    """What can have changed since is unknown; what it was called and made of has not."""
    return replace(
        unit,
        state=UnitState.UNKNOWN,
        health=Health.UNKNOWN,
        heartbeat_age=None,
        pid=None,
        processes=0,
        cpu=None,
        memory=None,
        reason="",
        stale=True,
        was=_words(unit),
    )


def _words(unit: Unit) -> str:
    if unit.state is UnitState.RUNNING and unit.health not in (Health.NONE, Health.UNKNOWN):
        return f"{unit.state}, {unit.health}"
    if unit.state is UnitState.EXITED and unit.exit_code is not None:
        return f"{unit.state} {unit.exit_code}"
    return str(unit.state)
