"""Whatever the cluster answers: a value comes out, never an error, and nothing that a terminal would obey."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines import kube_objects as objects
from airflow_wizard.engines.kube_json import moment, quantity
from airflow_wizard.engines.kube_pods import Part, Pod, pod_of
from airflow_wizard.status.kube_assemble import assemble_release
from airflow_wizard.status.kube_usage import usages
from airflow_wizard.text import one_line
from tests.status.kube_values import recorded, seen

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["True", "Always", "2026-11-25T16:54:26Z", "1Gi", "\x1b[2J", "Running", "-1", "CrashLoopBackOff"])
)  # fmt: skip
KEYS = st.sampled_from([
    "metadata", "spec", "status", "name", "uid", "labels", "component", "containers", "initContainers",
    "containerStatuses", "initContainerStatuses", "state", "lastState", "waiting", "terminated", "running", "reason",
    "message", "exitCode", "conditions", "type", "phase", "ownerReferences", "resources", "limits", "memory", "cpu",
    "kubernetes_executor", "try_number", "creationTimestamp", "deletionTimestamp", "usage", "ports", "replicas",
])  # fmt: skip
ODD = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)
READERS = (
    pod_of, objects.workload_of, objects.job_of, objects.claim_of, objects.service_of, objects.node_of,
    objects.event_of, lambda found: objects.is_of(found, "demo"), lambda found: usages([found]),
)  # fmt: skip


@given(st.dictionaries(KEYS, ODD, max_size=6))
def test_odd_answers_are_read_without_an_error(found: dict[str, Any]) -> None:
    for read in READERS:
        read(found)


@given(st.data())
def test_a_real_pod_with_anything_odd_in_it_becomes_a_row(data: st.DataObject) -> None:
    pod = recorded("faults")["pods"][data.draw(st.integers(0, 15))]
    place: Any = pod
    for _ in range(data.draw(st.integers(0, 4))):
        inner = list(place.values()) if isinstance(place, dict) else list(place)
        deeper = [one for one in inner if isinstance(one, dict | list) and one]
        if not deeper:
            break
        place = data.draw(st.sampled_from(deeper))
    key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(ODD)
    picture = assemble_release(seen(pod_of(pod)))
    for unit in picture.units:
        shown = unit.id + unit.reason + unit.node + unit.image
        assert one_line(shown) == shown


def test_what_is_not_known_changes_nothing() -> None:
    pod = recorded("faults")["pods"][0]
    before = pod_of(pod)
    pod["spec"]["somethingNew"] = pod["status"]["containerStatuses"][0]["state"]["more"] = {"a": [1]}
    assert pod_of(pod) == before


def test_the_containers_of_a_pod_are_told_apart() -> None:
    pods = {p.name: p for p in map(pod_of, recorded("faults")["pods"])}
    found = next(p for name, p in pods.items() if "scheduler" in name)
    assert [(c.name, c.part) for c in found.containers] == [
        ("git-sync", Part.SIDECAR), ("scheduler", Part.MAIN), ("scheduler-log-groomer", Part.SECOND),
    ]  # fmt: skip
    assert found.main is not None
    assert found.main.name == "scheduler"
    task = pods["smoke-hello-xk29f1ab"]
    assert (task.task, task.attempt, task.component, task.once, task.phase) == (
        "smoke.hello", 1, "worker", True, "Succeeded",
    )  # fmt: skip
    worker = pods["demo-worker-0"].main
    assert worker is not None
    assert (worker.memory_limit, worker.cpu_limit, worker.last_reason) == (64 << 20, 0.2, "OOMKilled")


def test_a_value_of_a_few_fields_is_kept_and_nothing_of_the_answer() -> None:
    assert len(Pod.__slots__) <= 20
    assert not hasattr(pod_of({}), "__dict__")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250m", 0.25), ("1", 1.0), ("1Gi", 2.0**30), ("100M", 1e8), ("1e3", 1000.0), ("128974848", 128974848.0),
        ("5n", 5e-9), ("", None), ("x", None), ("1e999", None), ("-1", None), (None, None), (True, None),
    ],
)  # fmt: skip
def test_quantities(text: object, number: float | None) -> None:
    assert quantity(text) == (None if number is None else pytest.approx(number))


def test_times() -> None:
    assert moment("1970-01-01T00:00:10Z") == 10.0
    assert moment("1970-01-01T00:00:10.500000Z") == 10.5
    assert moment("1970-01-01T02:00:10.123456789+02:00") == pytest.approx(10.123456)
    assert moment("yesterday, about noon") is None
