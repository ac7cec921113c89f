"""Faults of a real cluster: each is named soon after its evidence is there, root first; many are fixed with one key."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.workflows.troubleshooting import explain
from tests.e2e.kube import faulty as f

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow_wizard.finding import Finding

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]


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


@pytest.fixture
def told(stack: f.Broken, capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Says what was measured."""
    rows: list[str] = []
    yield rows
    with capsys.disabled():
        slowest = max(stack.passes, default=0.0)
        sys.stdout.write(f"\n    {' | '.join(rows)} | {len(stack.passes)} looks, slowest {slowest:.1f} s\n")


def as_root(named: f.Named, told: list[str]) -> Finding:
    """It is what everything else follows from, and was named in time."""
    told.append(f"{named.finding.id}: {named.seconds:.1f} s after its evidence, {named.waited:.1f} s after the fault")
    assert named.roots == [named.finding.id], [(x.id, x.causes) for x in named.found]
    assert named.seconds <= f.PROMISED
    assert named.finding.evidence
    assert named.finding.fixes
    return named.finding


def fixed(stack: f.Broken, finding: Finding, told: list[str]) -> None:
    """With one key, and seen to be gone."""
    outcome = stack.fix(finding)
    assert outcome.ok, [x.found for x in outcome.findings]
    told.append(f"fixed in {outcome.elapsed:.1f} s")


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
    end = time.monotonic() + 40
    while time.monotonic() < end:
        evidence, found = stack.look()
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
    finding = as_root(stack.named("image.not_loaded.scheduler", f.state("ErrImageNeverPull")), told)
    fixed(stack, finding, told)


def test_a_registry_that_cannot_be_reached(stack: f.Broken, told: list[str]) -> None:
    one = f.container("triggerer")
    one["image"] = "registry.invalid/airflow:1"
    stack.cluster.apply(f.workload(stack, "triggerer", f.pod_spec(one)))
    as_root(stack.named("image.no_dns.triggerer", f.event("Failed", "Failed to pull image")), told)


# Placing


def test_more_processor_than_there_is(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", resources={"requests": {"cpu": "64"}})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = as_root(stack.named("pending.cpu.scheduler", f.event("FailedScheduling", "Insufficient cpu")), told)
    fixed(stack, finding, told)


def test_more_memory_than_there_is(stack: f.Broken, told: list[str]) -> None:
    one = f.container("worker", resources={"requests": {"memory": "4Ti"}})
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(one), "StatefulSet"))
    finding = as_root(stack.named("pending.memory.worker", f.event("FailedScheduling", "Insufficient memory")), told)
    fixed(stack, finding, told)


def test_a_node_that_is_reserved(stack: f.Broken, told: list[str]) -> None:
    key = "node-role.kubernetes.io/control-plane"
    stack.cluster.kubectl("taint", "nodes", stack.cluster.node, f"{key}:NoSchedule", "--overwrite")
    try:
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
        finding = as_root(stack.named("pending.taint.scheduler", f.event("FailedScheduling", "taint")), told)
        fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("taint", "nodes", stack.cluster.node, f"{key}-", fine=False)


