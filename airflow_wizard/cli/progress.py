"""Three ways to show a running plan: JSON lines, a live line on a terminal, append-only text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from airflow_wizard.cli import narrate, output
from airflow_wizard.cli.style import Meaning
from airflow_wizard.run.step import OutputEvent, StepEvent, StepState
from airflow_wizard.text import human_seconds, one_line

if TYPE_CHECKING:
    from airflow_wizard.run.step import Plan

_SILENCE = 30.0  # seconds without a line after which append-only text says that work goes on
_ENDS = {
    StepState.DONE: ("●", Meaning.OK, ""),
    StepState.SKIPPED: ("●", Meaning.DIM, "already done"),
    StepState.FAILED: ("✖", Meaning.FAIL, "failed"),
}


class View(Protocol):
    """Shows events; always called from the foreground thread."""

    def event(self, event: StepEvent | OutputEvent) -> None:
        """Something happened."""

    def tick(self, now: float) -> None:
        """Time passed; ``now`` is monotonic seconds."""

    def pause(self) -> None:
        """Another line is about to be written."""

    def close(self) -> None:
        """Nothing more comes."""


def view_for(plan: Plan, *, json: bool) -> View:
    """The view that fits who is looking."""
    if json:
        return JsonView()
    return LiveView(plan) if narrate.can_be_live() else AppendView(plan)


class JsonView:
    """Events as JSON lines on standard output; output of programs stays in the log files."""

    def event(self, event: StepEvent | OutputEvent) -> None:
        """Prints the event."""
        if isinstance(event, StepEvent):
            output.json_line(event.to_json())

    def tick(self, now: float) -> None:
        """Nothing to do."""

    def pause(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class _Numbered:
    """Numbers and the line that ends a step."""

    def __init__(self, plan: Plan) -> None:
        self.numbers = {step.id: number for number, step in enumerate(plan.steps, 1)}
        self.total = len(plan.steps)

    def label(self, event: StepEvent) -> str:
        return f"{self.numbers.get(event.id, 0):>2}/{self.total} {one_line(event.title, limit=60)}"

    def end(self, event: StepEvent) -> None:
        glyph, meaning, word = _ENDS[event.state]
        detail = one_line(event.detail, limit=160) or word
        took = "" if event.state is StepState.SKIPPED else human_seconds(event.elapsed)
        narrate.say(
            (glyph, meaning), f" {self.label(event):<46} {took:>9}", (f"  {detail}" if detail else "", Meaning.DIM)
        )


class LiveView:
    """Finished steps as lines, the current one in a line that moves."""

    def __init__(self, plan: Plan) -> None:
        self._steps = _Numbered(plan)
        self._current: StepEvent | None = None
        self._since = 0.0
        self._last_output = ""

    def event(self, event: StepEvent | OutputEvent) -> None:
        """Redraws the live line, or ends it."""
        if isinstance(event, OutputEvent):
            self._last_output = one_line(event.text, limit=200)
            return
        if event.state in _ENDS:
            self._current = None
            narrate.live("")
            self._steps.end(event)
            return
        if self._current is None or self._current.id != event.id:
            self._last_output = ""
        self._current = event
        self._since = time.monotonic() - event.elapsed
        self.tick(time.monotonic())

    def tick(self, now: float) -> None:
        """Moves the clock of the current step."""
        event = self._current
        if event is None:
            return
        done = "" if event.fraction is None else f"  {round(event.fraction * 100)} %"
        # Bytes and their rate before the parts: the end of the line may be cut.
        detail = f"  {event.detail}" if event.detail else ""
        parts = "".join(f"  {name} {state}" for name, state, _ in event.parts)
        spent = human_seconds(max(0.0, now - self._since))
        narrate.live(f"◐ {self._steps.label(event)}  {spent}{done}{detail}{parts}  {self._last_output}")

    def pause(self) -> None:
        """Clears the live line."""
        narrate.live("")

    def close(self) -> None:
        """Clears the live line."""
        narrate.live("")


class AppendView:
    """One line when a step begins, one when it ends; never a line that changes."""

    def __init__(self, plan: Plan) -> None:
        self._steps = _Numbered(plan)
        self._current: StepEvent | None = None
        self._quiet_since = time.monotonic()

    def event(self, event: StepEvent | OutputEvent) -> None:
        """Begins or ends a step."""
        if isinstance(event, OutputEvent):
            return
        if event.state in _ENDS:
            self._current = None
            self._steps.end(event)
        elif event.state is StepState.STARTED:
            self._current = event
            narrate.say(f"◐ {self._steps.label(event)} …")
        else:
            self._current = event
            return
        self._quiet_since = time.monotonic()

    def tick(self, now: float) -> None:
        """Says that work goes on when nothing was said for a while."""
        if self._current is None or now - self._quiet_since < _SILENCE:
            return
        self._quiet_since = now
        narrate.say(
            f"  still working: {one_line(self._current.title)}", (f"  {one_line(self._current.detail)}", Meaning.DIM)
        )

    def pause(self) -> None:
        """Nothing to clear."""

    def close(self) -> None:
        """Nothing to clear."""
