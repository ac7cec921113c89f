"""What a person reads when a container of a real engine fares badly, on a small screen and on a wide one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.e2e.compose.panes import SMALL, WIDE, row, shows, sign, staged
from tests.e2e.compose.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.compose.engine import Engine
    from tests.e2e.compose.panes import Staged
    from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.pty, pytest.mark.timeout(120)]

UNIT = "postgres"
OTHERS = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
WAITS = "trap 'exit 3' TERM; while :; do sleep 0.3; done"
EATS = "sleep 1; eaten=$(head -c 400M /dev/zero | tr '\\0' x)"
NEVER_AGAIN = ("--restart", "no")
Start = Callable[..., str]


@pytest.fixture(scope="module")
def stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """A stack of which everything runs but the database."""
    project = Project(engine)
    try:
        for service in OTHERS:
            project.start(service, WAITS)
        yield staged(project, tmp_path_factory.mktemp("panes") / "wizard")
    finally:
        project.remove()


@pytest.fixture
def start(engine: Engine, stack: Staged) -> Iterator[Start]:
    """Starts the database as the test wants it; it is gone afterwards."""
    made: list[str] = []

    def start(script: str, *more: str) -> str:
        made.append(stack.project.start(UNIT, script, more=more))
        return made[-1]

    yield start
    for container in made:
        engine.docker("rm", "--force", "--volumes", container)


def on_both_screens(terminal: Terminal, name: str, *words: str) -> None:
    """The line of the unit says it on a wide screen; on a small one it is said somewhere, and the sign is there."""
    for columns, rows in (SMALL, WIDE):
        terminal.resize(columns, rows)
        where = shows(UNIT, "[▲✖]", *words) if (columns, rows) == WIDE else whole(*words)
        terminal.until(lambda text, size=columns, so=where: len(text.splitlines()[1]) == size and so(text))  # type: ignore[misc]
        assert sign(terminal.text, UNIT) in "▲✖"
        terminal.picture(f"{name}-{columns}x{rows}")


def whole(*words: str) -> Callable[[str], bool]:
    """Whether all of these (regular expressions) are on the screen."""
    return lambda text: all(re.search(one, text) for one in words)


def test_killed_for_its_memory_limit(stack: Staged, start: Start) -> None:
    start(EATS, *NEVER_AGAIN, "--memory", "32m", "--memory-swap", "32m")
    with stack.dashboard() as terminal:
        terminal.until(shows(UNIT, "✖", "exited 137"))
        on_both_screens(terminal, "oom", "exited 137", "ran out of memory")


def test_a_crash_loop_is_told_from_a_start(stack: Staged, start: Start) -> None:
    start("echo cannot read its files; exit 3", "--restart", "always")
    with stack.dashboard() as terminal:
        terminal.until(shows(UNIT, "[▲✖]", "restarting 3"))
        on_both_screens(terminal, "crash-loop", "restarting 3", "ended with exit 3")
        first = restarts(terminal.text)
        terminal.until(lambda text: restarts(text) > first)
        assert sign(terminal.text, UNIT) != "●"
        terminal.until("cannot read its files")


def restarts(text: str) -> int:
    """How often the unit was started again, by the last figure of its line on a wide screen."""
    last = row(text, UNIT).split()[-1]
    return int(last) if last.isdecimal() else -1


def test_unhealthy_says_what_the_check_said(stack: Staged, start: Start) -> None:
    start(WAITS, *("--health-cmd", "echo no answer on 5432; exit 1", "--health-interval", "1s"), "--health-retries=1")
    with stack.dashboard() as terminal:
        terminal.until(shows(UNIT, "[▲✖]", "unhealthy"))
        on_both_screens(terminal, "unhealthy", "unhealthy", "no answer on 5432")


def test_killed_by_hand_and_started_again(engine: Engine, stack: Staged, start: Start) -> None:
    container = start(WAITS)
    with stack.dashboard() as terminal:
        terminal.until(shows(UNIT, "●", "running"))
        engine.names("kill", container)
        terminal.until(shows(UNIT, "✖", "exited 137"))
        on_both_screens(terminal, "killed", "exited 137")
        assert "out of memory" not in terminal.text, "nobody knows that it was for memory"
        engine.names("start", container)
        terminal.until(shows(UNIT, "●", "running"))
        assert "killed" not in row(terminal.text, UNIT)


def test_paused_is_not_shown_as_fine(engine: Engine, stack: Staged, start: Start) -> None:
    container = start(WAITS)
    with stack.dashboard() as terminal:
        terminal.until(shows(UNIT, "●", "running"))
        engine.names("pause", container)
        on_both_screens(terminal, "paused", "paused")
        engine.names("unpause", container)
        terminal.until(shows(UNIT, "●", "running"))
        assert "paused" not in row(terminal.text, UNIT)
