"""What a handler is given while it carries out an action."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from airflow_wizard.errors import InterruptedByUserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Part = tuple[str, str, str]


class Progress(Protocol):
    """Says how far a step is; see `airflow_wizard.run.step.StepEvent` for the meaning."""

    def __call__(self, detail: str, *, fraction: float | None = None, parts: tuple[Part, ...] = ()) -> None:
        """Report; secrets are masked by the runner."""


class CommandEnded(Protocol):
    """Is told how a command ended."""

    def __call__(self, code: int, seconds: float, said: Sequence[str] = ()) -> None:
        """Exit code, seconds it took, and its last lines where they are worth keeping."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """The ways out of a handler: progress, output, the command log; and the one way in: being told to stop.

    A command is told to the log before it runs (``command_started``), so that a killed run leaves behind what it was
    doing; what that returns is told how it ended. ``began`` is when the plan was begun, in unix seconds.
    """

    progress: Progress
    output: Callable[[str, str], None]
    command_started: Callable[[Sequence[str], str], CommandEnded]
    cancel: Event = field(default_factory=Event)
    began: float = 0.0

    def pause(self, seconds: float) -> None:
        """Wait, but not past an interruption.

        Raises:
            InterruptedByUserError: the person does not want to go on.
        """
        if self.cancel.wait(seconds):
            raise InterruptedByUserError("interrupted", next="run the same command again; it continues where it was")


A_contra = TypeVar("A_contra", contravariant=True)


class Handler(Protocol, Generic[A_contra]):
    """Carries out one type of action."""

    def done(self, action: A_contra, context: RunContext) -> str:
        """Why there is nothing left to do, from what can be observed; empty when there is."""

    def do(self, action: A_contra, context: RunContext) -> str:
        """Do it. Returns what came out, in a few words.

        Raises:
            WizardError: it could not be done.
        """
