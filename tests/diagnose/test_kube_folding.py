"""What follows from what: the cause comes first."""

from __future__ import annotations

from dataclasses import replace

from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
)
from airflow_wizard.finding import Level
from tests.diagnose import clusters as c
from tests.diagnose.clusters import found, ids


def test_a_stack_that_is_well() -> None:
    assert ids(c.cluster()) == []


# Root first


def test_a_database_that_is_down_explains_what_needs_it() -> None:
    database = replace(c.waiting("postgres", "ErrImagePull", "not found"), ready=False)
    fact = c.cluster(database, c.looping(1), c.attempt(1), workloads=(c.job(failed="BackoffLimitExceeded"),))
    lines = {"af-init-0/init": ('could not translate host name "af-postgres" to address: Name or service not known',)}
    findings = found(fact, lines=lines)
    assert findings[0].id == "image.missing.postgres"
    assert all(f.causes for f in findings[1:]), [(f.id, f.causes) for f in findings]


def test_one_component_does_not_explain_another() -> None:
    fact = c.cluster(c.looping(1), replace(c.waiting("triggerer", "ErrImagePull", "not found"), ready=False))
    findings = found(fact)
    assert {f.id for f in findings} == {"component.crash.scheduler", "image.missing.triggerer"}
    assert not any(f.causes for f in findings)


def test_a_wrong_password_explains_the_crash() -> None:
    lines = {"af-scheduler-0/scheduler": ('FATAL:  password authentication failed for user "airflow"',)}
    findings = found(c.cluster(c.looping(1)), lines=lines)
    assert [f.id for f in findings] == ["postgres.auth", "component.crash.scheduler"]
    assert findings[1].causes == ("postgres.auth",)


def test_lines_of_the_start_are_past_when_everything_is_ready() -> None:
    lines = {"af-scheduler-0/scheduler": ('could not translate host name "af-postgres" to address: Try again',)}
    assert ids(c.cluster(), lines=lines) == []


def test_what_could_not_be_seen_is_unknown_and_nothing_else() -> None:
    nothing = ClusterFact("airflow", "af")
    findings = found(nothing, unseen=(("pods", "forbidden"),))
    assert [(f.id, f.level) for f in findings] == [("unseen.pods", Level.UNKNOWN)]
