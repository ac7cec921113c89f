"""Rules about what runs: supervisor, components, heartbeats, the port. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.model import launch_again, look, restart, restart_unit, start, tail_of
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.assemble import Answer, ended_badly, how_it_ended
from airflow_wizard.status.snapshot import Health, StackState, UnitState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.status.snapshot import Unit

_CRASHES = 3
_RECENT = 600.0


def supervisor_gone(evidence: Evidence) -> Iterator[Finding]:
    """The supervisor ended without stopping the stack, with or without leftovers."""
    if evidence.snapshot is None or evidence.running:
        return
    if evidence.leftovers:
        count = "1 process" if evidence.leftovers == 1 else f"{evidence.leftovers} processes"
        yield Finding(
            "supervisor.gone",
            Level.FAIL,
            "Supervisor",
            f"it does not run, and {count} of the stack still do",
            "a supervisor that starts again what dies",
            "Nothing keeps Airflow whole, and what is left holds its port and its database.",
            evidence=tail_of(evidence.lines.get("supervisor", ()), 3),
            fixes=(start(evidence.subject),),
        )
    elif evidence.snapshot.error:
        yield Finding(
            "supervisor.gone",
            Level.FAIL,
            "Supervisor",
            evidence.snapshot.error,
            "a supervisor that runs, or one that was stopped",
            "Nothing of the stack runs, although nobody stopped it.",
            evidence=tail_of(evidence.lines.get("supervisor", ()), 3),
            fixes=(start(evidence.subject),),
        )


def state_file(evidence: Evidence) -> Iterator[Finding]:
    """A supervisor runs, and what it last saw cannot be read."""
    if evidence.cluster is not None:
        return
    if evidence.running and evidence.snapshot is not None and not any(u.pid for u in evidence.snapshot.units):
        if any(u.state is not UnitState.UNKNOWN for u in evidence.snapshot.units if u.role != "supervisor"):
            return
        yield Finding(
            "supervisor.state",
            Level.FAIL,
            "State file",
            "run/supervisor.json is missing or damaged while a supervisor runs",
            why="What runs cannot be told, and one component cannot be restarted alone.",
            fixes=(restart(evidence.subject),),
        )


def port_foreign(evidence: Evidence) -> Iterator[Finding]:
    """Another program is on the stack's port."""
    port = evidence.port
    subject = evidence.subject
    answered = evidence.answer is Answer.FOREIGN
    taken = port is not None and not port.free and not port.ours and (port.pid is not None or not evidence.running)
    if not answered and not taken:
        return
    holder = port.holder if port is not None and not port.ours and port.holder else evidence.answer_words
    fixes = [Fix("End that program", Risk.DISRUPTIVE, (("kill", str(port.pid)),))] if port and port.pid else []
    again = (
        "airflow-wizard",
        "up",
        "--name",
        subject.name,
        "--dir",
        subject.folder,
        "--set",
        f"port={subject.port + 1}",
    )
    fixes.append(Fix("Launch on another port", Risk.DISRUPTIVE, (again,)))
    yield Finding(
        "port.foreign",
        # While the stack is stopped nothing is wrong yet; it only could not be started.
        Level.FAIL if evidence.running else Level.WARN,
        f"Port {subject.port}",
        f"held by {holder or 'another program'}",
        "a port that is free, or held by this stack",
        "The web server cannot listen there, and what a browser shows is not this Airflow.",
        evidence=(f"what answers: {evidence.answer_words}",) if answered and evidence.answer_words else (),
        fixes=tuple(fixes),
    )


def crash_loops(evidence: Evidence) -> Iterator[Finding]:
    """Components that ended by themselves."""
    if evidence.snapshot is None or not evidence.running:
        return
    for unit in evidence.snapshot.units:
        code = evidence.last_exits.get(unit.id, unit.exit_code)
        down = unit.state is UnitState.RESTARTING
        young = unit.since is not None and evidence.now - unit.since < _RECENT
        looping = unit.state is UnitState.RUNNING and unit.restarts >= _CRASHES and unit.health is not Health.HEALTHY
        if not ended_badly(code) and not down:
            continue
        if code == -9 and (down or young):
            yield _killed(evidence, unit, down=down)
        elif down or (looping and young):
            yield _crashed(evidence, unit)
        elif unit.state is UnitState.RUNNING and unit.restarts and young:
            yield _recovered(evidence, unit, code)


