"""Evidence about a stack of containers. Looks and changes nothing; each part has its own deadline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.collectors.compose_files import compose_file_facts, damage_and_hashes, uid_of
from airflow_wizard.diagnose.collectors.dag_errors import import_errors
from airflow_wizard.diagnose.collectors.disk_files import pending_conflicts, secret_fact, unfinished_step
from airflow_wizard.diagnose.collectors.together import Part, collect_together
from airflow_wizard.diagnose.evidence import ContainerFact, Evidence, MachineFact, PortFact, ProjectFact, Subject
from airflow_wizard.engines import machine, ports
from airflow_wizard.engines.container_facts import unit_names
from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.compose_assemble import assemble_project, current
from airflow_wizard.status.compose_feed import ComposeFeed
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.rules import Answer, ended_badly
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.status.compose_assemble import SeenProject
    from airflow_wizard.status.place import Place
    from airflow_wizard.status.snapshot import Unit

_LINES = 400
_RECENT = 3600.0
# What a container that was started again wrote before its last end.
_BEFORE = 120.0


def collect(
    subject: Subject, place: Place, *, secret_keys: tuple[str, ...] = (), mask: Callable[[str], str] = str
) -> Evidence:
    """Everything that can be seen of the stack within a few seconds. Never raises for what is wrong with it.

    Args:
        subject: the stack.
        place: how its feed looks at it.
        secret_keys: keys that .env should hold.
        mask: takes secrets out of a line.
    """
    folder = Path(subject.folder)

    def project() -> Mapping[str, object]:
        feed = ComposeFeed(place, mask=mask, patient=True)
        try:
            seen = feed.look()
        finally:
            feed.close()
        if seen.unseen:
            return {"project": _without_engine(place)}
        snapshot = assemble_project(seen)
        fact = _project(seen, {unit.id: unit for unit in snapshot.units}, mask)
        found: dict[str, object] = {
            "snapshot": snapshot,
            "answer": seen.heard.answer if fact.live else None,
            "answer_words": seen.heard.words,
            "project": fact,
            "lines": _lines(seen, mask),
        }
        if seen.heard.answer is Answer.OURS:
            found["import_errors"] = import_errors(Hearing(place).client(), Path(subject.dags), mask)
        return found

    def numbers() -> Mapping[str, object]:
        total, available, _ = machine.memory()
        free, size = machine.space(folder)
        return {"machine": MachineFact(free, size, available, total)}

    def files() -> Mapping[str, object]:
        return {
            "files": compose_file_facts(folder, Path(subject.dags)),
            "secrets": secret_fact(folder, secret_keys, as_launched=None),
            "unfinished": unfinished_step(folder),
            "conflicts": pending_conflicts(folder),
        }

    def port() -> Mapping[str, object]:
        return {"port": _port(subject, place.project)}

    found, unseen = collect_together(
        [
            Part("containers and health", 8.0, project),
            Part("port", 3.0, port),
            Part("machine", 2.0, numbers),
            Part("files", 3.0, files),
        ]
    )
    return Evidence(subject=subject, now=time.time(), unseen=unseen, **found)  # type: ignore[arg-type]


def _without_engine(place: Place) -> ProjectFact:
    try:
        Engine(timeout=1.0).close()
    except EngineUnreachableError as error:
        return ProjectFact(place.project, engine=one_line(error.what), engine_next=one_line(error.next))
    return ProjectFact(place.project, engine="the engine refused to answer", engine_next="docker info")


def _project(seen: SeenProject, units: Mapping[str, Unit], mask: Callable[[str], str]) -> ProjectFact:
    place, there = seen.place, current(seen.containers)
    names = unit_names(there)
    damage, hashes = damage_and_hashes(Path(place.folder))
    changed = {c.service for c in there if c.running and hashes.get(c.service, c.config_hash) != c.config_hash}
    facts = []
    for container in there:
        unit = units.get(names[container.id])
        facts.append(
            ContainerFact(
                unit=names[container.id],
                role=unit.role if unit is not None else "other",
                name=container.name,
                state=container.state,
                health=container.health,
                health_said=one_line(mask(plain(container.health_said)), limit=300),
                exit_code=container.exit_code if container.exit_code is not None else seen.last_ends.get(container.id),
                restarts=container.restarts,
                oom=container.oom,
                error=one_line(mask(plain(container.error)), limit=400),
                since=container.started if container.running else container.finished,
            )
        )
    known = {container.service for container in there}
    missing = tuple(service for service in place.expected if service not in known)
    return ProjectFact(
        place.project, "", "", tuple(facts), missing, mask(damage), tuple(sorted(changed)), uid_of(Path(place.folder))
    )


def _lines(seen: SeenProject, mask: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Lines that are about now: of this run, and of the one before it when that ended not long ago."""
    there = current(seen.containers)
    names = unit_names(there)
    found: dict[str, tuple[str, ...]] = {}
    try:
        with Engine(timeout=5.0) as engine:
            for container in there:
                if _well(container):
                    continue
                raw = engine.log_tail(container.id, _LINES, since=_since(container, seen.now))
                found[names[container.id]] = tuple(mask(plain(line)) for line in raw if line.strip())
    except EngineUnreachableError:
        return found
    return found


def _well(container: Container) -> bool:
    """An init that ended well is past; database and broker mostly log what others do wrong."""
    if container.service.startswith("airflow-"):
        return container.state == "exited" and container.exit_code == 0
    return not (container.state == "restarting" or container.health == "unhealthy" or ended_badly(container.exit_code))


def _since(container: Container, now: float) -> float | None:
    if container.started is None:
        return None
    again = container.restarts or container.state == "restarting"
    since = container.started - (_BEFORE if again and now - container.started < _BEFORE else 0.0)
    return max(since, now - _RECENT) if container.running else since


def _port(subject: Subject, project: str) -> PortFact:
    reason = ports.why_not_free(subject.bind or "127.0.0.1", subject.port)
    if not reason:
        return PortFact(free=True)
    try:
        with Engine(timeout=2.0) as engine:
            publishing = engine.publishing(subject.port)
    except EngineUnreachableError:
        publishing = ()
    if publishing:
        ours = any(c.project == project for c in publishing)
        return PortFact(free=False, holder=f"container {one_line(publishing[0].name, limit=80)}", ours=ours)
    holder = ports.holders([subject.port]).get(subject.port)
    if holder is None or holder.pid is None:
        return PortFact(free=False, holder=reason)
    words = one_line(holder.command or "a program", limit=80)
    return PortFact(free=False, holder=f"{words} (pid {holder.pid})", pid=holder.pid)
