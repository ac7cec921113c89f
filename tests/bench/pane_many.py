"""Many units: what a change of one of fifty containers costs the engine, and five thousand rows in the same pane."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.figures import Row, absolute
from tests.bench.pane_stage import WAITS, Stage
from tests.bench.processes import PYTHON, ROOT
from tests.bench.watched import Watched, p95
from tests.e2e.compose.proxy import EngineProxy

if TYPE_CHECKING:
    from tests.bench.session import Session

CONTAINERS, CHANGES, ROWS, FEW = 50, 10, 5_000, 30
EVENTS = 2  # of a kill: `kill` and `die`
BUDGET_LISTS, BUDGET_FIRST, BUDGET_MS, BUDGET_MIB = 1.0, 1.0, 50.0, 150.0
_LIST = "GET /containers/json"
_GAP = 1.0
_PAGE_DOWN, _PAGE_UP = "\x1b[6~", "\x1b[5~"
_BACKSPACE = "\x7f"
_POD = re.compile(r"\bpod-\d{5}\b")


def measure(session: Session) -> list[Row]:
    """Both."""
    return [*_containers(session), *_rows(session)]


def _containers(session: Session) -> list[Row]:
    with Stage(session) as stage, EngineProxy(stage.home / "docker.sock") as door:
        stage.start({f"unit-{number:02}": WAITS for number in range(CONTAINERS)})
        with stage.dashboard(host=door.host) as watched:
            watched.rest(0.5, 20.0)
            idle = _lists(watched, door, CHANGES * _GAP)
            before = door.count(_LIST)
            began = time.time()
            for number in range(CHANGES):
                # Told by the engine as one change: nobody asked it for it.
                stage.api.kill(stage.containers[f"unit-{number:02}"], signal="KILL")
                watched.spend(_GAP)
            asked = door.count(_LIST) - before - idle * (time.time() - began)
    name, note = f"panes: {CONTAINERS} containers, lists per event", f"{idle:.2f} a second of idling are not counted"
    return [absolute(name, [asked / CHANGES / EVENTS], BUDGET_LISTS, "", note)]


def _lists(watched: Watched, door: EngineProxy, seconds: float) -> float:
    before = door.count(_LIST)
    watched.spend(seconds)
    return (door.count(_LIST) - before) / seconds


def _first(lines: list[str]) -> str:
    return next((found[0] for line in lines if (found := _POD.search(line))), "")


@dataclass(frozen=True, slots=True)
class Rows:
    """Seconds to the first rows, p95 in ms of scrolling and of filtering, MiB."""

    first: float
    scroll: float
    filter: float
    memory: float


def _rows(session: Session) -> list[Row]:
    ours, few = (_shown(session, count) for count in (ROWS, FEW))
    name, note = f"panes: {ROWS:,} units", f"the same with {FEW} units"

    def row(what: str, value: float, other: float, budget: float, unit: str) -> Row:
        return Row(f"{name}, {what}", value, other, (value,) * 3, budget, unit, note, judged=unit)

    return [
        row("start of the program to first rows", ours.first, few.first, BUDGET_FIRST, "s"),
        row("scroll, p95", ours.scroll, few.scroll, BUDGET_MS, "ms"),
        row("filter, p95", ours.filter, few.filter, BUDGET_MS, "ms"),
        row("memory", ours.memory, few.memory, BUDGET_MIB, "MiB"),
    ]


def _shown(session: Session, count: int) -> Rows:
    argv = [PYTHON, str(ROOT / "tests" / "bench" / "many_rows.py"), str(count)]
    with Watched(argv, session.env) as watched:
        first = watched.until(lambda lines: bool(_first(lines))) - watched.started
        watched.rest(0.5)
        # One page to begin with: only the selection moves, to the end of what is seen.
        _until_other(watched, _PAGE_DOWN)
        scrolls = [_until_other(watched, key) for key in [_PAGE_DOWN, _PAGE_UP] * 10]
        watched.press("/")
        watched.rest()
        filters = [_until_other(watched, key) for key in ["2", _BACKSPACE, "1", _BACKSPACE] * 3]
        return Rows(first, p95(scrolls), p95(filters), watched.memory())


def _until_other(watched: Watched, key: str) -> float:
    """Milliseconds from a key until other units are seen or another one is selected."""

    def seen(lines: list[str]) -> object:
        return _first(lines), next((number for number, line in enumerate(lines) if line.lstrip().startswith("❯")), -1)

    before = seen(watched.canvas.lines)
    pressed = watched.press(key)
    at = watched.until(lambda lines: bool(_first(lines)) and seen(lines) != before, 5.0)
    watched.rest(0.1, 1.0)
    return (at - pressed) * 1000