def _recovered(evidence: Evidence, unit: Unit, code: int | None) -> Finding:
    return Finding(
        f"component.restarted.{unit.id}",
        Level.WARN,
        unit.id.capitalize(),
        f"it {how_it_ended(code)} a short while ago, and runs again",
        why="What it was doing was lost; when it happens again, its log says why.",
        evidence=tail_of(evidence.lines.get(unit.id, ()), 4),
        fixes=(look(evidence.subject, unit.id),),
    )


def _crashed(evidence: Evidence, unit: Unit) -> Finding:
    times = f", {unit.restarts} restarts so far" if unit.restarts else ""
    ended = how_it_ended(unit.exit_code) if unit.state is UnitState.RESTARTING else "ends again and again"
    return Finding(
        f"component.crash.{unit.id}",
        Level.FAIL,
        unit.id.capitalize(),
        f"{ended}{times}",
        "a process that keeps running",
        "The supervisor starts it again, waiting longer each time; what it wrote last says why it ends.",
        evidence=tail_of(evidence.lines.get(unit.id, ())),
        fixes=(look(evidence.subject, unit.id), launch_again(evidence.subject)),
    )


def _killed(evidence: Evidence, unit: Unit, *, down: bool) -> Finding:
    machine = evidence.machine
    short = machine is not None and machine.memory_available < 0.1 * machine.memory_total
    memory = "; the machine has little memory left" if short else ""
    return Finding(
        f"component.killed.{unit.id}",
        Level.FAIL if down else Level.WARN,
        unit.id.capitalize(),
        f"it was killed by signal 9{memory}" + ("" if down else "; it runs again"),
        why="The kernel does that when memory runs out; a person can, too. dmesg tells which.",
        evidence=tail_of(evidence.lines.get("supervisor", ()), 3),
        fixes=(
            Fix("Run less at once", Risk.DISRUPTIVE, answers=(("parallelism", 4), ("api_workers", 1))),
            look(evidence.subject, unit.id),
        ),
    )


def heartbeats(evidence: Evidence) -> Iterator[Finding]:
    """Processes that run, and that Airflow has not heard of for too long."""
    if evidence.snapshot is None or not evidence.running or evidence.answer is not Answer.OURS:
        return
    for unit in evidence.snapshot.units:
        if unit.state is UnitState.RUNNING and unit.health is Health.UNHEALTHY and unit.role in _MEANS:
            yield Finding(
                f"{unit.role}.heartbeat",
                Level.FAIL,
                unit.id.capitalize(),
                unit.reason or "no fresh heartbeat",
                "a heartbeat in the last 30 s",
                f"It runs, but it hangs or cannot reach the database. {_MEANS[unit.role]}",
                evidence=tail_of(evidence.lines.get(unit.id, ()), 4),
                fixes=(restart_unit(evidence.subject, unit.id), look(evidence.subject, unit.id)),
            )


_MEANS = {
    "scheduler": "Nothing new is scheduled.",
    "dag-processor": "Changes to DAGs are not seen.",
    "triggerer": "Deferred tasks wait.",
}


def web_silent(evidence: Evidence) -> Iterator[Finding]:
    """The web server runs and does not answer."""
    if evidence.snapshot is None or evidence.snapshot.state is StackState.STARTING:
        return
    if evidence.answer not in (Answer.SILENT, Answer.UNREADABLE):
        return
    for unit in evidence.snapshot.units:
        if unit.role == "api" and unit.state is UnitState.RUNNING and unit.health is not Health.STARTING:
            yield Finding(
                "web.silent",
                Level.FAIL,
                unit.id.capitalize(),
                f"it runs and does not answer at {evidence.subject.url}: {evidence.answer_words}",
                why="No page can be opened, and tasks cannot report.",
                evidence=tail_of(evidence.lines.get(unit.id, ()), 4),
                fixes=(restart_unit(evidence.subject, unit.id), look(evidence.subject, unit.id)),
            )


RULES = (supervisor_gone, state_file, port_foreign, crash_loops, heartbeats, web_silent)
