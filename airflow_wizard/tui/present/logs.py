"""What the log pane says about itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_wizard.tui.spans import Line, Tone, span


@dataclass(frozen=True, slots=True)
class LogState:
    """What there is to say.

    Attributes:
        units: whose lines are shown; empty for all.
        words: what is looked for.
        wrong: why the words are no regular expression.
        match: which of the matches is selected, from 1; 0 for none of them.
        hits: how many lines match.
        lines: how many there are of these units.
        only: only matches are shown.
        following: the newest line stays in sight.
        skipped: lines that came and were never read.
        left: lines that were here and made room.
        searching: not everything has been looked through.
        note: what else is to be known at the moment.
    """

    units: frozenset[str] = frozenset()
    words: str = ""
    wrong: str = ""
    match: int = 0
    hits: int = 0
    lines: int = 0
    only: bool = True
    following: bool = True
    skipped: int = 0
    left: int = 0
    searching: bool = False
    note: str = ""


def title(state: LogState) -> Line:
    """What the log pane shows at the moment."""
    parts: Line = (("  ", Tone.PLAIN), ("Logs", Tone.DIM), ("   ", Tone.PLAIN))
    parts += (span(", ".join(sorted(state.units)) or "all units"),)
    if state.words:
        parts += (("   ", Tone.DIM), *found(state), (" with ", Tone.DIM), span(state.words, Tone.ACCENT))
        parts += () if state.only else (("  marked", Tone.DIM),)
    parts += (("   following", Tone.DIM) if state.following else ("   held, f follows", Tone.WARN),)
    if state.wrong:
        parts += (
            ("   no regular expression: ", Tone.WARN),
            span(state.wrong, Tone.WARN),
            ("; taken as it is", Tone.DIM),
        )
    if state.note:
        parts += (("   ▲ ", Tone.WARN), span(state.note, Tone.WARN))
    if state.skipped:
        parts += ((f"   {state.skipped:,} came too fast to be kept", Tone.WARN),)
    if state.left:
        parts += ((f"   {state.left:,} older ones made room", Tone.DIM),)
    return parts


def found(state: LogState) -> Line:
    """``3 of 120``, or how many match."""
    more = "+" if state.searching else ""
    number = f"{state.hits:,}{more}"
    if state.match:
        return ((f"{state.match:,} of {number}", Tone.STRONG),)
    return ((number, Tone.STRONG), (f" of {state.lines:,}", Tone.DIM))
