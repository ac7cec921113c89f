"""Waiting for a stack without containers: as long as something moves, and not a second longer once something died."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import supervised
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.waiting import POLL, STALL_SECONDS, stalled
from airflow_wizard.run.last_words import last_words, without_stamp
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.run.context import Part, RunContext

_LOOK_EVERY = 5.0


class ProcessWatch:
    """See `airflow_wizard.run.handlers.waiting.Watch`: looks at the stack's processes between two polls."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.began = time.monotonic()
        components = supervised.read_supervisor(folder).components
        self.seen = {c.name: c.restarts for c in components}
        self._read_to = dict(supervised.log_sizes(folder))
        # What a component wrote before this start tells of another run.
        self._since = {**self._read_to, **{c.name: c.log_from for c in components if c.log_from is not None}}
        self._moved = (0, 0.0)
        self._moved_at = time.monotonic()
        self._looked_at = 0.0

    def parts(self) -> tuple[Part, ...]:
        """(name, waiting, words) of each component while nothing answers yet."""
        now = time.time()
        return tuple(
            (c.name, "waiting", f"starting, {max(0.0, now - c.since):.0f} s" if c.state == "running" else c.state)
            for c in supervised.read_supervisor(self.folder).components
        )

    def may_answer(self) -> bool:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        return True

    def up_for(self) -> Mapping[str, float]:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        now = time.time()
        components = supervised.read_supervisor(self.folder).components
        return {c.name: now - c.since for c in components if c.state == "running" and c.since}

    def close(self) -> None:
        """Nothing is held open."""

    def check(self, context: RunContext) -> None:
        """Wait a moment, then look.

        Raises:
            StepFailedError: something died by itself, or nothing has moved for too long.
            InterruptedByUserError: the person does not want to wait.
        """
        context.pause(POLL)
        self._tell(context)
        state = supervised.read_supervisor(self.folder)
        if not state.running:
            raise StepFailedError(
                "the supervisor of the stack is gone",
                evidence=tuple(supervised.log_tail(self.folder, "supervisor")),
                why="nothing keeps Airflow running without it",
                next="run the same command again; it starts it anew",
            )
        for component in state.components:
            # One that was ended by a signal is simply started again; one that gave up has a reason worth reading.
            gave_up = component.exit_code is not None and component.exit_code >= 0
            if gave_up and component.restarts + (component.state == "backoff") > self.seen.get(component.name, 0):
                raise self._died(component)
        self._see_movement(state)

    def _tell(self, context: RunContext) -> None:
        """Pass on what the components wrote since the last look, so that waiting is not staring."""
        for unit, size in supervised.log_sizes(self.folder).items():
            start = self._read_to.get(unit, 0)
            self._read_to[unit] = size
            if size > start:
                for line in supervised.log_between(self.folder, unit, start, size):
                    context.output(unit, without_stamp(line))

    def _died(self, component: supervised.ComponentState) -> StepFailedError:
        return StepFailedError(
            f"{component.name} ended with exit {component.exit_code}",
            evidence=last_words(self._written(component.name)),
            why="Airflow is not whole without it; the supervisor goes on trying",
            next=f"airflow-wizard logs --unit {component.name}, then airflow-wizard doctor",
        )

    def _written(self, unit: str) -> list[str]:
        """The last lines of a component since the start that is being watched."""
        start, size = self._since.get(unit, 0), supervised.log_sizes(self.folder).get(unit, 0)
        # A log that became shorter was rotated; all of it is new.
        return supervised.log_between(self.folder, unit, start if start <= size else 0, size)[-80:]

    def _see_movement(self, state: supervised.SupervisorState) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        cpu = sum(usage.cpu_seconds for usage in supervised.usage_by_component(state).values())
        size = sum(supervised.log_sizes(self.folder).values())
        if size != self._moved[0] or cpu - self._moved[1] > 0.5:
            self._moved, self._moved_at = (size, cpu), now
        if now - self._moved_at > STALL_SECONDS:
            raise stalled(
                tuple(
                    f"{c.name}: {one_line(line, limit=300)}"
                    for c in state.components
                    for line in supervised.log_tail(self.folder, c.name, 2)
                )
            )
