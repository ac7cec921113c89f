"""Stop, start or restart the containers of one service, and see that it came out so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.commands import run_logged
from airflow_wizard.run.handlers.ownership import own
from airflow_wizard.run.handlers.watch_containers import died

if TYPE_CHECKING:
    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.run.actions import ActOnService
    from airflow_wizard.run.context import RunContext

# One that ends right after its start has not started.
_STEADY_SECONDS = 0.3


class ActOnServiceHandler:
    """Handler of `ActOnService`."""

    def done(self, action: ActOnService, context: RunContext) -> str:
        """Done when a stop finds nothing that runs; what is to be started or restarted is told to the engine again."""
        del context
        if action.verb != "stop":
            return ""
        with Engine() as engine:
            live = [c for c in _meant(engine, action) if c.state in ("running", "restarting", "paused")]
        return "" if live else "it does not run"

    def do(self, action: ActOnService, context: RunContext) -> str:
        """Do it by the containers' names, as a person would, and see how they are."""
        with Engine() as engine:
            found = _meant(engine, action)
        folder, began = action.runtime.folder, time.time()
        # What is done by name works without the stack's folder, too.
        where = folder if Path(folder).is_dir() else str(Path(folder).anchor)
        argv = ("docker", action.verb, *(c.name for c in found))
        finished = run_logged(context, argv, where, on_line=lambda line: context.output("docker", line))
        if finished.code != 0:
            raise StepFailedError(
                f"`{' '.join(argv)}` ended with exit {finished.code}",
                evidence=tuple(finished.tail),
                why="the engine could not do it",
                next="airflow-wizard doctor",
            )
        if action.verb != "stop":
            context.pause(_STEADY_SECONDS)
        with Engine() as engine:
            wrong = [c for c in _meant(engine, action) if c.running is (action.verb == "stop")]
            if wrong and action.verb == "stop":
                raise StepFailedError(
                    f"{wrong[0].name} still runs", why="it goes on working", next=f"docker kill {wrong[0].name}"
                )
            if wrong:
                raise died(engine, wrong[0], began)
        return f"{len(found)} container{'' if len(found) == 1 else 's'}"


def _meant(engine: Engine, action: ActOnService) -> tuple[Container, ...]:
    """The containers that are meant.

    Raises:
        StepFailedError: there is none.
    """
    found = tuple(
        c
        for c in own(engine, action.runtime)
        if c.service == action.service and not c.one_off and action.number in (0, c.number)
    )
    if not found:
        raise StepFailedError(
            f"{action.service} has no container",
            why="one that is not there can be neither stopped nor started",
            next="airflow-wizard start, which makes it",
        )
    return found
