"""The statistics of a measurement, and the order in which two sides are measured. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one pair, measured right after each other."""

    ours: float
    other: float

    @property
    def ratio(self) -> float:
        return self.ours / self.other if self.other else float("inf")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: what was measured.
        ours: median of our side.
        other: median of the other side; None when only an absolute value is judged.
        spread: least, median and greatest of what is judged: the ratio, or the value itself.
        budget: the most that is within; None when the value is only told.
        unit: of both sides.
        note: what the other side is.
        judged: unit of the spread and the budget, where it is not the ratio or that of the value itself.
    """

    name: str
    ours: float
    other: float | None
    spread: tuple[float, float, float]
    budget: float | None
    unit: str
    note: str = ""
    judged: str = ""

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return "told"
        return "within" if self.spread[1] <= self.budget else "OVER"


def interleave(ours: Callable[[], float], other: Callable[[], float], pairs: int) -> list[Pair]:
    """Measures A B A B …; the first pair pays for cold caches and is dropped, unless it is the only one."""
    measured = [Pair(ours(), other()) for _ in range(pairs)]
    return measured[1:] if len(measured) > 1 else measured


def spread(values: Iterable[float]) -> tuple[float, float, float]:
    """Least, median, greatest.

    Raises:
        ValueError: there is no value.
    """
    known = sorted(values)
    if not known:
        raise ValueError("nothing was measured")
    return known[0], statistics.median(known), known[-1]


def compared(name: str, pairs: Sequence[Pair], budget: float | None, unit: str, note: str = "") -> Row:
    """A row judged by the ratio of the two sides, pair by pair."""
    return Row(
        name,
        spread(p.ours for p in pairs)[1],
        spread(p.other for p in pairs)[1],
        spread(p.ratio for p in pairs),
        budget,
        unit,
        note,
    )


def absolute(name: str, values: Sequence[float], budget: float | None, unit: str, note: str = "") -> Row:
    """A row judged by the value itself."""
    known = spread(values)
    return Row(name, known[1], None, known, budget, unit, note)


_HEADS = ("", "ours", "other", "ratio or value: min / median / max", "budget", "verdict", "beside")


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of text, columns aligned."""
    cells = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADS))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cells(row: Row) -> tuple[str, ...]:
    judged = row.judged or ("x" if row.other is not None else row.unit)
    return (
        row.name,
        _number(row.ours, row.unit),
        "" if row.other is None else _number(row.other, row.unit),
        " / ".join(_number(value, judged) for value in row.spread),
        "" if row.budget is None else f"≤ {_number(row.budget, judged)}",
        row.verdict,
        row.note,
    )


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f}x"
    shown = f"{round(value, 6):.4g}"
    return f"{shown} {unit}" if unit else shown
