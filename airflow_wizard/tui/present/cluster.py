"""What there is of a stack in a cluster beside its pods: jobs, claims, services, events. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.status.rows import Mood, short_seconds
from airflow_wizard.text import human_bytes, one_line
from airflow_wizard.tui.present.units import MOODS
from airflow_wizard.tui.spans import Line, Tone, dim, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.status.snapshot import Snapshot

EVENTS = 30
_NAME = 34
_JOBS = {"done": Mood.OK, "running": Mood.WORKING, "failed": Mood.FAIL}
_CLAIMS = {"Bound": Mood.OK, "Pending": Mood.WORKING, "Lost": Mood.FAIL}


def lines(picture: Snapshot) -> list[Line]:
    """All of it, under a heading each."""
    jobs = [
        _row(j.name, _JOBS.get(j.state, Mood.UNKNOWN), _ago(j.state, j.since, picture.taken, j.tries), j.reason)
        for j in picture.jobs
    ]
    claims = [
        _row(
            c.name,
            Mood.FAIL if c.state == "Pending" and c.reason and not c.reason.startswith("waits") else
            _CLAIMS.get(c.state, Mood.UNKNOWN),
            f"{c.state}  {'' if c.size is None else human_bytes(c.size)}  {c.storage}".rstrip(),
            c.reason,
        )
        for c in picture.claims
    ]  # fmt: skip
    services = [
        _row(
            s.name,
            Mood.WARN if s.reason else Mood.OK,
            "  ".join(part for part in (s.kind, s.address, s.outside) if part),
            s.reason,
        )
        for s in picture.services
    ]
    events: list[Line] = [
        (
            (f"  {short_seconds(picture.taken - at):>5} ago  ", Tone.DIM),
            span(unit),
            ("  ", Tone.PLAIN),
            span(text, Tone.DIM),
        )
        for at, unit, text in reversed(picture.events[-EVENTS:])
    ]
    return [
        *_part("Jobs", jobs, "none"),
        *_part("Claims", claims, "none"),
        *_part("Services", services, "none"),
        *_part("Events", events, "none was seen lately"),
    ]


def _part(title: str, rows: Sequence[Line], none: str) -> list[Line]:
    return [((title, Tone.STRONG),), *(rows or [dim(f"  {none}")]), ()]


def _row(name: str, how: Mood, words: str, reason: str) -> Line:
    tone = MOODS[how]
    shown, loud = one_line(name, limit=_NAME), how in (Mood.FAIL, Mood.WARN)
    air = (" " * (2 + _NAME - len(shown)), Tone.PLAIN)
    why: Line = (("  ", Tone.PLAIN), span(reason, tone if loud else Tone.DIM)) if reason else ()
    return ((f"  {how.glyph} ", tone), span(shown), air, (words, Tone.DIM), *why)


def _ago(state: str, since: float | None, now: float, tries: int) -> str:
    ago = "" if since is None else f"  {short_seconds(now - since)} ago"
    return f"{state}{ago}" + (f"  {tries} tries" if tries > 1 else "")
