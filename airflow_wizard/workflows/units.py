"""One unit of a stack: what can be done to it, what it wrote last, and a shell in it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import container_logs, log_reader, supervised
from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.foreground import run_in_foreground
from airflow_wizard.errors import WizardError
from airflow_wizard.options.model import Target
from airflow_wizard.run import command_history
from airflow_wizard.run.command_log import CommandLog
from airflow_wizard.status.snapshot import UnitState
from airflow_wizard.workflows import kube_logs, kube_units
from airflow_wizard.workflows.logs import cleaner
from airflow_wizard.workflows.places import masker, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.cluster import Release
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.run.command_history import PastCommand
    from airflow_wizard.run.registry import StackRecord
    from airflow_wizard.status.snapshot import Unit

_CONTAINERS = (Target.COMPOSE, Target.STANDALONE)
_ALIVE = (UnitState.RUNNING, UnitState.STARTING, UnitState.RESTARTING, UnitState.PAUSED)


@dataclass(frozen=True, slots=True)
class UnitAction:
    """Something that can be done to a unit now.

    Attributes:
        id: restart, stop, start, shell, open, address, previous.
        title: in the imperative.
        command: the exact command, or what is opened or copied.
    """

    id: str
    title: str
    command: str


def actions(stack: StackRecord, unit: Unit) -> tuple[UnitAction, ...]:
    """What can be done to a unit as it is now; nothing that cannot work. Pure."""
    if unit.stale or unit.role == "supervisor" or (stack.target == Target.COMPOSE and not unit.container):
        return ()
    release = _release(stack)
    if release is not None:
        return tuple(_of_pod(stack, release, unit))
    alive, name = unit.state in _ALIVE, unit.container
    found = [UnitAction(verb, verb.capitalize(), _verb(stack, unit, verb)) for verb in _verbs(unit)]
    if unit.state is UnitState.RUNNING and name:
        shell = shlex.join(shell_command(stack, unit))
        found.append(UnitAction("shell", "Shell", shell))
    if unit.role == "api" and alive:
        found.append(UnitAction("open", "Open its page", stack.url))
    elif unit.ports and alive:
        found.append(UnitAction("address", "Copy its address", ", ".join(f"{a}:{p}" for a, p in unit.ports)))
    if name and unit.restarts and unit.since is not None and unit.state is UnitState.RUNNING:
        until = datetime.fromtimestamp(unit.since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found.append(UnitAction("previous", "Logs of the run before", f"docker logs --until {until} {name}"))
    elif unit.restarts and not name:
        found.append(UnitAction("previous", "Logs of the run before", f"less {_log_file(stack, unit)}"))
    return tuple(found)


def _of_pod(stack: StackRecord, release: Release, unit: Unit) -> Iterator[UnitAction]:
    yield from (UnitAction(*found) for found in kube_units.verbs(release, unit))
    if unit.state is UnitState.RUNNING:
        yield UnitAction("shell", "Shell", shlex.join(kube_units.shell_command(release, unit)))
    if unit.role == "api" and unit.state is UnitState.RUNNING:
        yield UnitAction("open", "Open its page", stack.url)
    elif unit.ports and unit.container:
        yield UnitAction("address", "Copy its address", ", ".join(f"{a}:{p}" for a, p in unit.ports))
    if unit.container and unit.restarts:
        yield UnitAction("previous", "Logs of the run before", kube_units.previous_command(release, unit))


def _release(stack: StackRecord) -> Release | None:
    """What of a cluster is the stack's; None where there is no cluster, or the folder cannot tell."""
    if stack.target in _CONTAINERS:
        return None
    try:
        return kube_units.release_of(stack)
    except WizardError:
        return None


def _verbs(unit: Unit) -> tuple[str, ...]:
    if unit.role == "init" or (unit.state is UnitState.UNKNOWN and not unit.container):
        return ()
    if unit.state is UnitState.PAUSED:
        return ("stop",)
    return ("restart", "stop") if unit.state in _ALIVE else ("start",)


def _verb(stack: StackRecord, unit: Unit, verb: str) -> str:
    if stack.target == Target.STANDALONE:
        return f"./stack {verb if verb == 'restart' else f'{verb}-unit'} {unit.id}"
    return shlex.join(("docker", verb, unit.container or unit.id))


def shell_command(stack: StackRecord, unit: Unit) -> tuple[str, ...]:
    """A shell in a container: bash, or sh where there is none."""
    release = _release(stack)
    if release is not None:
        return kube_units.shell_command(release, unit)
    return ("docker", "exec", "--interactive", "--tty", unit.container, "sh", "-c", kube_units.SHELL)


def shell(stack: StackRecord, unit: Unit) -> int:
    """Run a shell in a container, with this terminal as its own. Returns its exit code.

    Raises:
        WizardError: the command log cannot be written.
    """
    argv, folder = shell_command(stack, unit), stack.folder if Path(stack.folder).is_dir() else "/"
    log = CommandLog(Path(stack.folder) if folder == stack.folder else None, mask=masker(stack).mask)
    record = log.start(argv, folder)
    code, seconds = run_in_foreground(argv, cwd=folder)
    log.finish(record, code, seconds)
    return code


def last_lines(stack: StackRecord, unit: Unit, count: int, *, before: float | None = None) -> list[LogLine]:
    """The last lines a unit wrote, oldest first, safe to show; also those of runs before this one.

    Args:
        stack: which.
        unit: of it.
        count: how many at most.
        before: unix seconds; only lines that were written earlier.

    Raises:
        EngineUnreachableError: the engine that has them does not answer.
    """
    until = None if before is None else before - 1e-6  # earlier by the least that a stamp can tell
    if unit.container and _release(stack) is not None:
        found = kube_logs.last_lines(place_of(stack), unit.container, unit.id, count, until=until)
    elif unit.container:
        with Engine(timeout=5.0) as engine:
            found = container_logs.read_tail(engine, {unit.container: unit.id}, count, until=until)
    else:
        found = log_reader.read_tail({unit.id: Path(_log_file(stack, unit))}, count, until=until)
    return cleaner(stack)(found)


def _log_file(stack: StackRecord, unit: Unit) -> str:
    return str(supervised.log_file(stack.folder, unit.id))


def commands(stack: StackRecord) -> list[PastCommand]:
    """Every command that was run for a stack, oldest first; of very many the newest."""
    return command_history.read(Path(stack.folder))
