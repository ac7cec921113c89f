"""The log pane on a real engine: it goes and comes back, a line without end, a long history, a removed container."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.compose.panes import ESCAPE, HOME, SMALL, TAB, WIDE, logged, row, shows, sign, staged
from tests.e2e.compose.project import Project
from tests.e2e.compose.proxy import EngineProxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.compose.engine import Engine
    from tests.e2e.compose.panes import Staged

pytestmark = [pytest.mark.e2e, pytest.mark.pty, pytest.mark.timeout(120)]

UNIT = "postgres"
OTHERS = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
WAITS = "while :; do sleep 0.3; done"
COUNTS = "n=0; while :; do n=$((n+1)); echo number $n; sleep 0.1; done"
HISTORY = 100_000


@pytest.fixture
def stack(engine: Engine, tmp_path: Path) -> Iterator[Staged]:
    """A stack of which everything runs but the database."""
    project = Project(engine)
    try:
        for service in OTHERS:
            project.start(service, WAITS)
        yield staged(project, tmp_path / "wizard")
    finally:
        project.remove()


def numbers(text: str) -> list[int]:
    """The numbers of the log lines that are seen, in their order."""
    return [int(found[1]) for line in logged(text) if (found := re.search(r"\bnumber (\d+)\b", line))]


def consecutive(found: list[int]) -> bool:
    return bool(found) and found == list(range(found[0], found[-1] + 1))


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "200x60"])
def test_the_engine_goes_and_comes_back(engine: Engine, stack: Staged, tmp_path: Path, size: tuple[int, int]) -> None:
    stack.project.start(UNIT, COUNTS)
    with EngineProxy(tmp_path / "docker.sock") as door, stack.dashboard(size, host=door.host) as terminal:
        terminal.until(lambda text: shows(UNIT, "●", "running")(text) and len(numbers(text)) > 3)
        door.shut()
        terminal.until(lambda text: all(sign(text, unit) != "●" for unit in (UNIT, *OTHERS)))
        terminal.until(re.compile("the Docker engine at|does not answer: ").search)  # type: ignore[arg-type]
        assert "cannot be seen" in terminal.text
        terminal.picture(f"engine-away-{size[0]}x{size[1]}")
        last = numbers(terminal.text)[-1]
        other = engine.names("ps", "--quiet", "--filter", f"name={stack.project.name}-airflow-triggerer")[0]
        engine.names("kill", other)
        door.open()
        terminal.until(shows(UNIT, "●", "running"))
        terminal.until(shows("airflow-triggerer", "✖", "exited 137"))
        terminal.until(lambda text: bool(numbers(text)) and numbers(text)[-1] > last + 20)
        assert consecutive(numbers(terminal.whole())), "what was written meanwhile is there, once"
        assert "cannot be seen" not in terminal.text
        terminal.picture(f"engine-back-{size[0]}x{size[1]}")


def test_a_line_of_a_megabyte_is_cut_and_nothing_waits_for_it(stack: Staged) -> None:
    stack.project.start(UNIT, "sleep 1; head -c 1000000 /dev/zero | tr '\\0' x; echo; echo after it; sleep 60")
    for size in (SMALL, WIDE):
        with stack.dashboard(size) as terminal:
            terminal.until("after it")
            assert re.search(r"xxxx…?$", "\n".join(logged(terminal.text)), re.MULTILINE), terminal.text
            assert all(len(line) <= size[0] for line in terminal.text.splitlines())
            began = time.monotonic()
            terminal.press("?")
            terminal.until("Keys")
            assert time.monotonic() - began < 2.0
            terminal.press(ESCAPE)
            # Escape and the next key at once would be another key.
            terminal.until(lambda text: "Keys" not in text and "after it" in text)
            terminal.picture(f"megabyte-{size[0]}x{size[1]}")


def test_a_long_history_shows_its_end_at_once_and_older_lines_on_demand(engine: Engine, stack: Staged) -> None:
    container = stack.project.start(UNIT, f"seq -f 'number %.0f' 1 {HISTORY}; exec sleep 600")
    end = time.monotonic() + 60
    while engine.names("logs", "--tail", "1", container) != [f"number {HISTORY}"]:
        assert time.monotonic() < end
        time.sleep(0.2)
    for size in (SMALL, WIDE):
        began = time.monotonic()
        with stack.dashboard(size) as terminal:
            terminal.until(lambda text: bool(numbers(text)) and numbers(text)[-1] == HISTORY)
            assert time.monotonic() - began < 10
            assert consecutive(numbers(terminal.whole()))
            terminal.picture(f"history-{size[0]}x{size[1]}")
            terminal.press(TAB, HOME)
            terminal.until(lambda text: bool(numbers(text)) and numbers(text)[-1] < HISTORY - 60)
            assert consecutive(numbers(terminal.whole()))
            terminal.picture(f"history-older-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "200x60"])
def test_a_container_is_removed_while_its_log_is_open(engine: Engine, stack: Staged, size: tuple[int, int]) -> None:
    container = stack.project.start(UNIT, COUNTS)
    with stack.dashboard(size) as terminal:
        terminal.until(lambda text: shows(UNIT, "●", "running")(text) and len(numbers(text)) > 3)
        engine.names("rm", "--force", container)
        terminal.until(lambda text: shows(UNIT, "✖")(text) or not row(text, UNIT))
        found = numbers(terminal.whole())
        assert consecutive(found), "what it wrote stays"
        terminal.picture(f"removed-{size[0]}x{size[1]}")
        stack.project.start(UNIT, f"echo here again; {WAITS}")
        terminal.until(shows(UNIT, "●", "running"))
        terminal.until(lambda text: any("here again" in line for line in logged(text)))
        assert consecutive(numbers(terminal.whole())), "what the removed one wrote stays, once"
        terminal.picture(f"replaced-{size[0]}x{size[1]}")
