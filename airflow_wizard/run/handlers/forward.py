"""The way into a cluster that has no other: a port forward that lives as long as the stack runs."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import forwarding
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.free_port import INTO_CLUSTER, see_free
from airflow_wizard.run.handlers.watch_pods import PodWatch
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.run.context import RunContext
    from airflow_wizard.run.kube_actions import Forward

# A Service without a ready pod has nothing to lead to; the pod may take its time.
_PATIENCE = 300.0


class ForwardHandler:
    """Handler of `Forward`."""

    def done(self, action: Forward, context: RunContext) -> str:
        """Done when the keeper keeps this very forward, or there is none where none is wanted."""
        del context
        kept = forwarding.read(action.release.folder)
        if action.verb == "stop":
            return "there is none" if kept is None else ""
        if kept is not None and kept.argv == action.command() and forwarding.listens(action.bind, action.port):
            return f"kept by process {kept.pid}"
        return ""

    def do(self, action: Forward, context: RunContext) -> str:
        """Start it and wait until it listens, or end it."""
        folder = action.release.folder
        if not forwarding.stop(folder):
            raise StepFailedError(
                "the port forward does not end",
                why="it holds the port",
                next=f"see which process it is: cat {folder}/.airflow-wizard/forward.json",
            )
        if action.verb == "stop":
            return "ended"
        see_free(action.bind, action.port, INTO_CLUSTER, context)
        command = action.command()
        ended = context.command_started(command, folder)
        began = time.monotonic()
        forwarding.start(folder, action.bind, action.port, command)
        try:
            self._await(action, context)
        except StepFailedError:
            forwarding.stop(folder)
            ended(1, time.monotonic() - began, forwarding.last_lines(folder))
            raise
        ended(0, time.monotonic() - began)
        kept = forwarding.read(folder)
        return f"kept by process {kept.pid}" if kept else ""

    @staticmethod
    def _await(action: Forward, context: RunContext) -> None:
        """Until it listens; a pod that dies or cannot start will never be led to."""
        deadline = time.monotonic() + _PATIENCE
        with contextlib.closing(PodWatch(action.release)) as watch:
            while not forwarding.listens(action.bind, action.port):
                said = forwarding.last_lines(action.release.folder)
                if time.monotonic() > deadline:
                    raise StepFailedError(
                        f"port {action.port} of this machine leads nowhere after {_PATIENCE:.0f} s",
                        evidence=last_words(said),
                        why="the page and the API are reached through it",
                        next="airflow-wizard doctor",
                    )
                context.progress(one_line(said[-1], limit=160) if said else "waiting for kubectl", parts=watch.parts())
                watch.check(context)
