"""Requests and limits: what fits into which cluster."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.artifacts.kube.sizes import Room, Size, demands, fitted, room, sizes
from airflow_wizard.host.facts import HostFacts
from airflow_wizard.options.model import Target
from tests.artifacts.kube_stacks import CELERY, EXTERNAL, LOCAL, PODS, facts, request

GIB = 1024**3
SIZES = st.builds(Size, st.integers(0, 4000), st.integers(0, 8192), st.integers(0, 16384))
ROOMS = st.builds(
    Room,
    st.none() | st.floats(0.5, 64),
    st.none() | st.floats(0.5 * GIB, 512 * GIB),
    st.none() | st.floats(0.5 * GIB, 256 * GIB),
)


@given(st.dictionaries(st.text(max_size=3), SIZES, max_size=8), ROOMS)
def test_nothing_grows_and_no_limit_is_below_its_request(wanted: dict[str, Size], there: Room) -> None:
    found = fitted(wanted, there)
    assert found.keys() == wanted.keys()
    for name, size in found.items():
        assert size.memory <= max(wanted[name].memory, 32)
        assert size.cpu <= max(wanted[name].cpu, 10)
        assert size.limit == 0 or size.limit >= size.memory
        assert (size.limit == 0) is (wanted[name].limit == 0)
        if there.largest is not None:
            assert size.memory <= max(32, there.largest / 1024**2)


@given(st.dictionaries(st.text(max_size=3), SIZES, min_size=1, max_size=8))
def test_what_is_not_known_limits_nothing(wanted: dict[str, Size]) -> None:
    for name, size in fitted(wanted, Room()).items():
        assert size.memory == max(wanted[name].memory, 32)
        assert size.cpu == max(wanted[name].cpu, 10)


@pytest.mark.parametrize("executor", [LOCAL, CELERY, PODS])
@pytest.mark.parametrize(("cpus", "memory"), [(2, 4), (2, 6), (4, 8), (1, 2), (16, 64)])
def test_a_machine_holds_what_is_asked_for(cpus: int, memory: int, executor: str) -> None:
    machine = facts(docker={"cpus": cpus, "memory": memory * GIB})
    found = sizes(request(machine=machine, executor=executor)).values()
    assert sum(size.cpu for size in found) <= cpus * 1000 * 0.6
    assert sum(size.memory for size in found) <= memory * 1024 * 0.8
    assert max(size.limit for size in found) <= memory * 1024 * 0.8


def test_with_room_everything_gets_what_it_takes() -> None:
    roomy = request(machine=facts(docker={"cpus": 32, "memory": 256 * GIB}), executor=CELERY)
    assert sizes(roomy) == demands(roomy)


def test_what_runs_is_what_is_sized() -> None:
    always = {"scheduler", "dag-processor", "triggerer"}
    assert sizes(request(executor=LOCAL)).keys() == always | {"api-server", "postgres"}
    assert sizes(request("2.11.2", executor=PODS)).keys() == always | {"webserver", "postgres", "task"}
    celery = sizes(request(executor=CELERY, workers=2, **EXTERNAL))
    assert celery.keys() == always | {"api-server", "redis", "worker", "worker-1"}


def test_a_scheduler_that_runs_tasks_has_room_for_them() -> None:
    few, many = (sizes(request(parallelism=n, executor=LOCAL))["scheduler"] for n in (2, 16))
    assert many.limit > few.limit
    assert sizes(request(parallelism=16, executor=PODS))["scheduler"].limit < few.limit


NODES: dict[str, Any] = {"nodes": [{"cpu": 2, "memory": 4 * GIB}, {"cpu": 4, "memory": 8 * GIB}, {"name": "odd"}]}


def test_the_room_is_that_of_the_nodes_and_not_of_a_machine_that_only_watches() -> None:
    here: dict[str, Any] = {
        "cpu": {"count": 8},
        "memory": {"total": 16 * GIB},
        "docker": {"cpus": 2, "memory": 6 * GIB},
    }
    assert room(facts(**here), Target.KIND) == Room(2, 6 * GIB, 6 * GIB)
    assert room(facts(**here), Target.KUBEADM) == Room(8, 16 * GIB, 16 * GIB)
    assert room(facts(**here), Target.CONTEXT) == Room()
    for where in (Target.CONTEXT, Target.KIND):
        assert room(facts(**here, cluster=NODES), where) == Room(6, 12 * GIB, 8 * GIB)
    assert room(HostFacts(), Target.MICROK8S) == Room()


def test_they_are_written_as_kubernetes_reads_them() -> None:
    assert Size(200, 300, 900).node() == {
        "requests": {"cpu": "200m", "memory": "300Mi"}, "limits": {"memory": "900Mi"},
    }  # fmt: skip
    assert Size(10, 32).node() == {"requests": {"cpu": "10m", "memory": "32Mi"}}
