"""Pods that began and fail, what they are made from, and who waits for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
    HelmFact,
    PodFact,
)
from airflow_wizard.finding import Level
from tests.diagnose import clusters as c
from tests.diagnose.clusters import found, ids, one
from tests.diagnose.stacks import NOW

# Containers


def test_a_crash_loop_shows_its_last_words() -> None:
    finding = one(
        c.cluster(c.looping(1)), lines={"af-scheduler-0/scheduler": ("starting", "ERROR: the moon is not in position")}
    )
    assert finding.id == "component.crash.scheduler"
    assert finding.evidence == ("ERROR: the moon is not in position",)


def test_between_two_tries_it_has_ended() -> None:
    ended = {"state": "terminated", "exit_code": 1, "ended": "Error", "ended_at": NOW - 1, "ready": False}
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", restarts=1, **ended)))) == [
        "component.crash.scheduler"
    ]
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", restarts=0, **ended)))) == []


def test_137_is_memory_only_when_the_kernel_says_so() -> None:
    assert "not for its memory" in one(c.cluster(c.looping(137))).found
    finding = one(c.cluster(c.looping(137, "OOMKilled", memory_limit=512 << 20)))
    assert finding.id == "component.killed.scheduler"
    assert "512 MB" in finding.found
    assert "--limits=memory=1024Mi" in finding.fixes[0].commands[0]


def test_memory_that_ran_out_a_while_ago() -> None:
    again = {"state": "running", "ended": "OOMKilled", "exit_code": 137, "restarts": 1}
    recent = c.pod("scheduler", c.container("scheduler", ended_at=NOW - 60, **again))
    assert one(c.cluster(recent)).level is Level.WARN
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", ended_at=NOW - 6000, **again)))) == []


@pytest.mark.parametrize(
    "container",
    [
        c.container("scheduler", restarts=1, exit_code=1, ended="Error", ended_at=NOW - 30),
        c.container("scheduler", restarts=9, exit_code=0, ended="Completed", ended_at=NOW - 3000),
        c.container("scheduler", ready=False, since=NOW - 60),
        c.container("scheduler", state="waiting", reason="ContainerCreating", ready=False),
    ],
)
def test_a_container_that_is_starting_or_well(container: object) -> None:
    assert ids(c.cluster(c.pod("scheduler", container, ready=True))) == []  # type: ignore[arg-type]


KILLING = "Container scheduler failed liveness probe, will be restarted"


def test_a_probe_that_ends_a_container() -> None:
    pod = c.looping(137)
    tries = c.event("Pod", pod.name, "Unhealthy", "Liveness probe failed: command timed out", count=3)
    kill = c.event("Pod", pod.name, "Killing", KILLING, warning=False)
    finding = one(c.cluster(pod, events=(tries, kill)))
    assert finding.id == "component.probe.scheduler"
    assert "did not answer in time" in finding.found
    startup = c.event("Pod", pod.name, "Killing", KILLING.replace("liveness", "startup"), warning=False)
    assert "startup" in one(c.cluster(pod, events=(startup,))).found


def test_probes_that_fail_while_it_starts_are_nothing() -> None:
    starting = c.pod("scheduler", c.container("scheduler", ready=False, since=NOW - 20))
    tries = c.event("Pod", starting.name, "Unhealthy", "Startup probe failed: connection refused", count=9)
    assert ids(c.cluster(starting, events=(tries,))) == []
    old = c.event("Pod", starting.name, "Killing", KILLING, last=NOW - 3000)
    assert ids(c.cluster(starting, events=(old,))) == []
    stopped = c.event("Pod", starting.name, "Killing", "Stopping container scheduler", warning=False)
    assert ids(c.cluster(starting, events=(stopped,))) == []


def test_evicted_pods() -> None:
    gone = replace(c.pod("worker"), phase="Failed", reason="Evicted", message="low on resource: memory", ready=False)
    assert one(c.cluster(gone)).id == "component.evicted.worker"
    assert ids(c.cluster(replace(gone, reason="", phase="Succeeded"))) == []


def test_a_program_that_ended_once_may_do_better() -> None:
    once = c.container("scheduler", state="terminated", exit_code=1, ended="Error", ready=False)
    assert ids(c.cluster(c.pod("scheduler", once, ready=False))) == []
    assert ids(c.cluster(c.pod("scheduler", replace(once, restarts=1), ready=False))) == ["component.crash.scheduler"]


def migrations(**more: object) -> PodFact:
    values: dict[str, object] = {"init": True, "ready": False, "since": NOW - 20, **more}
    wait = c.container("wait-for-airflow-migrations", **values)
    held = c.container("scheduler", state="waiting", reason="PodInitializing", ready=False)
    return c.pod("scheduler", wait, held, phase="Pending", ready=False)


def test_waiting_for_migrations_follows_from_what_is_waited_for() -> None:
    assert ids(c.cluster(migrations())) == []
    alone = found(c.cluster(migrations(exit_code=1, restarts=2, state="waiting", reason="CrashLoopBackOff")))
    assert [(f.id, f.level) for f in alone] == [("waiting.migrations.scheduler", Level.WARN)]
    failed = c.job(failed="BackoffLimitExceeded")
    both = found(c.cluster(migrations(since=NOW - 200), workloads=(failed, c.workload("postgres")), helm_release=None))
    assert [f.id for f in both] == ["init.failed.init", "waiting.migrations.scheduler"]
    assert both[1].causes == ("init.failed.init",)


# Jobs and Helm


def test_a_job_that_gave_up_says_why() -> None:
    fact = c.cluster(c.attempt(1), workloads=(c.job(failed="BackoffLimitExceeded"),))
    finding = one(fact, lines={"af-init-0/init": ("ERROR: no such column",)})
    assert finding.id == "init.failed.init"
    assert finding.evidence == ("ERROR: no such column",)
    assert [x.id for x in finding.fixes if x.id] == ["rerun-init"]


def test_one_attempt_of_several_is_a_warning() -> None:
    assert one(c.cluster(c.attempt(1), workloads=(c.job(),))).level is Level.WARN


@pytest.mark.parametrize(
    "fact", [c.cluster(c.attempt(0), workloads=(c.job(ready=1),)), c.cluster(workloads=(c.job(),))]
)
def test_a_job_that_runs_or_ran(fact: ClusterFact) -> None:
    assert ids(fact) == []


def test_a_release_that_nobody_works_on() -> None:
    stuck = HelmFact(1, "pending-install", NOW - 30)
    finding = one(c.cluster(helm_release=stuck))
    assert (finding.id, finding.fixes[0].id) == ("helm.pending", "forget-attempt")
    assert one(c.cluster(helm_release=HelmFact(3, "pending-upgrade", NOW - 30, 2))).fixes[0].commands[0][-1] == "2"


@pytest.mark.parametrize(
    "fact",
    [
        c.cluster(helm_release=HelmFact(1, "pending-install", NOW - 30), helm_runs=True),
        c.cluster(helm_release=HelmFact(1, "pending-install", NOW - 2)),
        c.cluster(helm_release=HelmFact(2, "deployed", NOW - 2, 1)),
        c.cluster(helm_release=None),
    ],
)
def test_a_release_that_is_worked_on_or_done(fact: ClusterFact) -> None:
    assert ids(fact) == []


def test_a_failed_upgrade_is_a_warning() -> None:
    assert one(c.cluster(helm_release=HelmFact(2, "failed", c.OLD, 1))).level is Level.WARN


# What pods are made from


@pytest.mark.parametrize(
    ("message", "finding_id", "fix"),
    [
        ('secret "af-login" not found', "config.secret_missing.scheduler", "launch"),
        ("couldn't find key jwt-secret in Secret airflow/af-keys", "config.key_missing.scheduler", "restore-keys"),
        ('configmap "af-other" not found', "config.configmap_missing.scheduler", "launch"),
    ],
)
def test_what_a_container_refers_to_and_is_not_there(message: str, finding_id: str, fix: str) -> None:
    finding = one(c.cluster(c.waiting("scheduler", "CreateContainerConfigError", message)))
    assert finding.id == finding_id
    assert fix in [x.id for x in finding.fixes]


def test_what_was_made_in_the_meantime_is_not_missing() -> None:
    for message in ('secret "af-keys" not found', "couldn't find key fernet-key in Secret airflow/af-keys"):
        assert ids(c.cluster(c.waiting("scheduler", "CreateContainerConfigError", message))) == []


def test_a_volume_that_cannot_be_mounted() -> None:
    pod = c.waiting("scheduler", "ContainerCreating")

    def mount(message: str) -> list[str]:
        return ids(c.cluster(pod, events=(c.event("Pod", pod.name, "FailedMount", message),)))

    assert mount('MountVolume.SetUp failed for volume "s" : configmap "af-gone" not found') == [
        "config.configmap_missing.scheduler"
    ]
    assert mount("Unable to attach or mount volumes: timed out waiting for the condition") == ["mount.failed.scheduler"]
    assert mount('Multi-Attach error for volume "pvc-1"') == ["mount.failed.scheduler"]
    assert mount('MountVolume.SetUp failed for volume "s" : configmap "af-scripts" not found') == []


def test_a_node_that_cannot_begin_to_start_a_pod() -> None:
    pod = c.waiting("scheduler", "ContainerCreating")
    event = c.event("Pod", pod.name, "FailedCreatePodSandBox", 'plugin type="bridge" failed: cni', count=3)
    assert one(c.cluster(pod, events=(event,))).id == "sandbox.network.scheduler"
    other = replace(event, message="failed to reserve sandbox name")
    assert one(c.cluster(pod, events=(other,))).id == "sandbox.failed.scheduler"
    assert ids(c.cluster(events=(event,))) == []
    assert ids(c.cluster(replace(pod, created=c.YOUNG), events=(replace(event, count=1),))) == []
