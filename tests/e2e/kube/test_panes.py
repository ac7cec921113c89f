"""What a person sees of pods of a real cluster that fare badly, and of a cluster that goes and comes back."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.log_line import BOUNDARY
from airflow_wizard.status.snapshot import Health, StackState, UnitState
from tests.e2e.kube import faulty as f
from tests.e2e.kube.panes import COUNTS, looking, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]
EATS = "sleep 2; x=$(head -c 200M /dev/zero | tr '\\0' x)"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[f.FaultCluster]:
    """One for all of them."""
    with f.own_cluster(tmp_path_factory.mktemp("cluster")) as one:
        yield one


@pytest.fixture
def stack(cluster: f.FaultCluster, tmp_path: Path) -> Iterator[f.Broken]:
    """A namespace of its own."""
    with f.broken(cluster, tmp_path) as one:
        yield one


def kill_the_api_server(cluster: f.FaultCluster) -> None:
    """The kubelet starts it again. A node need not have pkill."""
    script = 'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" != kube-apiserver ] || kill -9 ${p#/proc/}; done 2>/dev/null'
    subprocess.run(("docker", "exec", cluster.node, "sh", "-c", script), check=True, timeout=60)


def test_each_pod_is_told_as_it_is(stack: f.Broken) -> None:
    limited: f.Object = {"resources": {"limits": {"memory": "32Mi"}, "requests": {"cpu": "10m"}}}
    too_much: f.Object = {"resources": {"requests": {"cpu": "900"}}}
    beside = f.container("git-sync", "echo Permission denied; exit 1")
    stack.cluster.apply(
        *f.postgres(stack),
        f.job(stack, "echo migrating; exit 0", component="init"),
        f.job(stack, "echo no database; exit 3", component="create-user-job"),
        f.workload(stack, "dag-processor", f.pod_spec(f.container("dag-processor", "exit 1"))),
        f.workload(stack, "worker", f.pod_spec(f.container("worker", EATS, **limited)), "StatefulSet"),
        f.workload(stack, "triggerer", f.pod_spec({**f.container("triggerer"), "image": "localhost/not/there:1"})),
        f.workload(stack, "flower", f.pod_spec(f.container("flower", **too_much))),
        f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"), beside)),
        f.claim(stack, "nfs", ("ReadWriteMany",), storageClassName="nothing"),
    )
    with looking(stack) as eyes:
        assert eyes.unit("postgres", lambda u: u.health is Health.HEALTHY).state is UnitState.RUNNING
        assert eyes.unit("init", lambda u: u.state is UnitState.DONE).health is Health.NONE
        failed = eyes.unit("create-user-job", lambda u: u.state is UnitState.EXITED)
        assert (failed.exit_code, failed.reason) == (3, "ended with exit 3")
        crashing = eyes.unit("dag-processor", lambda u: u.restarts >= 1 and u.state is UnitState.RESTARTING)
        assert crashing.reason.startswith("ended with exit 1; is started again")
        starved = eyes.unit("worker", lambda u: u.state is UnitState.RESTARTING)
        assert starved.reason.startswith("ran out of memory and was killed (limit 32 MB)")
        assert starved.memory_limit == 32 << 20
        pulling = eyes.unit("triggerer", lambda u: u.health is Health.UNHEALTHY)
        assert pulling.reason.startswith("its image cannot be pulled: localhost/not/there:1: ")
        pending = eyes.unit("flower", lambda u: u.health is Health.UNHEALTHY)
        assert "Insufficient cpu" in pending.reason
        two = eyes.unit("scheduler", lambda u: u.health is Health.UNHEALTHY)
        assert two.state is UnitState.RUNNING
        assert two.reason.startswith("git-sync: ended with exit 1")
        assert two.node.startswith(stack.cluster.name)
        picture = eyes.until(lambda p: any(c.reason for c in p.claims))
        assert {j.name.removeprefix(f"{stack.name}-"): j.state for j in picture.jobs} == {
            "init": "done",
            "create-user-job": "failed",
        }
        assert [c.state for c in picture.claims] == ["Pending"]
        assert [s.reason for s in picture.services] == [""]
        assert picture.state is StackState.DEGRADED
        assert any(name == "dag-processor" for _, name, _ in picture.events)


def test_a_pod_that_is_deleted_is_replaced_and_its_lines_stay(stack: f.Broken) -> None:
    # It does not listen when it is told to end, and writes beside the new one until it is killed.
    ends_late = f.pod_spec(f.container("scheduler", f"trap '' INT TERM; {COUNTS}"), terminationGracePeriodSeconds=3)
    stack.cluster.apply(f.workload(stack, "scheduler", ends_late))
    with looking(stack) as eyes, reading(stack) as log:
        first = eyes.unit("scheduler", lambda u: u.state is UnitState.RUNNING)
        log.until(lambda r: len(r.counted("scheduler")) > 5)
        stack.kubectl("delete", "pod", first.container, "--wait=false")
        second = eyes.unit("scheduler", lambda u: u.state is UnitState.RUNNING and u.container != first.container)
        eyes.until(lambda p: [u.id for u in p.units] == ["scheduler"])
        log.until(lambda r: len(r.counted_by(second.container)) > 5)
        for pod in (first, second):
            numbers = log.counted_by(pod.container)
            assert numbers == list(range(1, len(numbers) + 1))


def test_a_restart_is_a_boundary_and_nothing_is_lost_or_doubled(stack: f.Broken) -> None:
    script = "n=0; while [ $n -lt 30 ]; do n=$((n+1)); echo run n=$n; sleep 0.1; done; exit 7"
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", script))))
    with looking(stack) as eyes:
        eyes.unit("scheduler", lambda u: u.state is UnitState.RUNNING)
    with reading(stack) as log:
        log.until(lambda r: r.counted("scheduler").count(30) >= 2)
        numbers, rest = log.counted("scheduler"), list(range(1, 31))
        second = len(numbers) - numbers[::-1].index(30)
        assert numbers[second - 30 : second] == rest
        assert numbers[: second - 30] == rest[-(second - 30) :] or numbers[: second - 30] == rest
        marks = [line.text for line in log.lines if line.kind == BOUNDARY]
        assert "scheduler started again, the last run ended with exit 7" in marks
        at = next(n for n, line in enumerate(log.lines) if "started again" in line.text)
        assert log.lines[at - 1].text.endswith("n=30") or log.lines[at - 1].kind == BOUNDARY
        assert log.lines[at + 1].text.endswith("n=1")


def test_a_job_is_read_to_its_end_and_kept_when_its_pod_is_gone(stack: f.Broken) -> None:
    with reading(stack) as log:
        stack.cluster.apply(f.job(stack, "echo one; sleep 2; echo two"))
        log.until(lambda r: any("ended with exit 0" in text for text in r.texts("init")))
        stack.kubectl("delete", "job", f"{stack.name}-init", "--wait=true")
        log.lines += log.log.take(1.0)
        assert [text for text in log.texts("init") if text in ("one", "two")] == ["one", "two"]


def test_an_api_server_that_goes_leaves_stale_rows_and_comes_back_whole(stack: f.Broken) -> None:
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", COUNTS))))
    with looking(stack) as eyes, reading(stack) as log:
        eyes.unit("scheduler", lambda u: u.state is UnitState.RUNNING)
        log.until(lambda r: len(r.counted("scheduler")) > 10)
        kill_the_api_server(stack.cluster)
        away = eyes.until(lambda p: not p.reachable)
        assert away.state is StackState.UNKNOWN
        assert [(u.id, u.stale, u.was.partition(",")[0]) for u in away.units] == [("scheduler", True, "running")]
        assert away.retry_at is not None
        assert "does not answer" in away.error
        log.until(lambda r: r.log.problem is not None)
        back = eyes.until(lambda p: p.reachable)
        assert [(u.id, u.state, u.stale) for u in back.units] == [("scheduler", UnitState.RUNNING, False)]
        seen = len(log.counted("scheduler"))
        log.until(lambda r: r.log.problem is None and len(r.counted("scheduler")) > seen + 20)
        numbers = log.counted("scheduler")
        assert [b for a, b in pairwise(numbers) if b != a + 1] == []
