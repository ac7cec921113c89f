from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from airflow_wizard.engines.kube_objects import ClaimRecord, JobRecord, KubeEvent, NodeRecord, ServiceRecord
from airflow_wizard.engines.kube_pods import Part, Pod, PodContainer
from airflow_wizard.status.kube_assemble import assemble_release, front
from airflow_wizard.status.kube_seen import PodUsage
from airflow_wizard.status.rows import Mood, mood
from airflow_wizard.status.rules import Answer, Heard
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState
from tests.status.kube_values import COMPONENTS, NOW, container, heard, pod, seen, workload

MIB = 1 << 20


def unit(snapshot: Snapshot, name: str) -> Unit:
    return next(u for u in snapshot.units if u.id == name)


def one(*changed: Pod, **more: object) -> Snapshot:
    return assemble_release(seen(*changed, **more))  # type: ignore[arg-type]


def scheduler(*containers: PodContainer, **more: object) -> Unit:
    return unit(one(pod("scheduler", *containers, **more)), "scheduler")  # type: ignore[arg-type]


def event(about: str, reason: str, message: str, *, kind: str = "Pod", name: str = "x", ago: float = 5.0) -> KubeEvent:
    return KubeEvent(f"{about}{reason}{ago}", NOW - ago, kind, name, about, reason, message, warning=True)


def test_all_is_well() -> None:
    picture = one(
        usage={"demo-worker-0": PodUsage(0.5, 64 * MIB), "demo-scheduler-5d8f7b9c4-abcde": PodUsage(0.2, MIB)}
    )
    assert picture.state is StackState.RUNNING
    assert picture.reachable
    assert not picture.error
    assert [(u.id, u.role) for u in picture.units] == [
        ("postgres", "database"), ("api-server", "api"), ("scheduler", "scheduler"),
        ("dag-processor", "dag-processor"), ("triggerer", "triggerer"),
    ]  # fmt: skip
    found = unit(picture, "scheduler")
    assert (found.state, found.health, found.cpu, found.memory) == (UnitState.RUNNING, Health.HEALTHY, 0.2, MIB)
    assert found.heartbeat_age == pytest.approx(2.0)
    assert (found.node, found.container) == ("node-1", "demo-scheduler-5d8f7b9c4-abcde")
    assert found.since == NOW - 300
    assert unit(picture, "postgres").health is Health.HEALTHY


def test_a_cluster_that_does_not_answer_shows_nothing_that_was_seen_before() -> None:
    picture = one(unseen="the cluster does not answer")
    assert (picture.state, picture.reachable) == (StackState.UNKNOWN, False)
    assert [u.id for u in picture.units] == list(COMPONENTS)
    assert {(u.state, u.health) for u in picture.units} == {(UnitState.UNKNOWN, Health.UNKNOWN)}


WAITING: dict[str, Any] = {"state": "waiting", "since": None, "ready": False}
ENDED: dict[str, Any] = {"state": "terminated", "ready": False}
INIT = container("wait-for-airflow-migrations", part=Part.INIT)
THROUGH = replace(INIT, state="terminated", exit_code=0, reason="Completed", ready=False)
SIDECAR = container("git-sync", part=Part.SIDECAR)
LATER = container("scheduler", **WAITING, reason="PodInitializing")


@pytest.mark.parametrize(
    ("containers", "state", "health", "words"),
    [
        ([container(**WAITING, reason="ContainerCreating")], UnitState.STARTING, Health.STARTING, ""),
        ([container(**WAITING)], UnitState.STARTING, Health.STARTING, ""),
        ([INIT, LATER], UnitState.STARTING, Health.STARTING, "init 0/1, wait-for-airflow-migrations"),
        ([THROUGH, LATER], UnitState.STARTING, Health.STARTING, ""),
        ([THROUGH, SIDECAR, container("scheduler")], UnitState.RUNNING, Health.HEALTHY, ""),
        (
            [container(**WAITING, reason="CrashLoopBackOff", restarts=4, last_code=1, last_reason="Error")],
            UnitState.RESTARTING, Health.UNHEALTHY, "ended with exit 1; is started again, 4 times so far",
        ),
        (
            [container(**WAITING, reason="CrashLoopBackOff", restarts=2, last_code=137, last_reason="OOMKilled",
                       memory_limit=64 * MIB)],
            UnitState.RESTARTING, Health.UNHEALTHY, "ran out of memory and was killed (limit 64 MB); is started again",
        ),
        (
            [container(**ENDED, exit_code=1, reason="Error")],
            UnitState.RESTARTING, Health.UNHEALTHY, "ended with exit 1",
        ),
        (
            [container(**WAITING, reason="ImagePullBackOff", image="a/b:9", message="rpc: failed: no such host")],
            UnitState.PENDING, Health.UNHEALTHY, "its image cannot be pulled: a/b:9: no such host",
        ),
        (
            [container(**WAITING, reason="CreateContainerConfigError", message='secret "x" not found')],
            UnitState.PENDING, Health.UNHEALTHY, 'what it is configured with is missing: secret "x" not found',
        ),
        (
            [container(**WAITING, reason="SomethingNew", message="m")],
            UnitState.PENDING, Health.UNHEALTHY, "SomethingNew: m",
        ),
        (
            [replace(INIT, **ENDED, exit_code=1, restarts=1), LATER],
            UnitState.RESTARTING, Health.UNHEALTHY, "init 0/1, wait-for-airflow-migrations: ended with exit 1",
        ),
        (
            [container("scheduler"), container("git-sync", part=Part.SECOND, **WAITING, reason="CrashLoopBackOff",
                                               restarts=3, last_code=2)],
            UnitState.RUNNING, Health.UNHEALTHY, "git-sync: ended with exit 2",
        ),
    ],
)  # fmt: skip
def test_a_pod_is_as_its_containers_are(
    containers: list[PodContainer], state: UnitState, health: Health, words: str
) -> None:
    found = scheduler(*containers)
    assert (found.state, found.health) == (state, health)
    assert found.reason.startswith(words)
    assert bool(found.reason) == bool(words)


