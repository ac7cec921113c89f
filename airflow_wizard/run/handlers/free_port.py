"""A port of this machine that something is to listen on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.ports import holders, why_not_free
from airflow_wizard.errors import StepFailedError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.run.context import RunContext

INTO_CLUSTER = "it has to lead into the cluster, and the wrong program would answer"
_PATIENCE = 2.0


def see_free(bind: str, port: int, why: str, context: RunContext) -> str:
    """See that a port is free; a listener that is just going away gets a moment.

    Raises:
        StepFailedError: it is not; names who holds it, as far as this user may see.
    """
    deadline = time.monotonic() + _PATIENCE
    another = port + 1 if port < 65535 else 8080
    while reason := why_not_free(bind, port):
        if time.monotonic() > deadline:
            holder = holders([port]).get(port)
            who = ""
            if holder is not None and holder.pid is not None:
                who = f", held by {one_line(holder.command or 'a program', limit=80)} (pid {holder.pid})"
            raise StepFailedError(
                f"port {port} on {bind} cannot be used: {reason}{who}",
                why=why,
                next=f"end that program, or choose another port with --set port={another}",
            )
        context.pause(0.1)
    return "free"
