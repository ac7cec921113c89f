"""``--help`` and ``--version`` beside an interpreter that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import absolute, compared, interleave
from tests.bench.processes import PROGRAM, PYTHON, milliseconds

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.bench.session import Session

BUDGET_MS = 100.0


def measure(session: Session) -> list[Row]:
    env = session.env
    rows = []
    for flag in ("--help", "--version"):
        pairs = interleave(
            lambda flag=flag: milliseconds([PROGRAM, flag], env),  # type: ignore[misc]
            lambda: milliseconds([PYTHON, "-c", "pass"], env),
            session.pairs,
        )
        rows.append(absolute(flag, [p.ours for p in pairs], BUDGET_MS, "ms"))
        rows.append(compared(f"{flag} as a ratio", pairs, None, "ms", "python -c pass"))
    return rows
