"""What is said of a Compose project: each fault by its own id, the cause before what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.evidence import ContainerFact, Evidence, FileFact, ProjectFact, StepFact
from airflow_wizard.finding import Finding, Level
from airflow_wizard.status.rules import Answer
from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth, Health, Snapshot, StackState, Unit, UnitState
from tests.diagnose.stacks import NOW, SUBJECT, evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLES = {
    "postgres": "database",
    "redis": "broker",
    "airflow-init": "init",
    "airflow-apiserver": "api",
    "airflow-scheduler": "scheduler",
    "airflow-triggerer": "triggerer",
}
REFUSED = 'psycopg2.OperationalError: FATAL: password authentication failed for user "airflow"'
UNREACHED = 'could not translate host name "postgres" to address: Name or service not known'


def container(unit: str, **more: object) -> ContainerFact:
    """One that is well, but for what is said."""
    init = {"state": "exited", "exit_code": 0} if unit == "airflow-init" else {"state": "running", "health": "healthy"}
    values: dict[str, object] = {"since": NOW - 600, **init, **more}
    return ContainerFact(unit, ROLES[unit], f"demo-{unit}-1", **values)  # type: ignore[arg-type]


def stack(*changed: ContainerFact, without: Iterable[str] = (), **more: object) -> Evidence:
    """A project that is well, but for what is said."""
    named = {c.unit: c for c in changed}
    there = tuple(named.get(unit, container(unit)) for unit in ROLES if unit not in without)
    units = tuple(Unit(unit, role, UnitState.RUNNING, Health.HEALTHY) for unit, role in ROLES.items())
    word = AirflowHealth(metadatabase=ComponentHealth("healthy"))
    values: dict[str, object] = {
        "subject": replace(SUBJECT, target="compose", sqlite=""),
        "snapshot": Snapshot("demo", "compose", StackState.RUNNING, units, word, SUBJECT.url, NOW),
        "database": None,
        "venv": None,
        "files": {".env": FileFact("file", 0o600), "logs": FileFact("folder", 0o755, uid=1000, gid=0)},
        "project": ProjectFact("airflow-demo", containers=there, missing=tuple(without), uid=1000),
        **more,
    }
    return evidence(**values)


def project(**more: object) -> ProjectFact:
    known = stack().project
    assert known is not None
    return replace(known, **more)  # type: ignore[arg-type]


def stopped() -> tuple[ContainerFact, ...]:
    return tuple(container(unit, state="exited", exit_code=0, health="") for unit in ROLES)


def one(seen: Evidence) -> Finding:
    findings = evaluate(seen)
    assert len(findings) == 1, [f.id for f in findings]
    return findings[0]


def test_nothing_is_found_where_all_is_well_or_stopped_on_purpose() -> None:
    assert evaluate(stack()) == []
    assert evaluate(stack(*stopped(), answer=None)) == []
    assert evaluate(stack(project=ProjectFact("airflow-demo"), answer=None)) == []


EXITED = {"state": "exited", "health": ""}
CASES = {
    "component.stopped.airflow-scheduler": stack(container("airflow-scheduler", **EXITED, exit_code=137)),
    "component.crash.airflow-scheduler": stack(container("airflow-scheduler", **EXITED, exit_code=1)),
    "component.crash.airflow-triggerer": stack(container("airflow-triggerer", state="restarting", exit_code=1)),
    "component.killed.airflow-scheduler": stack(container("airflow-scheduler", **EXITED, exit_code=137, oom=True)),
    "component.refused.airflow-scheduler": stack(container("airflow-scheduler", **EXITED, error="network x not found")),
    "component.paused.airflow-scheduler": stack(container("airflow-scheduler", state="paused")),
    "component.unhealthy.airflow-scheduler": stack(container("airflow-scheduler", health="unhealthy")),
    "component.missing.airflow-triggerer": stack(without=("airflow-triggerer",)),
    "database.stopped.postgres": stack(container("postgres", **EXITED, exit_code=0)),
    "broker.stopped.redis": stack(container("redis", **EXITED, exit_code=0)),
    "init.failed.airflow-init": stack(container("airflow-init", exit_code=1)),
    "files.compose": stack(project=project(damage="line 7: expected ']'")),
    "config.not_running": stack(project=project(changed=("airflow-scheduler",))),
    "permission.logs": stack(files={"logs": FileFact("folder", 0o755, uid=0, gid=0)}),
    "engine.unreachable": stack(project=ProjectFact("airflow-demo", engine="nothing answers there"), answer=None),
    "files.missing": stack(files={"docker-compose.yaml": FileFact("missing")}),
}


@pytest.mark.parametrize("finding_id", CASES)
def test_each_fault_is_told_alone_with_a_fix(finding_id: str) -> None:
    finding = one(CASES[finding_id])
    assert finding.id == finding_id
    assert finding.level is (Level.WARN if finding_id == "config.not_running" else Level.FAIL)
    assert finding.found
    assert finding.why
    assert finding.fixes or finding_id == "engine.unreachable"


@pytest.mark.parametrize(
    "more", [{"uid": 1000, "gid": 0}, {"uid": 100999, "gid": 100000}, {"uid": 0, "gid": 0, "mode": 0o775}]
)
def test_logs_that_can_be_written_are_no_finding(more: dict[str, int]) -> None:
    fact = FileFact("folder", more.pop("mode", 0o755), **more)  # type: ignore[arg-type]
    assert evaluate(stack(files={"logs": fact})) == []


def test_a_fall_that_is_over_is_a_warning_and_one_of_many_is_not() -> None:
    once = container("airflow-scheduler", restarts=1, exit_code=1, since=NOW - 5)
    assert (one(stack(once)).id, one(stack(once)).level) == ("component.restarted.airflow-scheduler", Level.WARN)
    assert evaluate(stack(replace(once, since=NOW - 3600))) == []
    often = replace(once, restarts=4, health="starting")
    assert one(stack(often)).id == "component.crash.airflow-scheduler"


def test_what_follows_from_a_database_that_is_away_names_it() -> None:
    seen = stack(
        container("postgres", **EXITED, exit_code=0),
        container("airflow-scheduler", state="restarting", exit_code=1, restarts=3),
        lines={"airflow-scheduler": (UNREACHED,)},
        unfinished=StepFact("heartbeats", "failed", "nothing moved"),
        answer=Answer.SILENT,
        snapshot=None,
    )
    first, *rest = evaluate(seen)
    assert first.id == "database.stopped.postgres"
    assert {f.id for f in rest} == {"component.crash.airflow-scheduler", "postgres.unreachable", "launch.unfinished"}
    assert all("database.stopped.postgres" in f.causes for f in rest)


def test_a_password_that_init_was_refused_with_is_the_cause_though_the_rest_still_runs() -> None:
    seen = stack(container("airflow-init", exit_code=1), lines={"airflow-init": (REFUSED, REFUSED)})
    first, second = evaluate(seen)
    assert (first.id, second.id) == ("postgres.auth", "init.failed.airflow-init")
    assert second.causes == ("postgres.auth",)
    assert second.evidence == (REFUSED,)


def test_lines_of_a_start_that_came_to_a_good_end_are_past() -> None:
    assert evaluate(stack(lines={"airflow-scheduler": (UNREACHED, 'relation "log" does not exist')})) == []
