"""Where runs of units began and ended, as lines of their log. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_turns import What
from airflow_wizard.engines.log_stamps import stamp_of
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.status.rules import how_it_ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from airflow_wizard.engines.container_turns import Turn

# What the supervisor of a stack without containers writes, to the second.
_SAID = re.compile(r"\[\S+\] ([\w-]+): (?:started, pid \d+|ended with (-?\d+))")
_KILLED = (-9, 137)
_SECOND = 0.99


def told(turn: Turn, unit: str) -> str:
    """A boundary in words."""
    return words(unit, turn.what, turn.code, oom=turn.oom)


def words(unit: str, what: What, code: int | None, *, oom: bool | None = None) -> str:
    """``scheduler started again, the last run was killed by signal 9``."""
    if what is What.REMOVED:
        return f"{unit} was removed"
    end = _end(code, oom=oom)
    if what is What.ENDED:
        return f"{unit} {end}"
    return f"{unit} started again" + ("" if code is None and not oom else f", the last run {end}")


def _end(code: int | None, *, oom: bool | None) -> str:
    if oom:
        return "ran out of memory and was killed"
    # Who listened would have heard of memory that ran out.
    return "was killed by signal 9" if code in _KILLED and oom is False else how_it_ended(code)


def supervised(lines: Iterable[LogLine], ended: dict[str, int]) -> Iterator[LogLine]:
    """Boundaries of units, from what their supervisor wrote.

    Args:
        lines: of the supervisor's log.
        ended: exit code of the last run of each unit; brought up to date.
    """
    for line in lines:
        match = _SAID.match(line.text)
        time = stamp_of(line.text) if match else None
        if match is None or time is None:
            continue
        unit = match[1]
        if match[2] is not None:
            ended[unit] = int(match[2])
            # The second is told, not its part: what was written in it comes before the end, and after the start.
            yield LogLine(time + _SECOND, unit, words(unit, What.ENDED, ended[unit]), BOUNDARY)
        elif unit in ended:
            yield LogLine(time, unit, words(unit, What.STARTED, ended.pop(unit)), BOUNDARY)


def between(lines: Sequence[LogLine], boundaries: Iterable[LogLine]) -> list[LogLine]:
    """Lines with the boundaries that fall behind the first of them, each where it happened."""
    first = next((line.time for line in lines if line.time is not None), None)
    if first is None:
        return list(lines)
    waiting = sorted((b for b in boundaries if b.time is not None and b.time > first), key=lambda b: b.time or 0.0)
    found: list[LogLine] = []
    for line in lines:
        while waiting and line.time is not None and (waiting[0].time or 0.0) < line.time:
            found.append(waiting.pop(0))
        found.append(line)
    return found + waiting