def test_a_node_that_takes_nothing_new(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.kubectl("cordon", stack.cluster.node)
    try:
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
        finding = as_root(stack.named("pending.cordoned.scheduler", f.event("FailedScheduling")), told)
        fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("uncordon", stack.cluster.node)


def test_a_label_that_no_node_has(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("triggerer"), nodeSelector={"faults.example/disk": "ssd"})
    stack.cluster.apply(f.workload(stack, "triggerer", spec))
    try:
        finding = as_root(stack.named("pending.selector.triggerer", f.event("FailedScheduling", "affinity")), told)
        fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("label", "nodes", stack.cluster.node, "faults.example/disk-", fine=False)


# Storage


def test_no_default_storage_class(stack: f.Broken, told: list[str]) -> None:
    note = "storageclass.kubernetes.io/is-default-class"
    stack.cluster.kubectl("annotate", "storageclass", "standard", f"{note}=false", "--overwrite")
    try:
        spec = f.pod_spec(f.container("postgres"), **f.mounting("data"))
        stack.cluster.apply(f.claim(stack, "data"), f.workload(stack, "postgres", spec, "StatefulSet"))
        finding = as_root(stack.named("claim.no_class.data", f.event("FailedBinding")), told)
        fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl("annotate", "storageclass", "standard", f"{note}=true", "--overwrite")


def test_a_storage_class_that_does_not_exist(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("postgres"), **f.mounting("data"))
    stack.cluster.apply(
        f.claim(stack, "data", storageClassName="fast"), f.workload(stack, "postgres", spec, "StatefulSet")
    )
    finding = as_root(stack.named("claim.class_missing.data", f.event("ProvisioningFailed")), told)
    assert finding.fixes[0].answers == (("storage_class", "standard"),)


def test_a_shared_volume_of_a_class_for_one_node(stack: f.Broken, told: list[str]) -> None:
    spec = f.pod_spec(f.container("scheduler"), **f.mounting("logs"))
    stack.cluster.apply(f.claim(stack, "logs", ("ReadWriteMany",)), f.workload(stack, "scheduler", spec))
    finding = as_root(stack.named("claim.mode.logs", f.event("ProvisioningFailed")), told)
    assert finding.fixes[0].answers == (("log_storage", "node"),)


# Containers


def test_a_crash_loop_with_its_last_words(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", "echo ERROR the moon is not in position; exit 3")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = as_root(stack.named("component.crash.scheduler", f.ended_twice), told)
    assert "exit 3" in finding.found
    assert any("the moon" in text for text in finding.evidence)


def test_a_kill_that_is_not_for_memory(stack: f.Broken, told: list[str]) -> None:
    one = f.container("scheduler", "sh -c 'kill -9 $$'; exit 137")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = as_root(stack.named("component.crash.scheduler", f.ended_twice), told)
    assert "not for its memory" in finding.found


def test_memory_that_runs_out(stack: f.Broken, told: list[str]) -> None:
    size = {"requests": {"memory": "16Mi"}, "limits": {"memory": "32Mi"}}
    # Its first process has to be the one: a child that is killed does not end the container.
    one = f.container("worker", resources=size) | {"command": ["perl", "-e", "$x = 'x' x 90000000; sleep 3600"]}
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(one)))
    finding = as_root(stack.named("component.killed.worker", f.state("OOMKilled")), told)
    fixed(stack, finding, told)


def test_a_liveness_probe_that_ends_it(stack: f.Broken, told: list[str]) -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 2}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", livenessProbe=probe))))
    sign = f.event("Killing", "failed liveness probe")
    assert "liveness" in as_root(stack.named("component.probe.scheduler", sign), told).found


def test_a_start_that_takes_longer_than_its_probe_allows(stack: f.Broken, told: list[str]) -> None:
    probe = {
        "exec": {"command": ["sh", "-c", "sleep 5"]},
        "periodSeconds": 1,
        "failureThreshold": 2,
        "timeoutSeconds": 1,
    }
    stack.cluster.apply(f.workload(stack, "api-server", f.pod_spec(f.container("api-server", startupProbe=probe))))
    sign = f.event("Killing", "failed startup probe")
    assert "startup" in as_root(stack.named("component.probe.api-server", sign), told).found


def test_a_program_that_is_not_in_the_image(stack: f.Broken, told: list[str]) -> None:
    one = {**f.container("scheduler"), "command": ["/no/such/program"]}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    sign = f.state("RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun")
    named = stack.named("component.crash.scheduler", sign)
    assert "/no/such/program" in " ".join(as_root(named, told).evidence)


# What a pod is made from


def test_a_secret_that_is_gone(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-keys"
    stack.keep("secrets/keys.yaml", f.secret(stack, name, **{"fernet-key": "x"}))
    wanted = {"name": "K", "valueFrom": {"secretKeyRef": {"name": name, "key": "fernet-key"}}}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", env=[wanted]))))
    finding = as_root(stack.named("config.secret_missing.scheduler", f.state("CreateContainerConfigError")), told)
    fixed(stack, finding, told)


def test_a_key_that_a_secret_lacks(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-keys"
    stack.cluster.apply(f.secret(stack, name, other="x"))
    stack.keep("secrets/keys.yaml", f.secret(stack, name, **{"jwt-secret": "x"}))
    wanted = {"name": "K", "valueFrom": {"secretKeyRef": {"name": name, "key": "jwt-secret"}}}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", env=[wanted]))))
    finding = as_root(stack.named("config.key_missing.scheduler", f.state("CreateContainerConfigError")), told)
    fixed(stack, finding, told)


def test_a_config_map_that_cannot_be_mounted(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-scripts"
    about = {**f.metadata(stack, "scripts"), "name": name}
    stack.keep("scripts.yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": {"a": "b"}})
    mount = [{"name": "s", "mountPath": "/scripts"}]
    one = f.container("scheduler", volumeMounts=mount)
    spec = f.pod_spec(one, volumes=[{"name": "s", "configMap": {"name": name}}])
    stack.cluster.apply(f.workload(stack, "scheduler", spec))
    finding = as_root(stack.named("config.configmap_missing.scheduler", f.event("FailedMount")), told)
    fixed(stack, finding, told)


# What is not allowed


def test_a_quota_that_is_used_up(stack: f.Broken, told: list[str]) -> None:
    stack.kubectl("create", "quota", "small", "--hard=requests.cpu=200m")
    one = f.container("scheduler", resources={"requests": {"cpu": "800m"}})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = as_root(stack.named("quota.exceeded.scheduler", f.event("FailedCreate", "exceeded quota")), told)
    fixed(stack, finding, told)


def test_a_limit_range_that_forbids_it(stack: f.Broken, told: list[str]) -> None:
    about = {"name": "small", "namespace": stack.name}
    limits = [{"type": "Container", "max": {"memory": "64Mi"}}]
    stack.cluster.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": about, "spec": {"limits": limits}})
    size = {"limits": {"memory": "1Gi"}}
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(f.container("worker", resources=size)), "StatefulSet"))
    as_root(stack.named("limits.refused.worker", f.event("FailedCreate", "maximum memory")), told)


