"""All host checks beside the slowest of their probes, both from the same process."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.bench.figures import Pair, absolute, compared
from tests.bench.processes import PYTHON

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.bench.session import Session

BUDGET = 1.3
BUDGET_SECONDS = 2.0
_CODE = """
import json, time
from airflow_wizard.workflows.checking import check_host
began = time.perf_counter()
facts = check_host(None).facts.facts
wall = time.perf_counter() - began
slowest = max(facts, key=lambda name: facts[name].seconds)
print(json.dumps([wall, facts[slowest].seconds, slowest]))
"""


def measure(session: Session) -> list[Row]:
    pairs, names = [], []
    for _ in range(session.pairs):
        ran = subprocess.run([PYTHON, "-c", _CODE], env=session.env, capture_output=True, text=True, check=True)
        wall, slowest, name = json.loads(ran.stdout)
        pairs.append(Pair(wall, slowest))
        names.append(name)
    kept = pairs[1:] or pairs
    return [
        compared("host checks", kept, BUDGET, "s", f"slowest probe: {', '.join(sorted(set(names[1:] or names)))}"),
        absolute("host checks, seconds", [p.ours for p in kept], BUDGET_SECONDS, "s"),
    ]