def test_not_ready_is_starting_until_it_was_ready_once() -> None:
    main = container("api-server", ready=False, probed=True)
    before = pod("api-server", main, ready=False, ready_since=NOW - 300)
    assert unit(one(before), "api-server").health is Health.STARTING
    probe = event("uid-api-server", "Unhealthy", "Readiness probe failed: HTTP 503")
    picture = one(replace(before, ready_since=NOW - 20), events=(probe,))
    found = unit(picture, "api-server")
    assert (found.health, found.reason) == (
        Health.UNHEALTHY, "is not ready any more: Readiness probe failed: HTTP 503",
    )  # fmt: skip
    assert found.health_output == "Readiness probe failed: HTTP 503"
    assert picture.state is StackState.DEGRADED


def test_one_that_is_not_ready_yet_is_starting() -> None:
    found = unit(one(pod("worker", container("worker", ready=False))), "worker")
    assert (found.state, found.health, found.reason) == (UnitState.RUNNING, Health.STARTING, "is not ready yet")


def test_a_start_after_running_out_of_memory_says_so() -> None:
    def started(age: float, **more: object) -> Unit:
        main = container("scheduler", age=age, **more)  # type: ignore[arg-type]
        return unit(one(pod("scheduler", main), heard=heard(90.0)), "scheduler")

    found = started(4.0, restarts=1, last_code=137, last_reason="OOMKilled")
    assert (found.health, found.last_exit) == (Health.STARTING, 137)
    assert found.reason == "started again, the last run ran out of memory and was killed"
    assert started(4.0, restarts=3, last_code=1).health is Health.UNHEALTHY


def test_a_pod_without_a_node_says_why() -> None:
    message = "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: none."
    more: dict[str, Any] = {"node": "", "phase": "Pending", "reason": "Unschedulable", "message": message}
    found = scheduler(container(**WAITING), **more, placed_since=NOW - 60)
    assert (found.state, found.health) == (UnitState.PENDING, Health.UNHEALTHY)
    assert found.reason == "no node takes it: 0/2 nodes are available: 2 Insufficient cpu"
    # A claim that is just being bound looks the same for a few seconds.
    assert scheduler(container(**WAITING), **more, placed_since=NOW - 3).health is Health.STARTING


def test_a_node_that_does_not_report_makes_what_is_on_it_unknown() -> None:
    picture = one(nodes=(NodeRecord("node-1", None, NOW - 60),))
    assert {(u.state, u.health) for u in picture.units} == {(UnitState.UNKNOWN, Health.UNKNOWN)}
    assert picture.units[0].reason == "its node node-1 does not report: how it is now is not known"
    assert picture.state is not StackState.RUNNING
    # What ended before has ended.
    init = pod("init", container("init", **ENDED, exit_code=0), phase="Succeeded", once=True)
    assert unit(one(init, nodes=(NodeRecord("node-1", None, NOW - 60),)), "init").state is UnitState.DONE


def test_an_evicted_pod_that_was_replaced_is_no_trouble() -> None:
    evicted = pod("scheduler", phase="Failed", reason="Evicted", message="low on memory", ready=False, age=900)
    new = pod("scheduler", name="demo-scheduler-5d8f7b9c4-fghij", uid="new")
    picture = one(evicted, new)
    assert picture.state is StackState.RUNNING
    old = unit(picture, "scheduler-abcde")
    assert (old.state, old.reason) == (UnitState.EXITED, "was evicted from node-1: low on memory")
    assert unit(picture, "scheduler").container == new.name
    alone = one(evicted)
    assert alone.state is StackState.DEGRADED