def test_pod_security(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.kubectl("label", "namespace", stack.name, "pod-security.kubernetes.io/enforce=restricted")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
    finding = as_root(stack.named("security.refused.scheduler", f.event("FailedCreate", "violates PodSecurity")), told)
    fixed(stack, finding, told)


def test_a_namespace_that_goes_away(stack: f.Broken, told: list[str]) -> None:
    about = {"name": "held", "namespace": stack.name, "finalizers": ["faults.example/held"]}
    stack.cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": about})
    stack.cluster.kubectl("delete", "namespace", stack.name, "--wait=false")
    try:
        as_root(stack.named("namespace.terminating", f.at_once), told)
    finally:
        stack.kubectl("patch", "configmap", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


# The database, and those who wait for it


def test_a_database_that_was_stopped(stack: f.Broken, told: list[str]) -> None:
    database, service = f.postgres(stack)
    database["spec"]["replicas"] = 0
    wait = {**f.container("wait-for-airflow-migrations", "sleep 2; exit 1")}
    spec = f.pod_spec(f.container("scheduler"), initContainers=[wait])
    stack.cluster.apply(database, service, f.workload(stack, "scheduler", spec))
    finding = as_root(stack.named("component.stopped.postgres", f.at_once), told)
    fixed(stack, finding, told)


def test_a_migration_that_failed_and_those_who_wait(stack: f.Broken, told: list[str]) -> None:
    wait = {**f.container("wait-for-airflow-migrations", "sleep 1; exit 1")}
    spec = f.pod_spec(f.container("scheduler"), initContainers=[wait])
    failing = f.job(stack, "echo ERROR: column flavour does not exist; exit 1")
    stack.keep("init-job.yaml", f.job(stack, "sleep 1"))
    stack.cluster.apply(*f.postgres(stack), f.workload(stack, "scheduler", spec), failing)
    stack.named("waiting.migrations.scheduler", f.at_once)
    named = stack.named("init.failed.init", f.at_once)
    finding = as_root(named, told)
    assert any("flavour" in text for text in finding.evidence)
    assert next(x for x in named.found if x.id == "waiting.migrations.scheduler").causes == ("init.failed.init",)
    fixed(stack, finding, told)


def test_a_wrong_password_of_the_database(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.apply(*f.postgres(stack))
    stack.kubectl("rollout", "status", f"statefulset/{stack.name}-postgres", "--timeout=90s")
    script = f"PGPASSWORD=wrong-one psql -h {stack.name}-postgres -U airflow -c 'select 1'"
    stack.cluster.apply(f.job(stack, script))
    named = stack.named("postgres.auth", f.line("password authentication failed"))
    as_root(named, told)
    later = stack.named("init.failed.init", f.at_once)
    assert later.finding.causes == ("postgres.auth",)


def test_a_database_of_another_name(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.apply(f.job(stack, "psql -h nowhere-to-be-found -U airflow -c 'select 1'"))
    as_root(stack.named("postgres.unreachable", f.line("could not translate host name")), told)


def test_names_that_are_not_resolved(stack: f.Broken, told: list[str]) -> None:
    system = ("--namespace", "kube-system", "scale", "deployment/coredns")
    before = stack.cluster.kubectl("-n", "kube-system", "get", "deploy", "coredns", "-o", "jsonpath={.spec.replicas}")
    stack.cluster.kubectl(*system, "--replicas=0")
    try:
        loop = "while ! psql -h db.elsewhere -U airflow; do sleep 1; done"
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", loop))))
        finding = as_root(stack.named("dns.down", f.line("name resolution")), told)
        fixed(stack, finding, told)
    finally:
        stack.cluster.kubectl(*system, f"--replicas={before or 2}")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("git@github.com: Permission denied (publickey).", "gitsync.key"),
        ("Host key verification failed.", "gitsync.host_key"),
        ("fatal: couldn't find remote ref develop", "gitsync.ref"),
    ],
)
def test_git_sync_says_why(stack: f.Broken, told: list[str], said: str, wanted: str) -> None:
    sync = f.container("git-sync", f"echo {json.dumps(said)}; exit 1")
    stack.cluster.apply(f.workload(stack, "dag-processor", f.pod_spec(f.container("dag-processor"), sync)))
    as_root(stack.named(wanted, f.line(said[:20])), told)


# The way in, and the installation


def test_a_service_that_finds_nobody(stack: f.Broken, told: list[str]) -> None:
    database, service = f.postgres(stack)
    stack.keep("postgres.yaml", service)
    lost = json.loads(json.dumps(service))
    lost["spec"]["selector"]["component"] = "postgresql"
    stack.cluster.apply(database, lost)
    stack.kubectl("rollout", "status", f"statefulset/{stack.name}-postgres", "--timeout=90s")
    finding = as_root(stack.named("service.no_endpoints.postgres", f.at_once), told)
    fixed(stack, finding, told)


def test_an_ingress_that_nobody_serves(stack: f.Broken, told: list[str]) -> None:
    back = {"service": {"name": f"{stack.name}-api-server", "port": {"number": 8080}}}
    rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": back}]}}]
    spec = {"ingressClassName": "traefik", "rules": rules}
    about = f.metadata(stack, "api-server")
    stack.cluster.apply({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": about, "spec": spec})
    as_root(stack.named(f"ingress.no_class.{stack.name}-api-server", f.at_once), told)


def test_a_node_port_that_is_taken(stack: f.Broken, told: list[str]) -> None:
    def service(name: str) -> f.Object:
        ports = [{"port": 8080, "nodePort": 30987}]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": f.metadata(stack, name),
            "spec": {"type": "NodePort", "ports": ports},
        }

    stack.cluster.apply(service("first"))
    said = stack.cluster.kubectl("apply", "-f", "-", given=json.dumps(service("second")), fine=False)
    found = explain(said)
    told.append(f"service.port_taken: {[x.id for x in found]}")
    assert [x.id for x in found] == ["service.port_taken"]


def _chart(folder: Path, stack: f.Broken) -> str:
    made = folder / "chart"
    (made / "templates").mkdir(parents=True)
    (made / "Chart.yaml").write_text("apiVersion: v2\nname: fault\nversion: 0.1.0\n")
    never = f.container("scheduler", readinessProbe={"exec": {"command": ["false"]}})
    one = f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler")))
    other = f.workload(stack, "scheduler", f.pod_spec(never))
    text = "{{ if .Values.broken }}\n" + json.dumps(other) + "\n{{ else }}\n" + json.dumps(one) + "\n{{ end }}\n"
    (made / "templates" / "all.yaml").write_text(text)
    (made / "values.yaml").write_text("broken: false\n")
    return str(made)


def _killed_helm(stack: f.Broken, *words: str) -> None:
    """Helm is ended in the middle, as by a lost terminal."""
    argv = stack.cluster.cluster.with_helm("--namespace", stack.name, *words)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as helm:
        end = time.monotonic() + 60
        while f"pending-{words[0]}" not in stack.kubectl("get", "secrets", "--show-labels"):
            assert time.monotonic() < end
            assert helm.poll() is None, helm.stdout and helm.stdout.read()
            time.sleep(0.2)
        helm.send_signal(signal.SIGKILL)


def test_an_upgrade_that_was_broken_off(stack: f.Broken, told: list[str], tmp_path: Path) -> None:
    chart = _chart(tmp_path, stack)
    install = stack.cluster.cluster.with_helm("--namespace", stack.name, "install", stack.name, chart, "--wait")
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    _killed_helm(stack, "upgrade", stack.name, chart, "--set", "broken=true", "--wait")
    finding = as_root(stack.named("helm.pending", f.at_once), told)
    assert finding.fixes[0].id == "rollback"
    fixed(stack, finding, told)


def test_an_installation_that_was_broken_off(stack: f.Broken, told: list[str], tmp_path: Path) -> None:
    chart = _chart(tmp_path, stack)
    _killed_helm(stack, "install", stack.name, chart, "--set", "broken=true", "--wait")
    finding = as_root(stack.named("helm.pending", f.at_once), told)
    assert finding.fixes[0].id == "forget-attempt"
    fixed(stack, finding, told)
