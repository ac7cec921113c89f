"""What the supervisor of a standalone stack costs while nothing happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

from tests.bench.figures import absolute

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.bench.session import Session

BUDGET_PERCENT = 1.0
_SECONDS = 10.0


def measure(session: Session) -> list[Row]:
    supervisor = psutil.Process(session.running().supervisor)
    before, began = supervisor.cpu_times(), time.perf_counter()
    time.sleep(_SECONDS)
    after, wall = supervisor.cpu_times(), time.perf_counter() - began
    used = after.user + after.system - before.user - before.system
    return [absolute("idle supervisor, share of a core", [max(used, 0.0) / wall * 100], BUDGET_PERCENT, "%")]
