"""The dashboard of a stack whose containers are a test's own, in a real terminal, read as a person would."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.compose.engine import WAY
from tests.e2e.compose.staged import stage
from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.compose.project import Project

ENTER, DOWN, UP, HOME, END, TAB = "\r", "\x1b[B", "\x1b[A", "\x1b[H", "\x1b[F", "\t"
ESCAPE = "\x1b"
SMALL, WIDE = (80, 24), (200, 60)
_SIGNS = "●▲✖○◐"


@dataclass(frozen=True)
class Staged:
    """A stack that is known to a wizard with a home of its own."""

    project: Project
    variables: dict[str, str]

    @contextmanager
    def dashboard(self, size: tuple[int, int] = SMALL, *, host: str = "") -> Iterator[Terminal]:
        """Its dashboard, opened by keys from the first screen; ``host`` is another way to the engine."""
        more = {"DOCKER_HOST": host} if host else {}
        columns, rows = size
        with Terminal(variables=self.variables | more, columns=columns, rows=rows) as terminal:
            terminal.until(re.compile(rf"{self.project.name} +\w+ .*3\.3\.2").search)  # type: ignore[arg-type]
            terminal.press(DOWN)
            terminal.until(f"❯ {sign(terminal.text, self.project.name)}")
            terminal.press(ENTER)
            terminal.until(lambda text: " Logs " in text and "looking" not in text)
            yield terminal
            if terminal.process.isalive():
                terminal.press("q")
                assert terminal.finish() == 0


def staged(project: Project, home: Path) -> Staged:
    """The stack of a project, written and known."""
    variables = {**os.environ, **WAY, "AIRFLOW_WIZARD_HOME": str(home)}
    stage(project.name, home / "stacks" / project.name, variables)
    return Staged(project, variables)


def sign(text: str, name: str) -> str:
    """The sign before a name, wherever on the screen the two stand together."""
    found = re.search(rf"([{_SIGNS}]) +{re.escape(name)}\b", text)
    assert found, f"no row of {name}:\n{text}"
    return found[1]


def row(text: str, unit: str) -> str:
    """The line of a unit, from its sign on; empty when there is none."""
    found = re.search(rf"^[ ❯]*([{_SIGNS}] +{re.escape(unit)}\b.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def shows(unit: str, *words: str) -> Callable[[str], bool]:
    """Whether the line of a unit has all of these (regular expressions)."""
    return lambda text: all(re.search(one, row(text, unit)) for one in words)


def logged(text: str) -> list[str]:
    """The lines of the log pane, as far as they are on the screen."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if re.match(r" +Logs +\w", line)), len(lines))
    rest = lines[first + 1 :]
    end = next((n for n, line in enumerate(rest) if line.startswith("───")), len(rest))
    return [line.strip() for line in rest[:end] if line.strip()]
