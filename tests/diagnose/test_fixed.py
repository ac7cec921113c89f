"""What is quiet for a moment is not right yet."""

from __future__ import annotations

from dataclasses import replace

from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.fixed import still_wrong
from airflow_wizard.diagnose.kube_facts import ClusterFact, StoreClaimFact
from airflow_wizard.finding import Finding, Level
from tests.diagnose import clusters as c

CRASH = Finding("component.crash.scheduler", Level.FAIL, "Scheduler", "ended with exit 1")
CLAIM = Finding("claim.no_class.logs", Level.FAIL, "Storage", "no class")


def still(finding: Finding, fact: ClusterFact, **more: object) -> str:
    evidence = c.stack(fact, **more)
    return still_wrong(finding, evidence, evaluate(evidence))


def test_gone_and_ready_is_right() -> None:
    assert still(CRASH, c.cluster()) == ""


def test_what_is_found_again_is_wrong() -> None:
    ended = {"state": "waiting", "reason": "CrashLoopBackOff", "exit_code": 1, "ready": False}
    assert "exit 1" in still(CRASH, c.cluster(c.pod("scheduler", c.container("scheduler", **ended))))


def test_a_pod_that_was_just_replaced_is_waited_for() -> None:
    young = c.pod("scheduler", c.container("scheduler", ready=False), created=c.YOUNG, ready=False)
    assert "not ready yet" in still(CRASH, c.cluster(young))
    assert still(CRASH, c.cluster(replace(young, component="triggerer", name="af-triggerer-0"))) == ""


def test_a_claim_is_right_when_those_who_mount_it_are_ready() -> None:
    bound = (StoreClaimFact("logs", "Bound", "standard"),)
    user = c.pod("scheduler", c.container("scheduler", ready=False), claims=("logs",), ready=False)
    assert "not ready yet" in still(CLAIM, c.cluster(user, claims=bound))
    assert still(CLAIM, c.cluster(replace(user, ready=True), claims=bound)) == ""


def test_what_cannot_be_seen_is_not_right() -> None:
    assert "cannot be seen" in still(CRASH, c.cluster(), unseen=(("pods", "no answer"),))
    assert still(CRASH, ClusterFact("airflow", "af", unreachable="refused"))