def test_a_pod_that_is_removed_is_neither_well_nor_broken() -> None:
    old = pod("scheduler", deleted=NOW + 20)
    new = pod("scheduler", name="demo-scheduler-77777-fghij", uid="new", owner=("ReplicaSet", "demo-scheduler-77777"))
    picture = one(old, new)
    assert picture.state is StackState.RUNNING
    leaving = unit(picture, "scheduler-abcde")
    assert (leaving.state, leaving.reason, mood(leaving)) == (
        UnitState.TERMINATING, "is being removed", Mood.WORKING,
    )  # fmt: skip
    held = unit(one(replace(old, deleted=NOW - 60), new), "scheduler-abcde")
    assert held.reason.startswith("should be gone for 1 m")


def test_jobs_are_done_or_failed_and_an_earlier_try_is_past() -> None:
    done = pod(
        "init", container("init", **ENDED, exit_code=0), phase="Succeeded", once=True, owner=("Job", "demo-init-1")
    )
    bad = replace(
        done, uid="bad", name="demo-init-1-zzzzz", phase="Failed", created=NOW - 600,
        containers=(container("init", **ENDED, exit_code=3, reason="Error"),),
    )  # fmt: skip
    jobs = (JobRecord("demo-init-1", "init", "done", 2, NOW - 100),)
    picture = one(done, bad, jobs=jobs)
    assert picture.state is StackState.RUNNING
    assert (unit(picture, "init").state, unit(picture, "init").role) == (UnitState.DONE, "init")
    assert (unit(picture, "init-zzzzz").state, unit(picture, "init-zzzzz").exit_code) == (UnitState.EXITED, 3)
    assert [(j.name, j.state, j.tries) for j in picture.jobs] == [("demo-init-1", "done", 2)]
    assert one(bad).state is StackState.DEGRADED
    running = replace(done, phase="Running", containers=(container("init"),))
    assert unit(one(running), "init").state is UnitState.STARTING


def test_several_pods_of_a_component_are_called_by_the_end_of_their_names() -> None:
    workers = [
        pod("worker", name=f"demo-worker-{n}", uid=f"w{n}", owner=("StatefulSet", "demo-worker")) for n in (10, 2, 0)
    ]
    ids = [u.id for u in one(*workers).units if u.role == "worker"]
    assert ids == ["worker-0", "worker-2", "worker-10"]
    assert unit(one(workers[2]), "worker").container == "demo-worker-0"
    task = pod("worker", name="smoke-hello-x1y2z3", uid="t", task="smoke.hello", once=True)
    picture = one(workers[2], task)
    assert (unit(picture, "smoke.hello-x1y2z3").role, unit(picture, "worker").role) == ("task", "worker")


def test_a_task_that_failed_is_airflows_affair_but_not_one_that_cannot_start() -> None:
    ended = container("base", **ENDED, exit_code=1, reason="Error")
    task = pod("worker", ended, uid="t", name="a-b-c", task="a.b", once=True, phase="Failed")
    assert one(task).state is StackState.RUNNING
    stuck = replace(task, phase="Pending", containers=(container("base", **WAITING, reason="ErrImagePull"),))
    assert one(stuck).state is StackState.DEGRADED


def test_what_should_be_there_and_is_not_says_why() -> None:
    quota = event("u", "FailedCreate", "exceeded quota: x", kind="ReplicaSet", name="demo-scheduler-5d8f7b9c4")
    found = unit(one(without=("scheduler",), events=(quota,)), "scheduler")
    assert (found.state, found.health, found.reason) == (UnitState.PENDING, Health.UNHEALTHY, "exceeded quota: x")
    scaled = [workload(name, 0 if name == "scheduler" else 1) for name in COMPONENTS]
    found = unit(one(without=("scheduler",), workloads=tuple(scaled)), "scheduler")
    assert (found.state, found.reason) == (
        UnitState.EXITED, "is scaled to none; start it: airflow-wizard start demo --unit scheduler",
    )  # fmt: skip
    found = unit(one(without=("scheduler",), workloads=None), "scheduler")
    assert (found.state, found.health) == (UnitState.UNKNOWN, Health.UNKNOWN)
    more = [workload(name, 3 if name == "scheduler" else 1) for name in COMPONENTS]
    assert unit(one(workloads=tuple(more)), "scheduler (2 more)").reason == "is not made yet"


