"""What a real cluster told of pods in trouble, and what is made of it."""

from __future__ import annotations

import pytest

from airflow_wizard.status.kube_assemble import assemble_release
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from tests.status.kube_values import recorded, replayed

FAULTS = 1_795_626_340.0  # seconds after the record was made
LOST = 1_795_626_500.0


@pytest.fixture(scope="module")
def faults() -> Snapshot:
    return assemble_release(replayed("faults", FAULTS))


def unit(snapshot: Snapshot, name: str) -> Unit:
    return next(u for u in snapshot.units if u.id == name)


@pytest.mark.parametrize(
    ("name", "state", "health", "reason"),
    [
        ("postgres", UnitState.RUNNING, Health.HEALTHY, ""),
        ("init", UnitState.DONE, Health.NONE, ""),
        ("create-user-job", UnitState.EXITED, Health.UNHEALTHY, "ended with exit 3"),
        ("dag-processor", UnitState.RESTARTING, Health.UNHEALTHY, "ended with exit 1; is started again"),
        ("worker-0", UnitState.RESTARTING, Health.UNHEALTHY, "ran out of memory and was killed (limit 64 MB)"),
        ("worker-1", UnitState.RESTARTING, Health.UNHEALTHY, "ran out of memory and was killed (limit 64 MB)"),
        ("triggerer", UnitState.PENDING, Health.UNHEALTHY, "its image cannot be pulled: apache/airflow:9.9.9: no such"),
        ("flower", UnitState.PENDING, Health.UNHEALTHY, "no node takes it: 0/2 nodes are available: 1 Insuff"),
        ("statsd", UnitState.PENDING, Health.UNHEALTHY, 'what it is configured with is missing: secret "not-there"'),
        ("mounts", UnitState.PENDING, Health.UNHEALTHY, 'MountVolume.SetUp failed for volume "x"'),
        ("cleanup", UnitState.EXITED, Health.UNHEALTHY, "was evicted from kc-panes-worker: Pod ephemeral local"),
        ("pgbouncer", UnitState.RESTARTING, Health.UNHEALTHY, "init 1/2, wait-for-airflow-migrations: ended"),
        ("smoke.hello-xk29f1ab", UnitState.DONE, Health.NONE, ""),
    ],
)  # fmt: skip
def test_each_is_told_as_it_was(faults: Snapshot, name: str, state: UnitState, health: Health, reason: str) -> None:
    found = unit(faults, name)
    assert (found.state, found.health) == (state, health)
    assert found.reason.startswith(reason)
    assert found.node in ("kc-panes-worker", "")


def test_containers_beside_the_main_one_are_parts_of_their_pod(faults: Snapshot) -> None:
    parts = unit(faults, "scheduler").parts
    assert [(p.name, p.kind, p.state) for p in parts] == [
        ("git-sync", "sidecar", "running"), ("scheduler", "main", "running"),
        ("scheduler-log-groomer", "second", "running"),
    ]  # fmt: skip
    broken = next(part for part in unit(faults, "pgbouncer").parts if not part.fine)
    assert (broken.name, broken.kind) == ("wait-for-airflow-migrations", "init")
    assert broken.restarts
    assert unit(faults, "postgres").parts == ()


def test_jobs_and_claims_say_why(faults: Snapshot) -> None:
    jobs = {job.name: job for job in faults.jobs}
    assert (jobs["demo-init-3fa9c1"].state, jobs["demo-create-user"].state) == ("done", "failed")
    assert jobs["demo-create-user"].reason.startswith("BackoffLimitExceeded: ")
    claims = {claim.name: claim for claim in faults.claims}
    assert claims["demo-logs"].reason == 'storageclass.storage.k8s.io "nfs" not found'
    assert (claims["data-demo-postgres-0"].state, claims["data-demo-postgres-0"].size) == ("Bound", 1 << 30)


def test_what_is_on_a_node_that_is_away_is_not_known() -> None:
    picture = assemble_release(replayed("node_lost", LOST))
    assert picture.state is not StackState.RUNNING
    found = unit(picture, "scheduler")
    assert (found.state, found.health) == (UnitState.UNKNOWN, Health.UNKNOWN)
    assert found.reason.startswith("its node kc-panes-worker does not report")
    # It is being removed, which nobody there does; of its successor nobody tells either.
    leaving = next(u for u in picture.units if u.state is UnitState.TERMINATING)
    assert leaving.role == "api"
    assert "kc-panes-worker does not report" in leaving.reason
    assert unit(picture, "api-server").state is UnitState.UNKNOWN


def test_a_record_holds_no_more_than_is_read() -> None:
    for name in ("faults", "node_lost"):
        for pod in recorded(name)["pods"]:
            assert "managedFields" not in pod["metadata"]
            assert not any("env" in c for c in pod["spec"]["containers"])


def test_an_event_does_not_repeat_the_long_name_of_its_pod(faults: Snapshot) -> None:
    said = {text for _, unit, text in faults.events if unit == "worker-1"}
    assert "BackOff: Back-off restarting failed container worker (12 times)" in said
