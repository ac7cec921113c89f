"""Start, stop and restart what the stack's own supervisor keeps running."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines import supervised
from airflow_wizard.engines.ports import holders, why_not_free
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.commands import run_logged
from airflow_wizard.run.handlers.free_port import see_free

if TYPE_CHECKING:
    from airflow_wizard.run.actions import ActOnProcess, CheckPort, StartSupervisor, StopSupervisor
    from airflow_wizard.run.context import RunContext

_PORT_PATIENCE = 2.0
# Words of their own: a supervisor of an older version refuses them, where `stop NAME` would stop everything.
_WORDS = {"stop": "stop-unit", "start": "start-unit", "restart": "restart"}
_PAST = {"stop": "stopped", "start": "started", "restart": "restarted"}


def _stack(folder: str, context: RunContext, *words: str) -> None:
    """Run the stack's own script, as a person would in its folder."""
    argv = ("./stack", *words)

    def tick() -> None:
        ending = [c.name for c in supervised.read_supervisor(folder).components if c.state == "stopping"]
        if ending:
            context.progress(f"still ending: {', '.join(ending)}")

    before = supervised.log_sizes(folder).get("supervisor", 0)
    finished = run_logged(context, argv, folder, on_line=lambda text: context.output("supervisor", text), on_tick=tick)
    if finished.code != 0:
        raise StepFailedError(
            f"`./stack {' '.join(words)}` ended with exit {finished.code}",
            evidence=(*_said_since(folder, before), *finished.tail),
            why="the stack's processes are started and stopped by it",
            next=f"look into {folder}/logs/components/supervisor.log",
        )


def _said_since(folder: str, before: int) -> list[str]:
    """What the supervisor wrote since its log had a size; older lines tell of another run."""
    size = supervised.log_sizes(folder).get("supervisor", 0)
    return supervised.log_between(folder, "supervisor", before if before <= size else 0, size)[-10:]


class PortHandler:
    """Handler of `CheckPort`."""

    def done(self, action: CheckPort, context: RunContext) -> str:
        """Nothing to see when this very stack holds it."""
        del context
        if supervised.read_supervisor(action.folder).running and why_not_free(action.bind, action.port):
            holder = holders([action.port]).get(action.port)
            ours = {p.pid for p in supervised.processes_of(action.folder)}
            if holder is not None and holder.pid in ours:
                return "held by this stack"
        return ""

    def do(self, action: CheckPort, context: RunContext) -> str:
        """See that it is free."""
        why = "Airflow's web server has to listen there, and the wrong program would answer"
        return see_free(action.bind, action.port, why, context)


class StartHandler:
    """Handler of `StartSupervisor`."""

    def done(self, action: StartSupervisor, context: RunContext) -> str:
        """Running with the configuration on disk."""
        del context
        state = supervised.read_supervisor(action.folder)
        if state.running and state.fingerprint == action.fingerprint:
            return f"running, pid {state.pid}"
        return ""

    def do(self, action: StartSupervisor, context: RunContext) -> str:
        """Start it; one that runs with an older configuration is stopped first."""
        if supervised.read_supervisor(action.folder).running:
            context.progress("settings changed: stopping the running processes first")
            _stack(action.folder, context, "stop")
        _stack(action.folder, context, "start")
        return f"pid {supervised.read_supervisor(action.folder).pid}"


class StopHandler:
    """Handler of `StopSupervisor`."""

    def done(self, action: StopSupervisor, context: RunContext) -> str:
        """Neither a supervisor nor any process of the stack."""
        del context
        if supervised.read_supervisor(action.folder).running:
            return ""
        return "" if supervised.processes_of(action.folder) else "nothing runs"

    def do(self, action: StopSupervisor, context: RunContext) -> str:
        """Stop it, then see that no process is left."""
        import psutil

        before = supervised.processes_of(action.folder)
        try:
            _stack(action.folder, context, "stop")
        except StepFailedError:
            # The script or its Python is gone (a half-made or half-removed stack): end the processes from here.
            for process in supervised.processes_of(action.folder):
                with contextlib.suppress(psutil.Error):
                    process.terminate()
        gone, left = psutil.wait_procs(supervised.processes_of(action.folder), timeout=10.0)
        del gone
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5.0)
        stubborn = supervised.processes_of(action.folder)
        if stubborn:
            raise StepFailedError(
                f"{len(stubborn)} processes of the stack do not end: {', '.join(str(p.pid) for p in stubborn)}",
                why="they hold the port and the database",
                next=f"kill -9 {' '.join(str(p.pid) for p in stubborn)}",
            )
        return f"ended {len(before)} processes"


class ActOnProcessHandler:
    """Handler of `ActOnProcess`."""

    def done(self, action: ActOnProcess, context: RunContext) -> str:
        """Done when what is to be stopped does not run, and what is to be started does."""
        del context
        pid = _pids(action.folder).get(action.unit)
        if action.verb == "restart":
            return ""
        return {"stop": "" if pid else "it does not run", "start": f"runs, pid {pid}" if pid else ""}[action.verb]

    def do(self, action: ActOnProcess, context: RunContext) -> str:
        """Ask the supervisor, then wait until it is so."""
        if not supervised.read_supervisor(action.folder).running:
            raise StepFailedError(
                f"the stack does not run, so {action.unit} alone cannot be {_PAST[action.verb]}",
                why="its components are kept running by the stack's supervisor",
                next="airflow-wizard start",
            )
        before = _pids(action.folder).get(action.unit)
        _stack(action.folder, context, _WORDS[action.verb], action.unit)
        deadline = time.monotonic() + 60.0
        while time.monotonic() < deadline:
            pid = _pids(action.folder).get(action.unit)
            if action.verb == "stop" and pid is None:
                return "does not run any more"
            if action.verb != "stop" and pid is not None and pid != before:
                return f"pid {pid}"
            context.pause(0.1)
        raise StepFailedError(
            f"{action.unit} could not be {_PAST[action.verb]} within 60 s",
            evidence=tuple(supervised.log_tail(action.folder, action.unit)),
            next="airflow-wizard doctor",
        )


def _pids(folder: str) -> dict[str, int | None]:
    return {c.name: c.pid for c in supervised.read_supervisor(folder).components}
