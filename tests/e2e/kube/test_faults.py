"""Faults of a real cluster: each is named soon after its evidence is there, root first; many are fixed with one key."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing

import pytest

from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.watch_pods import PodWatch
from tests.e2e.kube import faulty as f
from tests.e2e.kube.faults_fixtures import cluster, stack, told
from tests.run.handlers.context import Heard

__all__ = ["cluster", "stack", "told"]


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]


# Nothing is wrong


def test_a_start_that_goes_well_says_nothing(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("scheduler"), **f.mounting("logs"))
    slow = {"exec": {"command": ["sh", "-c", "test -e /tmp/up"]}, "periodSeconds": 1, "failureThreshold": 60}
    api = f.pod_spec(f.container("api-server", "sleep 6; touch /tmp/up; sleep 3600", startupProbe=slow))
    stack.cluster.apply(
        *f.postgres(stack),
        f.claim(stack, "logs"),
        f.claim(stack, "nobody-waits-for-it"),
        f.workload(stack, "scheduler", spec),
        f.workload(stack, "api-server", api),
        f.job(stack, "sleep 2"),
    )
    end = time.monotonic() + 120
    while time.monotonic() < end:
        evidence, found = stack.look()
        stack.keep_as(f"healthy-{len(stack.passes)}")
        assert [x.id for x in found] == []
        pods = (evidence.cluster.pods if evidence.cluster else None) or ()
        if len(pods) == 4 and all(p.ready or p.phase == "Succeeded" for p in pods):
            break
        time.sleep(0.2)
    else:
        pytest.fail("it did not start")
    told.append(f"healthy start: {len(stack.passes)} looks, no finding")


# Images


def test_an_image_that_is_only_on_this_machine(stack: f.Broken, told: list[str]) -> None:
    image = "debian:bookworm-slim"
    inside = ("docker", "exec", stack.cluster.node, "ctr", "--namespace", "k8s.io", "images", "rm")
    subprocess.run((*inside, f"docker.io/library/{image}"), check=False, capture_output=True, timeout=60)
    one = f.container("scheduler") | {"image": image, "imagePullPolicy": "Never"}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = f.as_root(stack.named("image.not_loaded.scheduler", f.state("ErrImageNeverPull")), told)
    f.fixed(stack, finding, told)


def test_a_registry_that_cannot_be_reached(stack: f.Broken, told: list[str]) -> None:
    one = f.container("triggerer")
    one["image"] = "registry.invalid/airflow:1"
    stack.cluster.apply(f.workload(stack, "triggerer", f.pod_spec(one)))
    f.as_root(stack.named("image.no_dns.triggerer", f.event("Failed", "Failed to pull image")), told)


# Placing


def test_more_processor_than_there_is(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", resources={"requests": {"cpu": "64"}})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = f.as_root(stack.named("pending.cpu.scheduler", f.event("FailedScheduling", "Insufficient cpu")), told)
    f.fixed(stack, finding, told)


def test_more_memory_than_there_is(stack: f.Broken, told: list[str]) -> None:
    one = f.container("worker", resources={"requests": {"memory": "4Ti"}})
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(one), "StatefulSet"))
    finding = f.as_root(stack.named("pending.memory.worker", f.event("FailedScheduling", "Insufficient memory")), told)
    f.fixed(stack, finding, told)


def test_a_node_that_is_reserved(stack: f.Broken, told: list[str]) -> None:
    key = "node-role.kubernetes.io/control-plane"
    stack.cluster.kubectl("taint", "nodes", stack.cluster.node, f"{key}:NoSchedule", "--overwrite")
    try:
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
        finding = f.as_root(stack.named("pending.taint.scheduler", f.event("FailedScheduling", "taint")), told)
        f.fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("taint", "nodes", stack.cluster.node, f"{key}-", fine=False)


def test_a_node_that_takes_nothing_new(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.kubectl("cordon", stack.cluster.node)
    try:
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
        finding = f.as_root(stack.named("pending.cordoned.scheduler", f.event("FailedScheduling")), told)
        f.fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("uncordon", stack.cluster.node)


def test_a_label_that_no_node_has(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("triggerer"), nodeSelector={"faults.example/disk": "ssd"})
    stack.cluster.apply(f.workload(stack, "triggerer", spec))
    try:
        finding = f.as_root(stack.named("pending.selector.triggerer", f.event("FailedScheduling", "affinity")), told)
        f.fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("label", "nodes", stack.cluster.node, "faults.example/disk-", fine=False)


def _waited_for(stack: f.Broken, component: str) -> None:
    """As a launch waits: until something says that waiting is in vain."""
    with closing(PodWatch(stack.release, (component,))) as watch:
        while True:
            watch.check(Heard().context())


def test_a_disk_that_is_nearly_full(stack: f.Broken, told: list[str]) -> None:
    node = f"node.pressure.{stack.cluster.node}"
    with f.disk_to_keep_free(stack.cluster, "99%"):
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
        finding = f.as_root(stack.named(node, f.event("FailedScheduling", "taint")), told)
        assert "DiskPressure" in finding.found
        stack.named("pending.taint.scheduler", f.event("FailedScheduling", "taint"))
        with pytest.raises(StepFailedError, match=r"finds no node: node .* has too little disk left"):
            _waited_for(stack, "scheduler")
    _, found = stack.look()
    assert node not in [x.id for x in found]


# Storage


def test_no_default_storage_class(stack: f.Broken, told: list[str]) -> None:
    note = "storageclass.kubernetes.io/is-default-class"
    stack.cluster.kubectl("annotate", "storageclass", "standard", f"{note}=false", "--overwrite")
    try:
        spec = f.pod_spec(f.container("postgres"), **f.mounting("data"))
        stack.cluster.apply(f.claim(stack, "data"), f.workload(stack, "postgres", spec, "StatefulSet"))
        finding = f.as_root(stack.named("claim.no_class.data", f.event("FailedBinding")), told)
        f.fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("annotate", "storageclass", "standard", f"{note}=true", "--overwrite")


def test_a_storage_class_that_does_not_exist(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("postgres"), **f.mounting("data"))
    stack.cluster.apply(
        f.claim(stack, "data", storageClassName="fast"), f.workload(stack, "postgres", spec, "StatefulSet")
    )
    finding = f.as_root(stack.named("claim.class_missing.data", f.event("ProvisioningFailed")), told)
    assert finding.fixes[0].answers == (("storage_class", "standard"),)


def test_a_shared_volume_of_a_class_for_one_node(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("scheduler"), **f.mounting("logs"))
    stack.cluster.apply(f.claim(stack, "logs", ("ReadWriteMany",)), f.workload(stack, "scheduler", spec))
    finding = f.as_root(stack.named("claim.mode.logs", f.event("ProvisioningFailed")), told)
    assert finding.fixes[0].answers == (("log_storage", "node"),)


# Containers


def test_a_crash_loop_with_its_last_words(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", "echo ERROR the moon is not in position; exit 3")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = f.as_root(stack.named("component.crash.scheduler", f.ended_twice), told)
    assert "exit 3" in finding.found
    assert any("the moon" in text for text in finding.evidence)


def test_a_kill_that_is_not_for_memory(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", "sh -c 'kill -9 $$'; exit 137")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = f.as_root(stack.named("component.crash.scheduler", f.ended_twice), told)
    assert "not for its memory" in finding.found


def test_memory_that_runs_out(stack: f.Broken, told: list[str]) -> None:
    size = {"requests": {"memory": "16Mi"}, "limits": {"memory": "32Mi"}}
    # Its first process has to be the one: a child that is killed does not end the container.
    one = f.container("worker", resources=size) | {"command": ["perl", "-e", "$x = 'x' x 90000000; sleep 3600"]}
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(one)))
    finding = f.as_root(stack.named("component.killed.worker", f.state("OOMKilled")), told)
    f.fixed(stack, finding, told)


def test_a_liveness_probe_that_ends_it(stack: f.Broken, told: list[str]) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 2}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", livenessProbe=probe))))
    sign = f.event("Killing", "failed liveness probe")
    assert "liveness" in f.as_root(stack.named("component.probe.scheduler", sign), told).found


def test_a_start_that_takes_longer_than_its_probe_allows(stack: f.Broken, told: list[str]) -> None:
    probe = {
        "exec": {"command": ["sh", "-c", "sleep 5"]},
        "periodSeconds": 1,
        "failureThreshold": 2,
        "timeoutSeconds": 1,
    }
    stack.cluster.apply(f.workload(stack, "api-server", f.pod_spec(f.container("api-server", startupProbe=probe))))
    sign = f.event("Killing", "failed startup probe")
    assert "startup" in f.as_root(stack.named("component.probe.api-server", sign), told).found


def test_a_program_that_is_not_in_the_image(stack: f.Broken, told: list[str]) -> None:
    one = {**f.container("scheduler"), "command": ["/no/such/program"]}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    sign = f.state("RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun")
    named = stack.named("component.refused.scheduler", sign)
    assert "/no/such/program" in " ".join(f.as_root(named, told).evidence)


def test_a_container_that_may_not_run_as_root(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", securityContext={"runAsNonRoot": True, "runAsUser": 0})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    named = stack.named("component.refused.scheduler", f.state("CreateContainerConfigError"))
    assert "breaks non-root policy" in f.as_root(named, told).found
