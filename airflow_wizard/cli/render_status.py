"""A snapshot as a table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, Part, table
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from airflow_wizard.text import human_bytes, human_seconds, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_STACK = {
    StackState.RUNNING: ("●", Meaning.OK),
    StackState.DEGRADED: ("✖", Meaning.FAIL),
    StackState.STARTING: ("◐", Meaning.ACCENT),
    StackState.STOPPED: ("○", Meaning.DIM),
    StackState.UNKNOWN: ("○", Meaning.UNKNOWN),
}
_HEADER: tuple[Part, ...] = tuple(
    (word, Meaning.DIM)
    for word in ("", "component", "state", "health", "heartbeat", "restarts", "cpu", "memory", "since", "")
)
_NONE = "–"


def render(seen: Snapshot, *, now: float) -> list[Line]:
    """The stack's line, one row per component, and what happened lately."""
    glyph = _STACK[seen.state]
    lines: list[Line] = [(glyph, f" {seen.stack} ", (str(seen.state), Meaning.STRONG), f"  {seen.target}  {seen.url}")]
    if seen.units:
        rows: list[Sequence[Part]] = [_HEADER, *(_row(u, now) for u in seen.units)]
        lines += table(rows, right=frozenset({4, 5, 6, 7, 8}))
    if seen.airflow is not None and seen.airflow.metadatabase is not None:
        lines.append((f"metadata database: {seen.airflow.metadatabase.status}",))
    for when, unit, text in seen.events[-5:]:
        lines.append(((f"{human_seconds(max(0.0, now - when))} ago  {unit}  ", Meaning.DIM), one_line(text, limit=200)))
    if seen.error:
        lines.append((("○ ", Meaning.UNKNOWN), f"part of the picture is missing: {one_line(seen.error, limit=300)}"))
    return lines


def _row(unit: Unit, now: float) -> tuple[Part, ...]:
    return (
        _glyph(unit),
        unit.id,
        str(unit.state) if unit.exit_code is None else f"{unit.state} ({unit.exit_code})",
        str(unit.health),
        _NONE if unit.heartbeat_age is None else f"{human_seconds(unit.heartbeat_age)} ago",
        str(unit.restarts),
        _NONE if unit.cpu is None else f"{unit.cpu * 100:.1f} %",
        _NONE if unit.memory is None else human_bytes(unit.memory),
        _NONE if unit.since is None else human_seconds(max(0.0, now - unit.since)),
        one_line(unit.reason, limit=120),
    )


def _glyph(unit: Unit) -> tuple[str, Meaning]:
    if unit.health is Health.UNHEALTHY or (unit.state is UnitState.EXITED and unit.exit_code):
        return "✖", Meaning.FAIL
    if unit.state is UnitState.RESTARTING:
        return "▲", Meaning.WARN
    if unit.state is UnitState.STARTING or unit.health is Health.STARTING:
        return "◐", Meaning.ACCENT
    if unit.state in (UnitState.RUNNING, UnitState.DONE) and unit.health is not Health.UNKNOWN:
        return "●", Meaning.OK
    return "○", Meaning.DIM
