"""No line lost, none doubled: over a connection that is cut, over a restart, and in a burst with what was dropped."""

from __future__ import annotations

import re
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.bench.figures import Row, absolute
from tests.bench.pane_logs import BUDGET_KEY_MS, RATE, UNITS, flow
from tests.bench.pane_stage import Stage, soon, writers
from tests.bench.processes import PROGRAM, await_true
from tests.bench.watched import p95
from tests.e2e.compose.proxy import EngineProxy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.bench.session import Session
    from tests.bench.watched import Watched

SECONDS = 24.0
BURST_UNITS, BURST_RATE, BURST_SECONDS = 5, 50_000, 4.0
_LINE = re.compile(r"\b(writer-\d+)\b.*?\br=([\d.]+) n=(\d+)\b")
_TOO_FAST = re.compile(r"([\d,]+) came too fast")
_LEFT = re.compile(r"([\d,]+) older ones? made room")
Line = tuple[str, str, int]


def measure(session: Session) -> list[Row]:
    """Both; a line is known by its unit, the run of it and its number."""
    return [*_steady(session), *_burst(session)]


def lines_of(texts: Iterable[str], unit: str = "") -> list[Line]:
    """The numbered lines among others."""
    found = (_LINE.search(f"{unit} {text}" if unit else text) for text in texts)
    return [(one[1], one[2], int(one[3])) for one in found if one]


def wrong(found: Iterable[Line], expected: Iterable[Line]) -> tuple[int, int]:
    """How many are lost, and how many are there more often than they were written."""
    seen, written = Counter(found), Counter(expected)
    return (written - seen).total(), (seen - written).total()


def gaps(found: Iterable[Line]) -> tuple[int, int]:
    """Lost and doubled between the first and the last line of each run, where the beginning is not known."""
    runs: dict[tuple[str, str], list[int]] = {}
    for unit, run, number in found:
        runs.setdefault((unit, run), []).append(number)
    lost = sum(max(run) - min(run) + 1 - len(set(run)) for run in runs.values())
    return lost, sum(len(run) - len(set(run)) for run in runs.values())


def _steady(session: Session) -> list[Row]:
    with Stage(session) as stage, EngineProxy(stage.home / "docker.sock") as door:
        start = soon(8.0 + UNITS * 0.4)
        stage.start(writers(UNITS, RATE, start=start, seconds=SECONDS), restart="unless-stopped")
        env = stage.env | {"DOCKER_HOST": door.host}
        out = stage.home / "followed.jsonl"
        with out.open("wb") as to, stage.dashboard(host=door.host) as watched:
            argv = [PROGRAM, "logs", stage.name, "--follow", "--json"]
            followed = subprocess.Popen(argv, env=env, stdout=to, stderr=subprocess.DEVNULL)
            try:
                watched.spend(start + SECONDS / 3 - time.time())
                door.cut()
                watched.spend(SECONDS / 3)
                stage.api.restart(stage.containers["writer-07"], timeout=0)
                watched.spend(start + SECONDS + 6.0 - time.time())
                watched.rest(1.0, 20.0)
                dropped, _ = _told(watched)
                saved = _saved(watched, stage.home)
            finally:
                followed.terminate()
                followed.wait()
        written = [
            line
            for unit, container in stage.containers.items()
            for line in lines_of(stage.api.logs(container).decode(errors="replace").splitlines(), unit)
        ]
        lost, doubled = wrong(lines_of(out.read_text(errors="replace").splitlines()), written)
    name = f"{len(written):,} lines, a cut and a restart"
    rows = [
        absolute(f"logs --follow: {name}: lost", [lost], 0.0, "lines"),
        absolute(f"logs --follow: {name}: doubled", [doubled], 0.0, "lines"),
    ]
    if saved is None:
        raise RuntimeError("the log pane saved nothing (W)")
    lost, doubled = gaps(saved)
    return [
        *rows,
        absolute(f"panes: {len(saved):,} of {name}: lost", [lost], 0.0, "lines", f"{dropped:,} said to be dropped"),
        absolute(f"panes: {len(saved):,} of {name}: doubled", [doubled], 0.0, "lines"),
    ]


def _burst(session: Session) -> list[Row]:
    with Stage(session) as stage:
        start = soon(8.0 + BURST_UNITS * 0.4)
        stage.start(writers(BURST_UNITS, BURST_RATE, start=start, seconds=BURST_SECONDS))
        with stage.dashboard() as watched:
            watched.spend(start - time.time())
            seen = flow(watched, BURST_SECONDS, keys=True)
            await_true(lambda: _ended(stage), seconds=120.0, what="the end of the burst")
            lasted = time.time() - start
            watched.rest(1.5, 60.0)
            saved = _saved(watched, stage.home)
            dropped, left = _told(watched)
            memory = watched.memory()
        ends = [stage.api.logs(one, tail=1).decode() for one in stage.containers.values()]
        written = sum(int(end.rpartition("end=")[2]) + 1 for end in ends)
    if saved is None:
        raise RuntimeError("the log pane saved nothing (W)")
    # Each unit says once more how many lines it wrote; that line has no number of its own.
    kept = len(saved) + len(ends)
    # A busy machine does not write as fast as it was told to.
    name = f"panes: burst of {written:,} in {lasted:.1f} s"
    note = f"{kept:,} held, {left:,} made room, {dropped:,} said to be dropped"
    return [
        absolute(f"{name}: unaccounted for", [abs(written - kept - left - dropped)], 0.0, "lines", note),
        absolute(f"{name}: key to painted, p95", [p95(seen.keys or [BURST_SECONDS * 1000])], BUDGET_KEY_MS, "ms"),
        absolute(f"{name}: memory afterwards", [memory], None, "MiB"),
    ]


def _told(watched: Watched) -> tuple[int, int]:
    """What the title of the log pane says: lines that were never kept, and lines that made room for others."""
    title = next((line for line in watched.canvas.lines if re.match(r" +Logs +\w", line)), "")
    too_fast, left = (sum(int(n.replace(",", "")) for n in one.findall(title)) for one in (_TOO_FAST, _LEFT))
    return too_fast, left


def _ended(stage: Stage) -> bool:
    return all(b"end=" in stage.api.logs(one, tail=1) for one in stage.containers.values())


def _saved(watched: Watched, home: Path) -> list[Line] | None:
    """What the log pane holds, by its own key for saving it; None when it saves nothing."""
    for _ in range(4):
        if " W " in watched.canvas.lines[-1] or "whole line" in watched.canvas.lines[-1]:
            break
        watched.press("\t")
        watched.rest()
    watched.press("W")
    deadline = time.time() + 15.0
    while time.time() < deadline:
        watched.read(0.2)
        files = [path for path in home.rglob("saved-logs/*") if path.is_file() and "saved" in watched.canvas.text]
        if files:
            return lines_of(files[0].read_text(errors="replace").splitlines())
    return None
