"""Five thousand pods in a real API server: how soon they are seen, what they cost, how soon a change is painted."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import Row, absolute
from tests.bench.kube_stage import KubeStage
from tests.bench.pane_idle import BUDGET_QUIT
from tests.bench.pane_many import BUDGET_FIRST, BUDGET_MIB, BUDGET_MS
from tests.bench.watched import Watched, p95, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.session import Session

PODS, CHANGES = 5_000, 30
BUDGET_PAINTED, BUDGET_SHARE = 250.0, 1.0
_SETTLE, _IDLE = 8.0, 30.0
_ABSENT = 5  # components that are not there, each with a row that says so
_PAGE_DOWN, _PAGE_UP, _BACKSPACE = "\x1b[6~", "\x1b[5~", "\x7f"
_ROW = re.compile(r"bench\.task_\d\d-\d{5}")
_CLIENT = """
import resource, sys, time
from kubernetes import client, config
config.load_kube_config(sys.argv[1])
began = time.perf_counter()
count = len(client.CoreV1Api().list_namespaced_pod(sys.argv[2]).items)
print(count, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure(session: Session) -> list[Row]:
    """Ours, and beside it ``kubectl get pods --watch`` and a list by the official client."""
    with KubeStage(session, PODS) as stage:
        with stage.dashboard() as watched:
            first, whole = _opened(watched)
            scrolls, filters = _moved(watched)
            watched.spend(_SETTLE)
            idle = share(watched, _IDLE, watched.spend)
            lags = _changes(stage, watched, _seen_by_us(watched, stage))
            memory = watched.memory()
            left = watched.leave()
        peer = _kubectl(stage)
        client = _client(stage)
    name = f"panes: {PODS:,} pods of a cluster"
    return [
        _beside(f"{name}, enter to first rows", first, peer.first, BUDGET_FIRST, "s"),
        absolute(f"{name}, enter to all of them", [whole], None, "s", client),
        absolute(f"{name}, scroll, p95", [p95(scrolls)], BUDGET_MS, "ms"),
        absolute(f"{name}, filter, p95", [p95(filters)], BUDGET_MS, "ms"),
        _beside(f"{name}, memory", memory, peer.memory, BUDGET_MIB, "MiB"),
        _beside(f"{name}, change to painted, p95", p95(lags), p95(peer.lags), BUDGET_PAINTED, "ms"),
        absolute(f"{name}, quit", [left], BUDGET_QUIT, "s"),
        absolute(f"{name}, idle", [idle], BUDGET_SHARE, "%", "with what it started"),
    ]


def _beside(name: str, ours: float, other: float, budget: float, unit: str) -> Row:
    return Row(name, ours, other, (ours,) * 3, budget, unit, "kubectl get pods --watch", judged=unit)


def _rows(lines: list[str]) -> list[str]:
    return [found[0] for line in lines if (found := _ROW.search(line))]


def _opened(watched: Watched) -> tuple[float, float]:
    pressed = watched.press("\r")
    first = watched.until(lambda lines: bool(_rows(lines))) - pressed
    count = re.compile(rf"Units\s+{PODS + _ABSENT}\b")
    whole = watched.until(lambda lines: any(count.search(line) for line in lines), 60.0) - pressed
    watched.rest(0.5, 10.0)
    return first, whole


def _moved(watched: Watched) -> tuple[list[float], list[float]]:
    watched.press("\x1b[F")
    watched.rest(0.5)
    watched.press("\x1b[H")
    watched.rest(0.5)
    scrolls = [_until_other(watched, key) for key in [_PAGE_DOWN, _PAGE_DOWN, _PAGE_UP] * 8]
    watched.press("/")
    watched.rest()
    filters = [_until_other(watched, key) for key in ["7", _BACKSPACE, "8", _BACKSPACE] * 4]
    watched.press("\x1b")
    watched.rest()
    return scrolls, filters


def _until_other(watched: Watched, key: str) -> float:
    """Milliseconds from a key until other pods are seen, or another one is selected."""

    def seen(lines: list[str]) -> object:
        return _rows(lines), next((n for n, line in enumerate(lines) if line.lstrip().startswith("❯")), -1)

    before = seen(watched.canvas.lines)
    pressed = watched.press(key)
    at = watched.until(lambda lines: bool(_rows(lines)) and seen(lines) != before, 10.0)
    watched.rest(0.1, 1.0)
    return (at - pressed) * 1000


class Seen:
    """Which pod is looked at, and how it is told that it is there, and that it is not."""

    def __init__(self, number: int, there: Callable[[list[str]], bool], gone: Callable[[list[str]], bool]) -> None:
        self.number = number
        self.there = there
        self.gone = gone


def _seen_by_us(watched: Watched, stage: KubeStage) -> Seen:
    watched.press("\x1b[H")
    watched.rest()
    row = _rows(watched.canvas.lines)[1]
    number = int(row[-5:])

    def there(lines: list[str]) -> bool:
        return any(row in line and "terminating" not in line for line in lines)

    assert stage.pod(number).endswith(row[-5:])
    return Seen(number, there, lambda lines: not there(lines))


def _changes(stage: KubeStage, watched: Watched, seen: Seen) -> list[float]:
    """Milliseconds from the moment a change is asked for until it is painted: the API server's part is in it."""
    lags = []
    for _ in range(CHANGES // 2):
        for ask, shown in ((stage.remove, seen.gone), (stage.add, seen.there)):
            began = time.time()
            ask(seen.number)
            lags.append((watched.until(shown) - began) * 1000)
            watched.rest(0.4, 2.0)
    return lags


class Peer:
    """What ``kubectl get pods --watch`` takes: seconds to the first row, MiB, milliseconds to the line of a change."""

    def __init__(self, first: float, memory: float, lags: list[float]) -> None:
        self.first = first
        self.memory = memory
        self.lags = lags


def _kubectl(stage: KubeStage) -> Peer:
    argv = [*stage.kubectl, "--namespace", stage.name, "get", "pods", "--watch", "--no-headers"]
    with Watched(argv, stage.env, (200, 8)) as watched:
        first = watched.until(lambda lines: any("bench-task-" in line for line in lines)) - watched.started
        watched.rest(1.5, 60.0)
        memory = watched.memory()
        name, lags = stage.pod(PODS - 1), []
        for _ in range(CHANGES // 2):
            for ask, word in ((stage.remove, "Terminating"), (stage.add, "Pending")):
                watched.canvas.feed(b"\x1b[2J\x1b[H")
                began = time.time()
                ask(PODS - 1)
                shown = watched.until(lambda lines, word=word: any(name in x and word in x for x in lines))  # type: ignore[misc]
                lags.append((shown - began) * 1000)
                watched.rest(0.4, 2.0)
    return Peer(first, memory, lags)


def _client(stage: KubeStage) -> str:
    """A plain list by the official client, in a place of its own: it is no dependency of the tests."""
    uv = str(Path(sys.executable).with_name("uv"))
    argv = [uv, "run", "--quiet", "--no-project", "--isolated", "--with", "kubernetes", "python", "-c", _CLIENT]
    argv += [str(stage.kubeconfig), stage.name]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"the official client could not be tried: {(done.stderr.strip().splitlines() or [''])[-1]}"
    count, seconds, memory = map(float, done.stdout.split())
    return f"official client: {count:.0f} in {seconds:.1f} s, {memory:.0f} MiB"
