"""What a handler is given, and what it told; and a runner's step for it, without a runner."""

from __future__ import annotations

import shlex
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_wizard.run.context import RunContext
from airflow_wizard.run.dispatch import handler_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.run.actions import Action
    from airflow_wizard.run.context import CommandEnded, Part


@dataclass
class Heard:
    """Everything that came out of a handler; ``cancel`` is what it is stopped by."""

    progress: list[str] = field(default_factory=list)
    parts: list[tuple[Part, ...]] = field(default_factory=list)
    output: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)
    on_progress: Callable[[], None] = lambda: None
    began: float = 0.0

    def context(self) -> RunContext:
        """A context that notes everything here."""

        def progress(detail: str, *, fraction: float | None = None, parts: tuple[Part, ...] = ()) -> None:
            assert fraction is None or 0 <= fraction <= 1
            self.progress.append(detail)
            self.parts.append(parts)
            self.on_progress()

        def started(argv: Sequence[str], _: str) -> CommandEnded:
            self.commands.append(shlex.join(argv))
            return lambda code, seconds, said=(): self.commands.append(f"exit {code}")  # noqa: ARG005 - as it is called

        return RunContext(
            progress, lambda unit, text: self.output.append((unit, text)), started, self.cancel, self.began
        )

    def done(self, action: Action) -> str:
        """Why nothing is left to do."""
        return handler_of(action).done(action, self.context())

    def do(self, action: Action) -> str:
        """Do it."""
        return handler_of(action).do(action, self.context())
