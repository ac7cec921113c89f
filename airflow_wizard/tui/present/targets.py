"""Ranked targets as rows and as an explanation. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.targets.model import Fit, Verdict
from airflow_wizard.text import human_bytes
from airflow_wizard.tui.spans import Line, Tone, dim, line, span
from airflow_wizard.tui.widgets.rows import Column, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    Column(1),
    Column(18),
    Column(16, flex=1),
    Column(7, right=True, above=68),  # the words of a fit say both already, and must not be cut for them
    Column(7, right=True, above=76),
)

_WORDS = {
    Verdict.FITS: ("●", "fits", Tone.OK),
    Verdict.NEEDS: ("▲", "needs", Tone.WARN),
    Verdict.CANNOT: ("✖", "cannot", Tone.FAIL),
    Verdict.UNKNOWN: ("○", "unknown", Tone.UNKNOWN),
}


def row(fit: Fit) -> Row:
    """One target: verdict, reason, time and memory."""
    glyph, word, tone = _WORDS[fit.verdict]
    minutes = "" if fit.minutes is None else _minutes(fit.minutes)
    memory = "" if fit.memory is None else human_bytes(fit.memory)
    return Row(
        str(fit.target),
        (
            ((glyph, tone),),
            line(span(fit.title)),
            ((word, tone), (" ", tone), span(fit.reason, Tone.DIM)),
            dim(minutes),
            dim(memory),
        ),
    )


def _minutes(minutes: float) -> str:
    return f"~{minutes * 60:.0f} s" if minutes < 1 else f"~{minutes:.0f} min"


def explanation(fit: Fit) -> list[Line]:
    """What one gets, what it costs, and what is in the way."""
    _, word, tone = _WORDS[fit.verdict]
    lines: list[Line] = [(span(fit.about),), ()]
    lines.append(((f"{word}: " if fit.reason else word, tone), span(fit.reason)))
    if fit.minutes is not None:
        lines.append((("first launch  ", Tone.DIM), (_minutes(fit.minutes), Tone.PLAIN)))
    if fit.memory is not None:
        lines.append((("memory        ", Tone.DIM), (human_bytes(fit.memory), Tone.PLAIN)))
    return lines


def best(fits: Sequence[Fit]) -> str:
    """Where the cursor begins: the first that fits."""
    fitting = [f for f in fits if f.verdict is Verdict.FITS] or list(fits)
    return str(fitting[0].target) if fitting else ""
