"""What a launch costs over the commands it runs: everything that is neither a command nor waiting for Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import Pair, Row, spread

if TYPE_CHECKING:
    from tests.bench.session import Launch, Session

BUDGET_PERCENT = 2.0
# Airflow's own time: starting, beating, parsing, running. Nothing of it is spared by typing the commands.
_AIRFLOW = ("start", "identity", "heartbeats", "login", "dags-folder", "smoke-run", "smoke-log")
_COMMANDS = ("venv", "install", "migrate", "admin")


def measure(session: Session) -> list[Row]:
    session.running()
    kept = session.launches[1:] or session.launches
    steps = [Pair(_own_steps(launch), launch.seconds) for launch in kept]
    before = [Pair(launch.seconds - sum(_ledger(launch).values()), launch.seconds) for launch in kept]
    return [
        _share("launch overhead: our own steps", steps, BUDGET_PERCENT),
        _share("launch overhead: host checks, program", before, None),
    ]


def _own_steps(launch: Launch) -> float:
    return sum(seconds for step, seconds in _ledger(launch).items() if step not in (*_AIRFLOW, *_COMMANDS))


def _ledger(launch: Launch) -> dict[str, float]:
    return {str(step): float(seconds) for step, seconds in launch.last["ledger"].items()}


def _share(name: str, pairs: list[Pair], budget: float | None) -> Row:
    ours, whole = (spread(side)[1] for side in ([p.ours for p in pairs], [p.other for p in pairs]))
    return Row(name, ours, whole, spread(p.ratio * 100 for p in pairs), budget, "s", "the whole launch", judged="%")
