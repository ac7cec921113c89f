"""What every key does, from the key table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.tui.keys import LOG, ROWS, Key, faces, table
from airflow_wizard.tui.spans import Line, Tone, line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SIGNS = (("●", Tone.OK, "good, done"), ("▲", Tone.WARN, "to know about"), ("✖", Tone.FAIL, "failed, must be solved"),
         ("◐", Tone.WORK, "working"), ("○", Tone.DIM, "unknown, or still to come"))  # fmt: skip
CELLS = 16


def lines(working: Collection[str]) -> list[Line]:
    """Keys that work on the screen that asked, then those of lists, then those that always work.

    Args:
        working: ids of bindings that act there.
    """
    keys = [key for name, key in table().items() if name in working]
    lists = {key.id for key in (*ROWS, *LOG)}
    here = [k for k in keys if not k.id.startswith("app.") and k.id not in lists]
    shown: list[Line] = []
    for title, group in (
        ("Here", here),
        ("In the list", [k for k in keys if k.id in lists]),
        ("Everywhere", [k for k in keys if k.id.startswith("app.")]),
    ):
        if group:
            shown += [((title, Tone.STRONG),), *_rows(group), ()]
    shown += [(("Signs", Tone.STRONG),)]
    shown += [line("  ", (f"{sign:<{CELLS}}", tone), words) for sign, tone, words in SIGNS]
    return shown


def _rows(keys: Iterable[Key]) -> list[Line]:
    return [line("  ", (f"{faces(key):<{CELLS}}", Tone.ACCENT), key.tooltip) for key in keys]
