"""Rules about a Compose project: the engine, its containers, how they ended, what its files say now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.model import launch_again, look, restart_unit, start, tail_of
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.rules import LOOP, ended_badly, how_it_ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import ContainerFact, Evidence, ProjectFact

_RECENT = 600.0
_KILLED = 137
# What the stack does not do while a part of it is away.
_MEANS = {
    "database": "Everything in Airflow waits for its database.",
    "broker": "Tasks do not get from the scheduler to the workers.",
    "api": "No page can be opened, and tasks cannot report.",
    "scheduler": "Nothing new is scheduled.",
    "dag-processor": "Changes to DAGs are not seen.",
    "worker": "No task runs.",
    "triggerer": "Deferred tasks wait.",
    "init": "Without it there is neither a database nor a login; the others wait for its end.",
}
# What everything else needs has a name of its own, so that the rest can be told to follow from it.
_ROOTS = {"database": "database", "broker": "broker", "init": "init"}


def engine(evidence: Evidence) -> Iterator[Finding]:
    """The engine does not answer."""
    project = evidence.project
    if project is not None and project.engine:
        yield Finding(
            "engine.unreachable",
            Level.FAIL,
            "Docker engine",
            project.engine,
            "a Docker engine that answers",
            "Whether the stack runs cannot be seen, and nothing of it can be started.",
            fixes=(Fix(project.engine_next),) if project.engine_next else (),
        )


def compose_file(evidence: Evidence) -> Iterator[Finding]:
    """A compose file that Compose cannot read, or that says something else than what runs."""
    project, subject = evidence.project, evidence.subject
    if project is None:
        return
    path = f"{subject.folder}/docker-compose.yaml"
    if project.damage:
        yield Finding(
            "files.compose",
            Level.FAIL,
            "docker-compose.yaml",
            f"Compose cannot read it: {project.damage}",
            why="What runs goes on running, and nothing can be started or changed.",
            evidence=(path,),
            fixes=(
                Fix(
                    "Correct the line, then see that it is valid",
                    commands=(("docker", "compose", "config", "--quiet"),),
                ),
                Fix(
                    "Or take the wizard's own again",
                    Risk.SAFE,
                    (("mv", path, f"{path}.mine"), *launch_again(subject).commands),
                ),
            ),
        )
    elif project.changed:
        yield Finding(
            "config.not_running",
            Level.WARN,
            "Configuration",
            f"{', '.join(project.changed)} runs with other settings than docker-compose.yaml and .env have now",
            why="A container keeps the settings it was made with; docker compose restart does not change that.",
            evidence=(path, f"{subject.folder}/.env"),
            fixes=(Fix("Make these containers anew", Risk.DISRUPTIVE, launch_again(subject).commands, id="apply"),),
        )


def containers(evidence: Evidence) -> Iterator[Finding]:
    """Containers that ended, are started again and again, were killed or stopped, or are not well."""
    project = evidence.project
    if project is None:
        return
    whole = project.live or _init_failed(project)
    for container in project.containers:
        if not whole and not container.error:
            continue  # stopped as a whole: nothing is wrong with that
        yield from _one(evidence, container)
    if project.live:
        for service in project.missing:
            role = _role_of(evidence, service)
            yield Finding(
                f"{_ROOTS.get(role, 'component')}.missing.{service}",
                Level.FAIL,
                service.capitalize(),
                "has no container, while the rest of the stack runs",
                why=_MEANS.get(role, "Airflow is not whole without it."),
                fixes=(start(evidence.subject),),
            )


def _init_failed(project: ProjectFact) -> bool:
    return any(c.role == "init" and c.state == "exited" and c.exit_code for c in project.containers)


def _role_of(evidence: Evidence, service: str) -> str:
    units = evidence.snapshot.units if evidence.snapshot is not None else ()
    return next((unit.role for unit in units if unit.id == service), "other")


def _one(evidence: Evidence, container: ContainerFact) -> Iterator[Finding]:
    code = container.exit_code
    if container.oom:
        yield _oom(evidence, container)
    elif container.state in ("created", "exited", "dead"):
        yield from _down(evidence, container)
    elif container.state == "restarting":
        times = f", {container.restarts} restarts so far" if container.restarts else ""
        yield _finding(evidence, container, "crash", f"{how_it_ended(code)}, and is started again and again{times}")
    elif container.state == "paused":
        go_on = Fix("Let it go on", Risk.SAFE, (("docker", "unpause", container.name),))
        yield _finding(evidence, container, "paused", "it is paused", go_on)
    elif container.health == "unhealthy":
        said = f"it runs, and its check fails: {container.health_said or 'it says nothing'}"
        yield _finding(evidence, container, "unhealthy", said, restart_unit(evidence.subject, container.unit))
    else:
        yield from _after_a_fall(evidence, container)


def _down(evidence: Evidence, container: ContainerFact) -> Iterator[Finding]:
    code = container.exit_code
    if container.error:
        found = f"the engine could not start it: {container.error}"
        yield _finding(evidence, container, "refused", found, start(evidence.subject))
    elif container.role == "init":
        if code:
            yield _finding(evidence, container, "failed", how_it_ended(code))
    elif ended_badly(code):
        yield _finding(evidence, container, "crash", f"{how_it_ended(code)}, and does not run any more")
    else:
        found = "it does not run, while the rest of the stack does"
        yield _finding(evidence, container, "stopped", found, start(evidence.subject))


def _after_a_fall(evidence: Evidence, container: ContainerFact) -> Iterator[Finding]:
    """It runs; between two crashes of many that is no good sign."""
    code = container.exit_code
    young = container.since is not None and evidence.now - container.since < _RECENT
    if not container.restarts or not young or not (ended_badly(code) or code == _KILLED):
        return
    if container.restarts >= LOOP and container.health != "healthy":
        found = f"{how_it_ended(code)} again and again, {container.restarts} restarts so far"
        yield _finding(evidence, container, "crash", found)
    else:
        yield _again(evidence, container)


def _finding(evidence: Evidence, container: ContainerFact, what: str, found: str, *first: Fix) -> Finding:
    lines = evidence.lines.get(container.unit, ())
    return Finding(
        f"{_ROOTS.get(container.role, 'component')}.{what}.{container.unit}",
        Level.FAIL,
        container.unit.capitalize(),
        found,
        "a container that keeps running" if container.role != "init" else "an end with exit 0",
        _MEANS.get(container.role, "Airflow is not whole without it."),
        evidence=tail_of(lines) if what not in ("stopped", "paused", "refused") else (),
        fixes=(*first, look(evidence.subject, container.unit), *(() if first else (launch_again(evidence.subject),))),
    )


def _again(evidence: Evidence, container: ContainerFact) -> Finding:
    """It was started again, and runs."""
    return Finding(
        f"component.restarted.{container.unit}",
        Level.WARN,
        container.unit.capitalize(),
        f"it {how_it_ended(container.exit_code)} a short while ago, and runs again",
        why="What it was doing was lost; when it happens again, its log says why.",
        evidence=tail_of(evidence.lines.get(container.unit, ()), 4),
        fixes=(look(evidence.subject, container.unit),),
    )


def _oom(evidence: Evidence, container: ContainerFact) -> Finding:
    down = container.state != "running"
    return Finding(
        f"component.killed.{container.unit}",
        Level.FAIL if down else Level.WARN,
        container.unit.capitalize(),
        "its memory ran out and the kernel killed it" + ("" if down else "; it runs again"),
        why=_MEANS.get(container.role, "Airflow is not whole without it."),
        evidence=tail_of(evidence.lines.get(container.unit, ()), 3),
        fixes=(
            Fix("Run less at once", Risk.DISRUPTIVE, answers=(("parallelism", 4), ("api_workers", 1))),
            Fix("See what takes the engine's memory", commands=(("docker", "stats", "--no-stream"),)),
        ),
    )


def owners(evidence: Evidence) -> Iterator[Finding]:
    """A folder that Airflow has to write into, and that is somebody else's, usually because root made it."""
    project, subject = evidence.project, evidence.subject
    fact = evidence.files.get("logs")
    # Before the first start it is airflow-init's to hand over.
    if (
        project is None
        or not project.live
        or project.uid is None
        or fact is None
        or fact.kind != "folder"
        or fact.uid is None
    ):
        return
    by_group = fact.gid == 0 and fact.mode & 0o020
    # Without root an engine gives a container's users other numbers out here; root's own is never among them.
    if fact.uid != 0 or project.uid == 0 or by_group or fact.mode & 0o002:
        return
    yield Finding(
        "permission.logs",
        Level.FAIL,
        "logs/",
        f"it belongs to root (mode {fact.mode:04o}), and Airflow runs as user {project.uid}",
        f"a folder that user {project.uid} may write",
        "A task cannot write its log and fails before it begins.",
        evidence=(f"{subject.folder}/logs",),
        fixes=(
            Fix(
                "Let airflow-init hand it over",
                Risk.SAFE,
                (("airflow-wizard", "up", "--name", subject.name, "--dir", subject.folder),),
                id="hand-over",
            ),
            Fix(
                "Or give it to that user yourself",
                Risk.PRIVILEGED,
                (("sudo", "chown", "-R", f"{project.uid}:0", f"{subject.folder}/logs"),),
            ),
        ),
    )


RULES = (engine, compose_file, owners, containers)
