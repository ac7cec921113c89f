"""Faults of what a pod is made from, of what is not allowed, of the database, the way in and the installation."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.workflows.troubleshooting import explain
from tests.e2e.kube import faulty as f
from tests.e2e.kube.faults_fixtures import cluster, stack, told

__all__ = ["cluster", "stack", "told"]

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(f.needs()), reason=f"needs {f.needs()}"),
]


# What a pod is made from


def test_a_secret_that_is_gone(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-keys"
    stack.keep("secrets/keys.yaml", f.secret(stack, name, **{"fernet-key": "x"}))
    wanted = {"name": "K", "valueFrom": {"secretKeyRef": {"name": name, "key": "fernet-key"}}}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", env=[wanted]))))
    finding = f.as_root(stack.named("config.secret_missing.scheduler", f.state("CreateContainerConfigError")), told)
    f.fixed(stack, finding, told)


def test_a_key_that_a_secret_lacks(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-keys"
    stack.cluster.apply(f.secret(stack, name, other="x"))
    stack.keep("secrets/keys.yaml", f.secret(stack, name, **{"jwt-secret": "x"}))
    wanted = {"name": "K", "valueFrom": {"secretKeyRef": {"name": name, "key": "jwt-secret"}}}
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", env=[wanted]))))
    finding = f.as_root(stack.named("config.key_missing.scheduler", f.state("CreateContainerConfigError")), told)
    f.fixed(stack, finding, told)


def test_a_config_map_that_cannot_be_mounted(stack: f.Broken, told: list[str]) -> None:
    name = f"{stack.name}-scripts"
    about = {**f.metadata(stack, "scripts"), "name": name}
    stack.keep("scripts.yaml", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": {"a": "b"}})
    mount = [{"name": "s", "mountPath": "/scripts"}]
    one = f.container("scheduler", volumeMounts=mount)
    spec = f.pod_spec(one, volumes=[{"name": "s", "configMap": {"name": name}}])
    stack.cluster.apply(f.workload(stack, "scheduler", spec))
    finding = f.as_root(stack.named("config.configmap_missing.scheduler", f.event("FailedMount")), told)
    f.fixed(stack, finding, told)


# What is not allowed


def test_a_quota_that_is_used_up(stack: f.Broken, told: list[str]) -> None:
    stack.kubectl("create", "quota", "small", "--hard=requests.cpu=200m")
    one = f.container("scheduler", resources={"requests": {"cpu": "800m"}})
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(one)))
    finding = f.as_root(stack.named("quota.exceeded.scheduler", f.event("FailedCreate", "exceeded quota")), told)
    f.fixed(stack, finding, told)


def test_a_limit_range_that_forbids_it(stack: f.Broken, told: list[str]) -> None:
    about = {"name": "small", "namespace": stack.name}
    limits = [{"type": "Container", "max": {"memory": "64Mi"}}]
    stack.cluster.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": about, "spec": {"limits": limits}})
    size = {"limits": {"memory": "1Gi"}}
    stack.cluster.apply(f.workload(stack, "worker", f.pod_spec(f.container("worker", resources=size)), "StatefulSet"))
    f.as_root(stack.named("limits.refused.worker", f.event("FailedCreate", "maximum memory")), told)


def test_pod_security(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.kubectl("label", "namespace", stack.name, "pod-security.kubernetes.io/enforce=restricted")
    stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler"))))
    finding = f.as_root(
        stack.named("security.refused.scheduler", f.event("FailedCreate", "violates PodSecurity")), told
    )
    f.fixed(stack, finding, told)


def test_a_namespace_that_goes_away(stack: f.Broken, told: list[str]) -> None:
    about = {"name": "held", "namespace": stack.name, "finalizers": ["faults.example/held"]}
    stack.cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": about})
    stack.cluster.kubectl("delete", "namespace", stack.name, "--wait=false")
    try:
        f.as_root(stack.named("namespace.terminating", f.at_once), told)
    finally:
        stack.kubectl("patch", "configmap", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


# The database, and those who wait for it


def test_a_database_that_was_stopped(stack: f.Broken, told: list[str]) -> None:
    database, service = f.postgres(stack)
    database["spec"]["replicas"] = 0
    wait = {**f.container("wait-for-airflow-migrations", "sleep 2; exit 1")}
    spec = f.pod_spec(f.container("scheduler"), initContainers=[wait])
    stack.cluster.apply(database, service, f.workload(stack, "scheduler", spec))
    finding = f.as_root(stack.named("component.stopped.postgres", f.at_once), told)
    f.fixed(stack, finding, told)


def test_a_migration_that_failed_and_those_who_wait(stack: f.Broken, told: list[str]) -> None:
    wait = {**f.container("wait-for-airflow-migrations", "sleep 1; exit 1")}
    spec = f.pod_spec(f.container("scheduler"), initContainers=[wait])
    failing = f.job(stack, "echo ERROR: column flavour does not exist; exit 1")
    stack.keep("init-job.yaml", f.job(stack, "sleep 1"))
    stack.cluster.apply(*f.postgres(stack), f.workload(stack, "scheduler", spec), failing)
    stack.named("waiting.migrations.scheduler", f.at_once)
    named = stack.named("init.failed.init", f.at_once)
    finding = f.as_root(named, told)
    assert any("flavour" in text for text in finding.evidence)
    assert next(x for x in named.found if x.id == "waiting.migrations.scheduler").causes == ("init.failed.init",)
    f.fixed(stack, finding, told)


def test_a_wrong_password_of_the_database(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.apply(*f.postgres(stack))
    stack.kubectl("rollout", "status", f"statefulset/{stack.name}-postgres", "--timeout=90s")
    script = f"PGPASSWORD=wrong-one psql -h {stack.name}-postgres -U airflow -c 'select 1'"
    stack.cluster.apply(f.job(stack, script))
    named = stack.named("postgres.auth", f.line("password authentication failed"))
    f.as_root(named, told)
    later = stack.named("init.failed.init", f.at_once)
    assert later.finding.causes == ("postgres.auth",)


def test_a_database_of_another_name(stack: f.Broken, told: list[str]) -> None:
    stack.cluster.apply(f.job(stack, "psql -h nowhere-to-be-found -U airflow -c 'select 1'"))
    f.as_root(stack.named("postgres.unreachable", f.line("could not translate host name")), told)


def test_names_that_are_not_resolved(stack: f.Broken, told: list[str]) -> None:
    system = ("--namespace", "kube-system", "scale", "deployment/coredns")
    before = stack.cluster.kubectl("-n", "kube-system", "get", "deploy", "coredns", "-o", "jsonpath={.spec.replicas}")
    stack.cluster.kubectl(*system, "--replicas=0")
    try:
        loop = "while ! psql -h db.elsewhere -U airflow; do sleep 1; done"
        stack.cluster.apply(f.workload(stack, "scheduler", f.pod_spec(f.container("scheduler", loop))))
        finding = f.as_root(stack.named("dns.down", f.line("name resolution")), told)
        f.fixed(stack, finding, told)
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
    f.as_root(stack.named(wanted, f.line(said[:20])), told)


# The way in, and the installation


def test_a_service_that_finds_nobody(stack: f.Broken, told: list[str]) -> None:
    database, service = f.postgres(stack)
    stack.keep("postgres.yaml", service)
    lost = json.loads(json.dumps(service))
    lost["spec"]["selector"]["component"] = "postgresql"
    stack.cluster.apply(database, lost)
    stack.kubectl("rollout", "status", f"statefulset/{stack.name}-postgres", "--timeout=90s")
    finding = f.as_root(stack.named("service.no_endpoints.postgres", f.at_once), told)
    f.fixed(stack, finding, told)


def test_an_ingress_that_nobody_serves(stack: f.Broken, told: list[str]) -> None:
    back = {"service": {"name": f"{stack.name}-api-server", "port": {"number": 8080}}}
    rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": back}]}}]
    spec = {"ingressClassName": "traefik", "rules": rules}
    about = f.metadata(stack, "api-server")
    stack.cluster.apply({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": about, "spec": spec})
    f.as_root(stack.named(f"ingress.no_class.{stack.name}-api-server", f.at_once), told)


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
    finding = f.as_root(stack.named("helm.pending", f.at_once), told)
    assert finding.fixes[0].id == "rollback"
    f.fixed(stack, finding, told)


def test_an_installation_that_was_broken_off(stack: f.Broken, told: list[str], tmp_path: Path) -> None:
    chart = _chart(tmp_path, stack)
    _killed_helm(stack, "install", stack.name, chart, "--set", "broken=true", "--wait")
    finding = f.as_root(stack.named("helm.pending", f.at_once), told)
    assert finding.fixes[0].id == "forget-attempt"
    f.fixed(stack, finding, told)
