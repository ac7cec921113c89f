"""Waiting for a stack without containers: as long as something moves, and not a second longer once something died."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD
from airflow_wizard.engines import supervised
from airflow_wizard.engines.airflow_api import AirflowApi, Login
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.last_words import last_words, without_stamp
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.run.actions import Endpoint
    from airflow_wizard.run.context import RunContext

POLL = 0.2
# Nothing written and no CPU used by any process of the stack for this long means that it hangs.
STALL_SECONDS = 90.0
_LOOK_EVERY = 5.0


def api_for(endpoint: Endpoint) -> AirflowApi:
    """A client with the login that is on disk right now, which is the one the person is told."""
    login = Login(ADMIN, "", "")
    with contextlib.suppress(OSError, UnicodeDecodeError):
        with open(endpoint.secrets_file, encoding="utf-8") as handle:  # noqa: PTH123 - a plain path from the plan
            values = values_of(handle.read())
        login = Login(ADMIN, values.get(PASSWORD, ""), values.get(IDENTITY, ""))
    return AirflowApi(endpoint.url, endpoint.api, endpoint.health_path, login)


class Watch:
    """Looks at the stack's processes between two polls."""

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

    def check(self, context: RunContext) -> supervised.SupervisorState:
        """The supervisor's state now.

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
        return state

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
            raise StepFailedError(
                f"nothing has moved for {STALL_SECONDS:.0f} s: no log line, no CPU time",
                evidence=tuple(
                    f"{c.name}: {one_line(line, limit=300)}"
                    for c in state.components
                    for line in supervised.log_tail(self.folder, c.name, 2)
                ),
                why="it hangs, and waiting longer would not help",
                next="airflow-wizard doctor",
            )
