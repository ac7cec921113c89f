"""What the log pane says about itself. Pure."""

from __future__ import annotations

from airflow_wizard.tui.spans import Line, Tone, span


def title(units: frozenset[str], words: str, *, following: bool, lost: int) -> Line:
    """What the log pane shows at the moment."""
    parts: Line = (("  ", Tone.PLAIN), ("Logs", Tone.DIM), ("   ", Tone.PLAIN))
    parts += (span(", ".join(sorted(units)) or "all units"),)
    if words:
        parts += (("   with ", Tone.DIM), span(words, Tone.ACCENT))
    parts += (("   following" if following else "   held", Tone.DIM if following else Tone.WARN),)
    if lost:
        parts += ((f"   {lost} older lines dropped", Tone.DIM),)
    return parts
