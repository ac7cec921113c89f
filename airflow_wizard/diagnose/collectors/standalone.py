"""Evidence about a stack without containers. Looks and changes nothing; each part has its own deadline."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.collectors.dag_errors import import_errors
from airflow_wizard.diagnose.collectors.disk_files import (
    database_fact,
    edited_since,
    file_facts,
    pending_conflicts,
    secret_fact,
    unfinished_step,
    venv_problem,
)
from airflow_wizard.diagnose.collectors.together import Part, collect_together
from airflow_wizard.diagnose.evidence import Evidence, MachineFact, PortFact, Subject
from airflow_wizard.engines import log_reader, machine, ports, supervised
from airflow_wizard.status.assemble import SUPERVISOR, Answer, assemble
from airflow_wizard.status.standalone_feed import StandaloneFeed
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.log_line import LogLine
    from airflow_wizard.status.standalone_feed import Place

_LINES = 1500
_RECENT = 3600.0
_STARTED = re.compile(r"\] ([\w-]+): started, pid \d+$")
# What a component wrote before its last end, when it ended not long ago.
_BEFORE = 120.0


def collect(
    subject: Subject,
    place: Place,
    *,
    fingerprint: str = "",
    secret_keys: tuple[str, ...] = (),
    mask: Callable[[str], str] = str,
) -> Evidence:
    """Everything that can be seen of the stack within a few seconds. Never raises for what is wrong with it.

    Args:
        subject: the stack.
        place: how its feed looks at it.
        fingerprint: of the configuration that should run; empty when unknown.
        secret_keys: keys that .env should hold.
        mask: takes secrets out of a line.
    """
    folder = Path(subject.folder)
    feed = StandaloneFeed(place)

    def runtime() -> Mapping[str, object]:
        seen = feed.look()
        found: dict[str, object] = {
            "snapshot": assemble(seen),
            "answer": seen.answer if seen.supervisor.running else None,
            "answer_words": seen.words,
            "leftovers": seen.leftovers,
            "last_exits": {c.name: c.exit_code for c in seen.supervisor.components if c.exit_code is not None},
        }
        if seen.answer is Answer.OURS:
            found["import_errors"] = import_errors(feed.client(), Path(subject.dags), mask)
        return found

    def lines() -> Mapping[str, object]:
        return {"lines": _lines(subject.folder, mask)}

    def port() -> Mapping[str, object]:
        return {"port": _port(subject)}

    def numbers() -> Mapping[str, object]:
        total, available, _ = machine.memory()
        free, size = machine.space(folder)
        return {"machine": MachineFact(free, size, available, total)}

    def files() -> Mapping[str, object]:
        state = supervised.read_supervisor(subject.folder)
        as_launched = state.fingerprint == fingerprint if state.running and fingerprint and state.fingerprint else None
        return {
            "files": file_facts(folder, Path(subject.dags)),
            "secrets": secret_fact(folder, secret_keys, as_launched=as_launched),
            "venv": venv_problem(folder),
            "unfinished": unfinished_step(folder),
            "conflicts": pending_conflicts(folder),
            "edited": edited_since(folder, state.components[0].since if state.running and state.components else None),
        }

    def database() -> Mapping[str, object]:
        return {"database": database_fact(Path(subject.sqlite), folder)} if subject.sqlite else {}

    found, unseen = collect_together(
        [
            Part("processes and health", 6.0, runtime),
            Part("logs", 4.0, lines),
            Part("port", 3.0, port),
            Part("machine", 2.0, numbers),
            Part("files", 3.0, files),
            Part("database", 4.0, database),
        ]
    )
    return Evidence(subject=subject, now=time.time(), unseen=unseen, **found)  # type: ignore[arg-type]


def _lines(folder: str, mask: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Lines that are about now: since a component's start, and before it when the last end is recent."""
    state = supervised.read_supervisor(folder)
    since_by_unit = _last_starts(folder)
    now = time.time()
    for component in state.components if state.running else ():
        since = component.since
        if component.state != "running" or (component.restarts and now - since < _BEFORE):
            since -= _BEFORE
        since_by_unit[component.name] = max(since, now - _RECENT)
    found = {}
    for unit, path in supervised.log_files(folder).items():
        since = since_by_unit.get(unit, 0.0)
        count = _LINES if state.running else 200
        raw = log_reader.read_tail({unit: path}, count, since=since or None)
        found[unit] = tuple(mask(plain(text)) for text in _texts(raw))
    return found


def _last_starts(folder: str) -> dict[str, float]:
    """When each component was last started, by the supervisor's log; what it wrote before is about another run."""
    found = {}
    log = supervised.log_file(folder, SUPERVISOR)
    for line in log_reader.read_tail({SUPERVISOR: log}, 500):
        match = _STARTED.search(line.text)
        if match is not None and line.time is not None:
            # The supervisor's log has whole seconds.
            found[match[1]] = line.time - 1.0
    return found


def _texts(raw: list[LogLine]) -> list[str]:
    return [line.text for line in raw if line.text.strip()]


def _port(subject: Subject) -> PortFact:
    reason = ports.why_not_free(subject.bind or "127.0.0.1", subject.port)
    if not reason:
        return PortFact(free=True)
    holder = ports.holders([subject.port]).get(subject.port)
    if holder is None:
        return PortFact(free=False, holder=reason)
    family = {process.pid for process in supervised.processes_of(subject.folder)}
    words = one_line(holder.command or "a program", limit=80)
    owner = f", user {one_line(holder.user, limit=40)}" if holder.user else ""
    said = f"{words} (pid {holder.pid}{owner})" if holder.pid else f"{words}{owner}"
    return PortFact(free=False, holder=said, pid=holder.pid, ours=holder.pid in family)