def test_scaled_to_none_it_is_stopped_and_before_everything_was_listed_it_is_not_known() -> None:
    none = tuple(workload(name, 0) for name in COMPONENTS)
    assert one(without=COMPONENTS, workloads=none).state is StackState.STOPPED
    assert one(without=COMPONENTS, workloads=(), partial=True).state is StackState.UNKNOWN
    assert one(partial=True).state is StackState.UNKNOWN


def test_claims_and_services_say_why_they_do_not_work() -> None:
    claims = (
        ClaimRecord("demo-logs", "Pending", 5 << 30, "nfs"), ClaimRecord("a", "Bound", 1 << 30, "standard"),
        ClaimRecord("waits", "Pending", 1, ""), ClaimRecord("gone", "Lost", 1, "", "pv-1"),
    )  # fmt: skip
    why = event("c", "ProvisioningFailed", 'class "nfs" not found', kind="PersistentVolumeClaim", name="demo-logs")
    first = event("d", "WaitForFirstConsumer", "x", kind="PersistentVolumeClaim", name="waits")
    services = (
        ServiceRecord("demo-api", "api-server", "NodePort", "10.0.0.1", ((8080, 30080),)),
        ServiceRecord("demo-x", "flower", "ClusterIP", "10.0.0.2", ((5555, 0),)),
    )
    picture = one(claims=claims, events=(why, first), services=services)
    assert {c.name: c.reason for c in picture.claims} == {
        "a": "",
        "demo-logs": 'class "nfs" not found',
        "gone": "its volume pv-1 is not there any more",
        "waits": "waits for the first pod that uses it",
    }
    assert [(s.name, s.outside, s.reason) for s in picture.services] == [
        ("demo-api", "port 30080 of every node", ""), ("demo-x", "", "no pod is behind it"),
    ]  # fmt: skip
    assert unit(picture, "api-server").ports == (("demo-api.demo", 8080),)
    told: Any = picture.to_json()["claims"]
    assert [c["name"] for c in told] == ["a", "demo-logs", "gone", "waits"]


def test_airflows_word_stands_beside_the_pods() -> None:
    late = one(heard=heard(90.0, scheduler="unhealthy"))
    assert unit(late, "scheduler").reason == "last heartbeat 1 m 30 s ago"
    assert late.state is StackState.DEGRADED
    silent = one(heard=Heard(Answer.SILENT, "connection refused"))
    web = unit(silent, "api-server")
    assert (web.health, web.reason) == (
        Health.HEALTHY, "answers in the cluster, but not at its address: connection refused",
    )  # fmt: skip
    assert unit(silent, "scheduler").health is Health.UNKNOWN
    assert silent.state is StackState.UNKNOWN
    foreign = one(heard=Heard(Answer.FOREIGN, "a page"))
    assert unit(foreign, "api-server").health is Health.UNHEALTHY


def test_a_volume_that_cannot_be_mounted_is_told_once_it_takes_too_long() -> None:
    creating = container(**WAITING, reason="ContainerCreating")
    why = event("uid-scheduler", "FailedMount", 'configmap "x" not found')
    found = unit(one(pod("scheduler", creating, phase="Pending"), events=(why,)), "scheduler")
    assert (found.state, found.health, found.reason) == (
        UnitState.PENDING, Health.UNHEALTHY, 'configmap "x" not found',
    )  # fmt: skip
    young = unit(one(pod("scheduler", creating, phase="Pending", age=6.0), events=(why,)), "scheduler")
    assert young.health is Health.STARTING


def test_events_are_told_by_unit_and_one_in_a_loop_hides_no_other() -> None:
    loop = [event("uid-scheduler", "BackOff", f"again {n}", ago=100.0 - n) for n in range(60)]
    other = event("gone", "Killing", "Stopping", name="demo-worker-0", ago=200.0)
    told = one(events=(other, *loop)).events
    assert [text for _, name, text in told if name == "scheduler"][-1] == "BackOff: again 59"
    assert len([1 for _, name, _ in told if name == "scheduler"]) == 20
    assert told[0][1:] == ("worker-0", "Killing: Stopping")


def test_secrets_and_escape_sequences_do_not_come_through() -> None:
    bad = container(**WAITING, reason="CreateContainerError", message="\x1b[31mtoken s3cret\x1b]0;x\x07")
    picture = one(pod("scheduler", bad), mask=lambda text: text.replace("s3cret", "***"))
    assert unit(picture, "scheduler").reason == "it cannot be made: token ***"


def test_the_pod_that_answers_people_is_the_one_that_is_ready() -> None:
    pods = (pod("api-server", ready=False), pod("api-server", uid="two", name="demo-api-server-2-b", created=NOW))
    found = front(pods, "demo")
    assert found is not None
    assert found.uid == "two"
    assert front((pods[0],), "demo") is None
