"""The command log as rows. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airflow_wizard.tui.spans import Line, Tone, dim, span
from airflow_wizard.tui.widgets.rows import Column, LazyRows, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_wizard.run.command_history import PastCommand

COLUMNS = (Column(1), Column(15), Column(24, flex=1), Column(9, right=True), Column(8, right=True))


def rows(listed: Sequence[PastCommand]) -> LazyRows:
    """Newest first; the key is the number of the command in ``listed``."""
    numbers = range(len(listed) - 1, -1, -1)

    def make(place: int) -> Row:
        number = numbers[place]
        return Row(str(number), _cells(listed[number]))

    return LazyRows([str(number) for number in numbers], make)


def _cells(command: PastCommand) -> tuple[Line, ...]:
    sign, tone, how = _end(command)
    return (
        ((sign, tone),),
        dim(_when(command.began)),
        (span(command.command),),
        dim(command.took or "–"),
        ((how, tone),),
    )


def _end(command: PastCommand) -> tuple[str, Tone, str]:
    if command.exit_code is None:
        return "○", Tone.UNKNOWN, "no end"
    return ("●", Tone.OK, "exit 0") if command.exit_code == 0 else ("✖", Tone.FAIL, f"exit {command.exit_code}")


def _when(began: float) -> str:
    return datetime.fromtimestamp(began).strftime("%d %b %H:%M:%S")  # noqa: DTZ006 - the person's own clock


def said(listed: Sequence[PastCommand]) -> tuple[tuple[str, Tone] | str, ...]:
    """How many there are, and how many failed."""
    if not listed:
        return (("○ ", Tone.DIM), "nothing was run for this stack yet")
    bad = sum(bool(command.exit_code) for command in listed)
    count = f"{len(listed)} commands"
    return (("▲ ", Tone.WARN), f"{count}, {bad} ended with an error") if bad else (("● ", Tone.OK), count)


def whole(command: PastCommand) -> list[Line]:
    """All that is known of one."""
    _, tone, how = _end(command)
    lines: list[Line] = [(("$ ", Tone.DIM), span(part, Tone.ACCENT)) for part in (command.command.splitlines() or [""])]
    lines += [(), (("in ", Tone.DIM), span(command.folder))]
    lines += [
        ((_when(command.began), Tone.PLAIN), ("   took ", Tone.DIM), span(command.took or "–"), (f"   {how}", tone)),
        (),
    ]
    if command.exit_code is None:
        return [*lines, dim("How it ended was never written down: it runs, or the wizard was killed.")]
    if not command.said:
        return [*lines, dim("It wrote nothing, or nothing of it was kept.")]
    return [*lines, (("Its last lines", Tone.STRONG),), *((("  ", Tone.PLAIN), span(text)) for text in command.said)]
