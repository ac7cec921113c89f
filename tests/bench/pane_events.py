"""From what the engine says to what is painted: two hundred kills and starts, one after the other."""

from __future__ import annotations

import json
import re
import shutil
import time
from typing import TYPE_CHECKING, Any

from tests.bench.figures import Row, absolute
from tests.bench.pane_stage import WAITS, Stage
from tests.bench.watched import Watched, p95

if TYPE_CHECKING:
    from tests.bench.session import Session

BUDGET_MS = 250.0
UNIT = "airflow-scheduler"
_STATES = {"kill": re.compile(r"exited 137"), "start": re.compile(r"running|starting|unhealthy|healthy")}
_TOLD = {"kill": "die", "start": "start"}
_FLOOR = 20


def measure(session: Session) -> list[Row]:
    """The lag of each change, and beside it that of ``docker events`` in a terminal of its own."""
    with Stage(session) as stage:
        stage.start({UNIT: WAITS, "postgres": WAITS})
        with stage.dashboard() as watched:
            lags = [_change(stage, watched, verb) for _ in range(session.changes // 2) for verb in ("kill", "start")]
        floor = _floor(stage)
    note = f"docker events in a terminal: p95 {p95(floor):.0f} ms; greatest of ours {max(lags):.0f} ms"
    return [
        absolute(f"panes: engine event to painted, p95 of {len(lags)}", [p95(lags)], BUDGET_MS, "ms", note),
        absolute("panes: engine event to painted, median", lags, None, "ms"),
    ]


def _change(stage: Stage, watched: Watched, verb: str) -> float:
    """Milliseconds from the engine's own stamp of a change until it is on the screen."""
    since = time.time()
    getattr(stage.api, verb)(stage.containers[UNIT])
    seen = watched.until(lambda lines: any(UNIT in line and _STATES[verb].search(line) for line in lines))
    # With parts of a second, which docker-py passes on although it does not say so.
    span: dict[str, Any] = {"since": f"{since - 0.5:.6f}", "until": f"{time.time():.6f}"}
    wanted = {"container": stage.containers[UNIT], "event": _TOLD[verb]}
    told = [float(event["timeNano"]) / 1e9 for event in stage.api.events(**span, filters=wanted, decode=True)]
    return max(0.0, seen - told[-1]) * 1000


def _floor(stage: Stage) -> list[float]:
    docker = shutil.which("docker") or "docker"
    lags = []
    argv = [docker, "events", "--filter", f"container={stage.containers[UNIT]}", "--format", "{{json .}}"]
    with Watched(argv, stage.env, (4000, 4)) as watched:
        watched.rest(1.0, 1.0)
        for number in range(_FLOOR):
            verb = ("kill", "start")[number % 2]
            getattr(stage.api, verb)(stage.containers[UNIT])
            watched.until(lambda lines, told=_TOLD[verb]: any(f'"Action":"{told}"' in line for line in lines))  # type: ignore[misc]
            line = [line for line in watched.canvas.lines if f'"Action":"{_TOLD[verb]}"' in line][-1]
            lags.append((watched.at - json.loads(line)["timeNano"] / 1e9) * 1000)
            watched.canvas.feed(b"\x1b[2J\x1b[H")
    return lags
