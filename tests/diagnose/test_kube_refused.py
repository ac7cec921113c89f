"""Containers that never ran, because their node refuses to start them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.diagnose import clusters as c
from tests.diagnose.clusters import ids, one

if TYPE_CHECKING:
    from airflow_wizard.diagnose.kube_facts import PodContainerFact

NO_PROGRAM = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    'unable to start container process: error during container init: exec: "/no/such": no such file: unknown'
)
STARTED = {"exit_code": 128, "ended": "StartError", "ended_message": NO_PROGRAM, "ready": False}


@pytest.mark.parametrize(
    "refused",
    [
        c.container("scheduler", state="waiting", reason="RunContainerError", message=NO_PROGRAM, ready=False),
        c.container("scheduler", state="waiting", reason="CreateContainerError", message=NO_PROGRAM, ready=False),
        c.container("scheduler", state="terminated", reason="StartError", **STARTED),
        c.container("scheduler", state="waiting", reason="CrashLoopBackOff", restarts=3, **STARTED),
    ],
    ids=lambda x: f"{x.state}-{x.reason}",
)
def test_it_keeps_its_name_from_the_first_sight_on(refused: PodContainerFact) -> None:
    finding = one(c.cluster(c.pod("scheduler", refused, ready=False)))
    assert finding.id == "component.refused.scheduler"
    assert finding.found == 'scheduler cannot be started: exec: "/no/such": no such file'
    assert "unable to start container process" in finding.evidence[0]


def test_one_that_may_not_run_as_it_wants() -> None:
    root = 'container has runAsNonRoot and image will run as root (pod: "af-scheduler-0_af(1b)", container: scheduler)'
    finding = one(c.cluster(c.waiting("scheduler", "CreateContainerConfigError", root)))
    assert finding.id == "component.refused.scheduler"
    assert finding.found == "scheduler cannot be started: container has runAsNonRoot and image will run as root"
    assert root in finding.evidence[0]


def test_a_side_car_has_a_name_of_its_own_and_one_that_waits_for_migrations_is_refused_all_the_same() -> None:
    held = c.container("git-sync", state="waiting", reason="CreateContainerError", message="no", ready=False)
    pod = c.pod("scheduler", c.container("scheduler"), held, ready=False)
    assert ids(c.cluster(pod)) == ["component.refused.scheduler.git-sync"]
    wait = replace(held, name="wait-for-airflow-migrations", init=True)
    main = c.container("scheduler", state="waiting", reason="PodInitializing", ready=False)
    assert ids(c.cluster(c.pod("scheduler", wait, main, ready=False))) == [
        "component.refused.scheduler.wait-for-airflow-migrations"
    ]


def test_one_that_runs_now_is_refused_no_more() -> None:
    runs = c.container("scheduler", restarts=1, **{**STARTED, "ready": True})
    assert ids(c.cluster(c.pod("scheduler", runs))) == []


def test_one_that_says_nothing_is_named_by_its_reason() -> None:
    finding = one(c.cluster(c.waiting("scheduler", "RunContainerError")))
    assert finding.found == "scheduler cannot be started: RunContainerError"
