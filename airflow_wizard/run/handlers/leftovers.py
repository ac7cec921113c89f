"""What is there already and would get into a project's way: its port, other containers, an older database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_facts import PROJECT
from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.ports import holders, why_not_free
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.compose_cli import see_valid
from airflow_wizard.run.handlers.ownership import refuse_foreign
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.run.actions import CheckLeftovers, CheckPublishedPort, CheckVolume
    from airflow_wizard.run.context import RunContext

_PATIENCE = 2.0


class PublishedPortHandler:
    """Handler of `CheckPublishedPort`."""

    def done(self, action: CheckPublishedPort, context: RunContext) -> str:
        """Nothing to see when this very project publishes it."""
        del context
        with Engine() as engine:
            ours = any(c.project == action.project for c in engine.publishing(action.port))
        return "published by this stack" if ours else ""

    def do(self, action: CheckPublishedPort, context: RunContext) -> str:
        """See that it is free; a listener that is just going away gets a moment."""
        deadline = time.monotonic() + _PATIENCE
        another = action.port + 1 if action.port < 65535 else 8080
        while True:
            with Engine() as engine:
                containers = engine.publishing(action.port)
            reason = why_not_free(action.bind, action.port)
            if not reason and not containers:
                return "free"
            if time.monotonic() > deadline:
                raise StepFailedError(
                    f"port {action.port} on {action.bind} cannot be used: {self._who(containers, reason, action.port)}",
                    why="Airflow's page has to be published there, and the wrong program would answer",
                    next=f"{self._way_out(containers)}, or choose another port with --set port={another}",
                )
            context.pause(0.1)

    @staticmethod
    def _who(containers: tuple[Container, ...], reason: str, port: int) -> str:
        if containers:
            stack = f" of project {one_line(containers[0].project)}" if containers[0].project else ""
            return f"published by container {one_line(containers[0].name)}{stack}"
        holder = holders([port]).get(port)
        if holder is None or holder.pid is None:
            return reason
        return f"{reason}, held by {one_line(holder.command or 'a program', limit=80)} (pid {holder.pid})"

    @staticmethod
    def _way_out(containers: tuple[Container, ...]) -> str:
        return f"docker stop {containers[0].name}" if containers else "end that program"


class LeftoversHandler:
    """Handler of `CheckLeftovers`."""

    def done(self, action: CheckLeftovers, context: RunContext) -> str:
        """Never: it is a look."""
        del action, context
        return ""

    def do(self, action: CheckLeftovers, context: RunContext) -> str:
        """Look at the files, at the project's containers, and at those that have the names it needs."""
        runtime = action.runtime
        see_valid(context, runtime.folder)
        with Engine() as engine:
            refuse_foreign(engine, runtime)
            ours = engine.project(runtime.project)
            named = engine.named(action.names)
        taken = [c for c in named if c.project != runtime.project]
        if taken:
            raise StepFailedError(
                f"a container is called {taken[0].name} already",
                why="the engine knows each name only once",
                next=f"docker rename {taken[0].name} {taken[0].name}-old, or choose another --name",
            )
        orphans = [c.service for c in ours if c.service not in action.defined]
        if orphans:
            return f"orphaned, will be removed: {', '.join(sorted(orphans))}"
        return f"{len(ours)} containers of this stack" if ours else "nothing in the way"


class VolumeHandler:
    """Handler of `CheckVolume`."""

    def done(self, action: CheckVolume, context: RunContext) -> str:
        """Nothing to see without a volume."""
        del context
        with Engine() as engine:
            return "" if engine.volume_labels(action.volume) is not None else "there is no volume yet"

    def do(self, action: CheckVolume, context: RunContext) -> str:
        """See that PostgreSQL will be able to read it, and that its password is the one in .env."""
        del context
        with Engine() as engine:
            labels = engine.volume_labels(action.volume) or {}
            found = engine.file_in_volume(action.volume, "PG_VERSION", action.image)
        major = found.strip()
        if major.isdigit() and int(major) != action.postgres:
            raise StepFailedError(
                f"volume {action.volume} was written by PostgreSQL {major}; this stack runs {action.postgres}",
                why="a server cannot read the files of another major version: it would end at once, again and again",
                next=f"keep the data: launch the Airflow version that used it, then "
                f"docker compose exec postgres pg_dump -U airflow airflow > airflow.sql; "
                f"start over without it: {_start_over(labels, action.volume)}; "
                "or choose another --name",
            )
        owner = labels.get(action.label, "")
        if owner and owner != action.owner:
            raise StepFailedError(
                f"volume {action.volume} belongs to an earlier stack of this name",
                why="its database has another password than .env, and another key for its connections",
                next="put that stack's .env back; "
                f"or start over without its data: {_start_over(labels, action.volume)}; or choose another --name",
            )
        return f"PostgreSQL {major}" if major else "is empty"


def _start_over(labels: Mapping[str, str], volume: str) -> str:
    """Containers that still hold a volume go with it; Compose finds both by the project's name."""
    project = labels.get(PROJECT, "")
    return f"docker compose --project-name {project} down --volumes" if project else f"docker volume rm {volume}"
