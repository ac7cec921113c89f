"""``make bench``: every measurement beside its peer, in one run, as ratios.

``ONLY=name`` in the environment, or names as arguments, run some of them; ``--pairs N`` and ``--long-pairs N`` say
how often. Ends with 1 when something is over its budget.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.bench import (
    checks,
    compose,
    idle,
    kube_launch,
    kube_panes,
    overhead,
    paint,
    pane_events,
    pane_exact,
    pane_idle,
    pane_logs,
    pane_many,
    standalone,
    start,
)
from tests.bench.figures import Row, table
from tests.bench.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# In this order: standalone, overhead and idle share the stack that the first of them launches.
MEASUREMENTS: dict[str, Callable[[Session], list[Row]]] = {
    "start": start.measure,
    "paint": paint.measure,
    "checks": checks.measure,
    "standalone": standalone.measure,
    "overhead": overhead.measure,
    "idle": idle.measure,
    "compose": compose.measure,
    "pane-events": pane_events.measure,
    "pane-logs": pane_logs.measure,
    "pane-exact": pane_exact.measure,
    "pane-many": pane_many.measure,
    "pane-idle": pane_idle.measure,
    "kube-launch": kube_launch.measure,
    "kube-panes": kube_panes.measure,
}
GROUPS = {"panes": [name for name in MEASUREMENTS if name.startswith("pane-")]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    # No choices=: argparse does not accept an empty list of them before Python 3.12.
    parser.add_argument("only", nargs="*", help=", ".join([*MEASUREMENTS, *GROUPS]))
    parser.add_argument("--pairs", type=int, default=10, help="of quick measurements (default 10)")
    parser.add_argument("--long-pairs", type=int, default=1, help="of whole launches (default 1)")
    parser.add_argument("--changes", type=int, default=200, help="of a container that are waited for (default 200)")
    parser.add_argument("--flood", type=int, default=60, help="seconds of 5,000 log lines each (default 60)")
    parser.add_argument("--soak", type=float, default=2.0, help="minutes of an idle dashboard (default 2; 30 by hand)")
    args = parser.parse_args()
    asked = [*args.only, *os.environ.get("ONLY", "").replace(",", " ").split()] or list(MEASUREMENTS)
    names = {name for one in asked for name in GROUPS.get(one, [one])}
    unknown = names - set(MEASUREMENTS)
    if unknown:
        known = ", ".join([*MEASUREMENTS, *GROUPS])
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {known}")
    signal.signal(signal.SIGTERM, _interrupt)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wizard-bench-", ignore_cleanup_errors=True) as place:
        session = Session(
            Path(place).resolve(),
            max(args.pairs, 1),
            max(args.long_pairs, 1),
            changes=max(args.changes, 2),
            flood=max(args.flood, 5),
            soak=max(args.soak, 0.1),
        )
        try:
            for name, measure in MEASUREMENTS.items():
                if name in names:
                    sys.stderr.write(f"  measuring {name} …\n")
                    rows += _measured(name, measure, session)
        except KeyboardInterrupt:
            sys.stderr.write("  interrupted; what was measured so far:\n")
        finally:
            session.destroy()
    sys.stdout.write("\n".join(table(rows)) + "\n" if rows else "")
    return 1 if any(row.verdict == "OVER" for row in rows) else 0


def _measured(name: str, measure: Callable[[Session], list[Row]], session: Session) -> list[Row]:
    """The rows of one measurement; one that cannot be made is said, and does not take the others along."""
    try:
        return measure(session)
    except (RuntimeError, subprocess.CalledProcessError, psutil.NoSuchProcess) as error:
        sys.stderr.write(f"  {name} could not be measured: {error}\n")
        return [Row(f"{name}: not measured", math.nan, None, (math.nan, math.nan, math.nan), 0.0, "")]


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
