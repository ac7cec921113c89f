"""A dashboard on which nothing happens: what it costs, whether it grows, and how quickly one leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import Row, absolute
from tests.bench.pane_stage import WAITS, Stage
from tests.bench.processes import PYTHON, ROOT
from tests.bench.watched import Watched, share
from tests.e2e.compose.proxy import EngineProxy

if TYPE_CHECKING:
    from tests.bench.session import Session

STREAMS = 20
BUDGET_SHARE, BUDGET_CALLS, BUDGET_GROWTH, BUDGET_QUIT = 1.0, 1.0, 5.0, 0.3
_SETTLE = 10.0


def measure(session: Session) -> list[Row]:
    """Twenty containers that wait, each with a stream of its log."""
    with Stage(session) as stage, EngineProxy(stage.home / "docker.sock") as door:
        stage.start({f"unit-{number:02}": WAITS for number in range(STREAMS)})
        seconds = session.soak * 60
        with stage.dashboard(host=door.host) as watched:
            watched.spend(_SETTLE)
            asked, memory = len(door.asked), watched.memory()
            taken = share(watched, seconds, watched.spend)
            calls = (len(door.asked) - asked) / seconds
            growth = (watched.memory() / memory - 1) * 100
            quits = [watched.leave()]
        with stage.dashboard(host=door.host) as watched:
            watched.spend(1.0)
            door.hang()
            watched.spend(3.0)
            hung = watched.leave()
        with stage.dashboard() as watched:
            quits.append(watched.leave())
    label = _label(session)
    name = f"panes: idle for {session.soak:g} min, {STREAMS} containers"
    return [
        absolute(f"{name}: share of a core", [taken], BUDGET_SHARE, "%"),
        absolute(f"{name}: questions to the engine", [calls], BUDGET_CALLS, "/s"),
        absolute(f"{name}: growth of memory", [growth], BUDGET_GROWTH, "%", f"from {memory:.0f} MiB"),
        _quit(f"panes: quit with {STREAMS} streams open", max(quits), label),
        _quit("panes: quit with an engine that hangs", hung, label),
    ]


def _quit(name: str, ours: float, label: float) -> Row:
    return Row(name, ours, label, (ours,) * 3, BUDGET_QUIT, "s", "a Textual app with one label", judged="s")


def _label(session: Session) -> float:
    """Seconds that Textual and Python themselves take to end."""
    with Watched([PYTHON, str(ROOT / "tests" / "bench" / "one_label.py")], session.env) as watched:
        watched.until(lambda lines: any("one label" in line for line in lines))
        watched.rest()
        return watched.leave("\x11")
