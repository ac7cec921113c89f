"""A snapshot as a table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.cli.style import Line, Meaning, Part, table
from airflow_wizard.status.rows import COLUMNS, Mood, Row, rows, stack_mood
from airflow_wizard.text import human_seconds, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_wizard.status.snapshot import Snapshot

_MEANINGS = {
    Mood.OK: Meaning.OK,
    Mood.WORKING: Meaning.ACCENT,
    Mood.WARN: Meaning.WARN,
    Mood.FAIL: Meaning.FAIL,
    Mood.IDLE: Meaning.DIM,
    Mood.UNKNOWN: Meaning.UNKNOWN,
}


def render(seen: Snapshot, *, now: float) -> list[Line]:
    """The stack's line, one row per component, and what happened lately."""
    state = (str(seen.state), Meaning.STRONG)
    lines: list[Line] = [(_sign(stack_mood(seen.state)), f" {seen.stack} ", state, f"  {seen.target}  {seen.url}")]
    if seen.units:
        header: tuple[Part, ...] = (("", Meaning.DIM), *((column.title, Meaning.DIM) for column in COLUMNS))
        body: list[Sequence[Part]] = [(_sign(row.mood), *_cells(row)) for row in rows(seen, now=now)]
        right = frozenset(place for place, column in enumerate(COLUMNS, 1) if column.right)
        lines += table([header, *body], right=right)
    if seen.airflow is not None and seen.airflow.metadatabase is not None:
        lines.append((f"metadata database: {seen.airflow.metadatabase.status}",))
    lines += _beside(seen)
    for when, unit, text in seen.events[-5:]:
        lines.append(((f"{human_seconds(max(0.0, now - when))} ago  {unit}  ", Meaning.DIM), one_line(text, limit=200)))
    if seen.seen is not None:
        again = "" if seen.retry_at is None else f"; asked again in {max(0.0, seen.retry_at - now):.1f} s"
        words = f"as it was {human_seconds(max(0.0, now - seen.seen))} ago{again}"
        lines.append((("○ ", Meaning.UNKNOWN), f"stale: {words}"))
    if seen.error:
        lines.append((("○ ", Meaning.UNKNOWN), f"part of the picture is missing: {one_line(seen.error, limit=300)}"))
    return lines


def _beside(seen: Snapshot) -> Iterator[Line]:
    """What is wrong in a cluster beside its pods."""
    claims = ((f"claim {c.name}", c.state, c.reason) for c in seen.claims if c.state != "Bound")
    jobs = ((f"job {j.name}", j.state, j.reason) for j in seen.jobs if j.state == "failed")
    services = ((f"service {s.name}", s.kind, s.reason) for s in seen.services if s.reason)
    for name, state, reason in (*jobs, *claims, *services):
        why = f": {one_line(reason, limit=200)}" if reason else ""
        yield (_sign(Mood.WARN), f" {one_line(name, limit=100)} ", (state, Meaning.WARN), why)


def _cells(row: Row) -> Iterator[Part]:
    """The cells; what is close to its limit has a sign before it."""
    close = {"cpu": row.cpu_mood, "memory": row.memory_mood}
    for column, cell in zip(COLUMNS, row.cells(), strict=True):
        mood = close.get(column.key, Mood.OK)
        yield cell if mood is Mood.OK else (f"{mood.glyph} {cell}", _MEANINGS[mood])


def _sign(mood: Mood) -> Part:
    return (mood.glyph, _MEANINGS[mood])
