"""From nothing to proven: ``airflow-wizard up`` beside ``airflow standalone`` by hand, both from a warm uv cache."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.bench import by_hand
from tests.bench.by_hand import Proved
from tests.bench.figures import Pair, compared
from tests.bench.processes import PROGRAM
from tests.bench.session import PROFILE

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.bench.session import Session

VERSION = "3.3.2"
BUDGET_PROCESSES = 0.6
_NOTE = "airflow standalone by hand"


def measure(session: Session) -> list[Row]:
    python = _python(session)
    warm = session.place / "warm"
    warm.mkdir()
    by_hand.install(session, warm, VERSION, python)
    shutil.rmtree(warm)
    pairs = []
    for _ in range(session.long_pairs):
        theirs = by_hand.run(session, VERSION, python)
        pairs.append((_ours(session), theirs))
    kept = pairs[1:] or pairs
    return [
        _row("to four heartbeats + login", [Pair(a.login, b.login) for a, b in kept], 1.0, "s"),
        _row("to a smoke log read back", [Pair(a.log, b.log) for a, b in kept], 1.0, "s"),
        _row("processes", [Pair(a.processes, b.processes) for a, b in kept], BUDGET_PROCESSES, ""),
        _row("memory (PSS)", [Pair(a.memory, b.memory) for a, b in kept], 1.0, "MiB"),
    ]


def _row(name: str, pairs: list[Pair], budget: float, unit: str) -> Row:
    return compared(f"standalone: {name}", pairs, budget, unit, _NOTE)


def _ours(session: Session) -> Proved:
    launch = session.launch()
    return Proved(launch.done["login"], launch.done["smoke-log"], *by_hand.settled(launch.supervisor))


def _python(session: Session) -> str:
    """The interpreter that ours chooses here, so that both sides run on the same one."""
    argv = [PROGRAM, "plan", "--profile", PROFILE, "--json"]
    shown = subprocess.run(argv, env=session.env, check=True, capture_output=True, text=True).stdout
    command: list[str] = next(s["command"] for s in json.loads(shown)["steps"] if s["id"] == "venv")
    return command[command.index("--python") + 1]
