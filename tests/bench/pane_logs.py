"""Twenty containers that write five thousand lines a second together: how late they are seen, and what it costs."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.figures import Row, absolute
from tests.bench.pane_stage import Stage, soon, writers
from tests.bench.processes import PYTHON, ROOT
from tests.bench.watched import Watched, p95

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.session import Session

UNITS, RATE = 20, 5_000
BUDGET_LAG_MS, BUDGET_KEY_MS, BUDGET_SHARE = 250.0, 50.0, 25.0
_STAMP = re.compile(r"\bt=(\d+\.\d{6})")
_DOWN, _UP = "\x1b[B", "\x1b[A"
_PRESS_EVERY = 0.37  # not in step with any timer of the program
_PEER_SECONDS = 15.0


@dataclass
class Flow:
    """What was seen of a stream of stamped lines.

    Attributes:
        lags: milliseconds from writing a line until it, or a later one, was on the screen.
        keys: milliseconds from a key until the screen had changed for it.
        share: per cent of a core.
        rate: bytes a second that were sent to the terminal.
    """

    lags: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    share: float = 0.0
    rate: float = 0.0


def measure(session: Session) -> list[Row]:
    """The app, then ``docker compose logs -f`` and a stock RichLog on the same containers."""
    with Stage(session) as stage:
        start = soon(8.0 + UNITS * 0.4)
        lasts = session.flood + 2 * (_PEER_SECONDS + 8.0) + 12.0
        stage.start(writers(UNITS, RATE, start=start, seconds=lasts))
        with stage.dashboard() as watched:
            watched.spend(max(0.0, start + 4.0 - time.time()))
            ours = flow(watched, session.flood, keys=True)
            watched.leave()
        compose = [shutil.which("docker") or "docker", "compose", "--project-name", stage.name, "logs", "--follow"]
        compose += ["--tail", "10"]
        theirs = _peer(stage, compose)
        rich = _peer(stage, [PYTHON, str(ROOT / "tests" / "bench" / "rich_log.py"), *compose])
    return [
        Row(
            f"panes: {RATE:,} lines/s from {UNITS} for {session.flood} s, lag p95",
            p95(ours.lags), p95(theirs.lags), (p95(ours.lags),) * 3, BUDGET_LAG_MS, "ms",
            "docker compose logs -f to a terminal", judged="ms",
        ),
        _told("panes: the same, lag p95", p95(ours.lags), p95(rich.lags), "ms", "a stock RichLog"),
        absolute("panes: the same, key to painted, p95", [p95(ours.keys)], BUDGET_KEY_MS, "ms"),
        Row(
            "panes: the same, share of a core", ours.share, theirs.share, (ours.share,) * 3, BUDGET_SHARE, "%",
            "docker compose logs -f to a terminal", judged="%",
        ),
        _told("panes: the same, share of a core", ours.share, rich.share, "%", "a stock RichLog"),
        _told("panes: the same, sent to the terminal", ours.rate / 1024, theirs.rate / 1024, "KiB/s", "compose logs"),
    ]  # fmt: skip


def _told(name: str, ours: float, other: float, unit: str, note: str) -> Row:
    return Row(name, ours, other, (ours / other if other else 0.0,) * 3, None, unit, note)


def _peer(stage: Stage, argv: Sequence[str]) -> Flow:
    with Watched(argv, stage.env) as watched:
        watched.until(lambda lines: any(_STAMP.search(line) for line in lines))
        watched.spend(3.0)
        return flow(watched, _PEER_SECONDS)


def flow(watched: Watched, seconds: float, *, keys: bool = False) -> Flow:
    """Look at a stream for a while; with ``keys`` the selection is moved meanwhile."""
    found, newest = Flow(), 0.0
    before, sent, began = watched.cpu(), watched.bytes, time.time()
    pressed, marker, down = 0.0, _marker(watched.canvas.lines), True
    next_press = began + _PRESS_EVERY
    while (now := time.time()) < began + seconds:
        if keys and not pressed and now >= next_press:
            pressed = watched.press(_DOWN if down else _UP)
        if not watched.read(min(0.02, began + seconds - now)):
            continue
        lines = watched.canvas.lines
        last = max((float(stamp) for line in lines for stamp in _STAMP.findall(line)), default=0.0)
        if last > newest:
            # Lines come evenly: those since the last look are as late as their place between the two says.
            if newest:
                found.lags += [(watched.at - newest - (last - newest) * part / 10) * 1000 for part in range(1, 11)]
            newest = last
        if pressed and (moved := _marker(lines)) != marker:
            found.keys.append((watched.at - pressed) * 1000)
            pressed, marker, down, next_press = 0.0, moved, not down, now + _PRESS_EVERY
    found.share = (watched.cpu() - before) / (time.time() - began) * 100
    found.rate = (watched.bytes - sent) / (time.time() - began)
    if not found.lags:
        raise RuntimeError(f"no lines were seen on\n{watched.canvas.text}")
    return found


def _marker(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if line.lstrip().startswith("❯")), -1)
