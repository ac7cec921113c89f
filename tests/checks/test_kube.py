"""What the checks say about clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.checks.registry import judge
from airflow_wizard.finding import Level
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from tests.checks.facts import altered, machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.finding import Answer, Finding
    from airflow_wizard.host.facts import HostFacts, Json

GIB = 1024**3
DEV, TEAM = "cluster-dev", "cluster-restricted"
OK, INFO, WARN, FAIL, UNKNOWN = Level.OK, Level.INFO, Level.WARN, Level.FAIL, Level.UNKNOWN
GOOD: dict[str, Answer] = {"context": "dev", "executor": "LocalExecutor", "airflow_version": "3.3.2"}


def of(
    facts: HostFacts, check: str, answers: Mapping[str, Answer] | None = None, target: Target = Target.CONTEXT
) -> Finding:
    return next(f for f in judge(facts, target, answers) if f.id == check)


def changed(facts: HostFacts, subject: str, values: Mapping[str, Json]) -> HostFacts:
    fact = facts.get(subject)
    assert fact is not None
    assert isinstance(fact.value, dict)
    return facts.with_fact(subject, replace(fact, value={**fact.value, **values}))


def node(**values: Json) -> dict[str, Json]:
    usual: dict[str, Json] = {
        "name": "n", "ready": True, "reason": "", "cpu": 4.0, "memory": 8.0 * GIB, "pods": 110, "arch": "amd64",
        "taints": [], "pressure": [], "cordoned": False, "used_cpu": 1.0, "used_memory": 1.0 * GIB, "used_pods": 9,
    }  # fmt: skip
    return {**usual, **values}


def test_a_cluster_with_everything_has_nothing_to_solve() -> None:
    findings = {f.id: f for f in judge(machine(DEV), Target.CONTEXT, GOOD) if f.id.startswith("kube.")}
    assert {name: f.level for name, f in findings.items() if f.level is not OK} == {"kube.image": INFO}
    assert len(findings) >= 11


@pytest.mark.parametrize(
    ("kind", "values", "words", "command"),
    [
        ("refused", {"context": "kind-dev"}, "nothing listens", ("docker", "start", "dev-control-plane")),
        ("refused", {"context": "minikube"}, "nothing listens", ("minikube", "start")),
        ("dns", {"server": "https://api.example:6443"}, "not known here", ("getent", "hosts", "api.example")),
        ("plugin_missing", {"plugin": "doctl"}, "doctl is not installed", ("doctl", "auth", "init")),
        ("plugin_hangs", {"plugin": "/opt/bin/kubelogin"}, "does not end", ("az", "aks", "install-cli")),
        ("certificate_expired", {"expired": "2026-01-02T"}, "2026-01-02", ("sudo", "kubeadm", "certs", "renew", "all")),
        ("unauthorized", {}, "does not accept", ("kubectl", "--context", "dev", "auth", "whoami")),
        ("no_context", {}, "does not end", ("kubectl", "config", "get-contexts")),
        ("something_new", {}, "does not end", ("kubectl", "--context", "dev", "get", "--raw", "/readyz")),
    ],
)  # fmt: skip
def test_a_shut_door_is_met_by_its_cause(
    kind: str, values: dict[str, Json], words: str, command: tuple[str, ...]
) -> None:
    shut: dict[str, Json] = {"reachable": False, "error_kind": kind, "error": "it does not end"}
    facts = altered(DEV, "cluster", **{**shut, **values})
    finding = of(facts, "kube.reachable")
    assert finding.level is FAIL
    assert words in finding.found
    assert command in [c for fix in finding.fixes for c in fix.commands]
    assert of(facts, "kube.storage").causes == ("kube.reachable",)


def test_facts_of_another_context_are_not_taken_for_this_one() -> None:
    assert of(machine(DEV), "kube.reachable", {"context": "prod"}).level is UNKNOWN
    assert of(machine(DEV), "kube.reachable", {"context": "dev"}).level is OK


@pytest.mark.parametrize(
    ("nodes", "target", "level", "words"),
    [
        ([node(), node(name="m", ready=False)], Target.CONTEXT, OK, "1 of 2 take pods"),
        ([node(ready=False, reason="cni plugin not initialized")], Target.CONTEXT, FAIL, "not ready: cni"),
        ([node(ready=False, reason="cni plugin not initialized")], Target.KUBEADM, WARN, "not ready"),
        ([node(taints=["node-role.kubernetes.io/control-plane:NoSchedule"])], Target.CONTEXT, FAIL, "control planes"),
        ([node(taints=["node-role.kubernetes.io/control-plane:NoSchedule"])], Target.KUBEADM, FAIL, "control planes"),
        ([node(taints=["gpu:NoSchedule"])], Target.CONTEXT, FAIL, "gpu:NoSchedule"),
        ([node(cordoned=True)], Target.CONTEXT, FAIL, "cordoned"),
        ([node(arch="s390x")], Target.CONTEXT, FAIL, "s390x"),
        ([node(pressure=["DiskPressure"])], Target.CONTEXT, WARN, "DiskPressure"),
        ([], Target.CONTEXT, FAIL, "no node"),
        (None, Target.CONTEXT, UNKNOWN, "may not list"),
    ],
)
def test_nodes(nodes: list[Json] | None, target: Target, level: Level, words: str) -> None:
    finding = of(altered(DEV, "cluster", nodes=nodes), "kube.nodes", target=target)
    assert (finding.level, words in finding.found) == (level, True), finding


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({}, OK),
        ({"used_memory": 6.5 * GIB}, WARN),
        ({"used_memory": 7.5 * GIB}, FAIL),
        ({"used_cpu": 3.5}, WARN),
        ({"used_cpu": 3.9}, FAIL),
        ({"used_cpu": 5.0}, FAIL),
        ({"used_pods": 105}, FAIL),
        ({"used_memory": None}, UNKNOWN),
        ({"ready": False}, UNKNOWN),
    ],
)
def test_room_is_what_is_not_promised_yet(values: dict[str, Json], level: Level) -> None:
    assert of(altered(DEV, "cluster", nodes=[node(**values)]), "kube.room").level is level


def test_an_image_is_where_the_nodes_say() -> None:
    there = altered(DEV, "cluster", images={"apache/airflow:3.3.2": 1}, nodes=[node()])
    assert of(there, "kube.image", GOOD).level is OK
    assert of(there, "kube.image", {**GOOD, "image": "me/own:1"}).level is UNKNOWN


def storage(*classes: dict[str, Json]) -> HostFacts:
    return machine(DEV).with_fact("cluster_storage", Fact({"classes": [*classes]}, "test"))


LOCAL: dict[str, Json] = {
    "name": "local",
    "default": True,
    "provisioner": "rancher.io/local-path",
    "modes": ["ReadWriteOnce"],
}
NFS: dict[str, Json] = {
    "name": "nfs", "default": False, "provisioner": "nfs.csi.k8s.io", "modes": ["ReadWriteOnce", "ReadWriteMany"],
}  # fmt: skip
SHARED: dict[str, Answer] = {"executor": "KubernetesExecutor", "log_storage": "claim"}


def test_a_class_that_cannot_share_is_found_out_before_the_claim_waits() -> None:
    finding = of(storage(LOCAL, NFS), "kube.storage", SHARED)
    assert finding.level is FAIL
    assert finding.fixes[0].answers == (("storage_class", "nfs"),)
    for fix in finding.fixes:
        assert of(storage(LOCAL, NFS), "kube.storage", {**SHARED, **dict(fix.answers)}).level is OK


@pytest.mark.parametrize(
    ("classes", "answers", "level", "words"),
    [
        ([LOCAL], {}, OK, "local"),
        ([], {}, FAIL, "no storage class"),
        ([NFS], {}, FAIL, "no default class"),
        ([NFS], {"storage_class": "nfs"}, OK, "nfs"),
        ([NFS], {"storage_class": "fast"}, FAIL, "no class 'fast'"),
        ([], {"database": "external"}, OK, "nothing"),
        ([{**LOCAL, "modes": []}], {}, FAIL, "local"),
        ([{**LOCAL, "modes": None}], {}, OK, "local"),
        ([{**LOCAL, "modes": None}], SHARED, WARN, "local"),
    ],
)
def test_storage(classes: list[dict[str, Json]], answers: dict[str, Answer], level: Level, words: str) -> None:
    finding = of(storage(*classes), "kube.storage", answers)
    assert (finding.level, words in finding.found) == (level, True), finding


@pytest.mark.parametrize(
    ("seen", "answers", "level"),
    [
        ({}, {}, OK),
        ({}, {"ingress_class": "nginx"}, FAIL),
        ({"ingress_classes": ["nginx"]}, {"ingress_class": "nginx"}, OK),
        ({"ingress_classes": None}, {"ingress_class": "nginx"}, UNKNOWN),
        ({}, {"ingress_class": "traefik"}, FAIL),
        ({"traefik": ["traefik.containo.us"]}, {"ingress_class": "traefik"}, FAIL),
        ({"traefik": ["traefik.containo.us", "traefik.io"]}, {"ingress_class": "traefik"}, OK),
    ],
)
def test_ingress(seen: dict[str, Json], answers: dict[str, Answer], level: Level) -> None:
    host: dict[str, Answer] = {"ingress_host": "home.example"} if answers else {}
    assert of(altered(DEV, "cluster", **seen), "kube.ingress", {**host, **answers}).level is level


def test_a_restricted_user_hears_what_is_missing_and_what_an_administrator_types() -> None:
    finding = of(machine(TEAM), "kube.rights", {"context": "team", "namespace": "team"})
    assert finding.level is FAIL
    assert finding.found == "you may not create roles, rolebindings"
    assert any("kubectl auth can-i" in line and "--namespace team: no" in line for line in finding.evidence)
    bind = ("kubectl", "create", "rolebinding", "airflow-wizard", "--clusterrole=admin")
    assert [c[:5] for fix in finding.fixes for c in fix.commands] == [bind]
    assert "--serviceaccount=team:dev" in finding.fixes[-1].commands[0]


def test_volumes_that_only_an_administrator_makes_can_be_done_without() -> None:
    facts = machine(TEAM)
    answers: dict[str, Answer] = {"namespace": "team", "executor": "KubernetesExecutor", "log_storage": "node"}
    before = of(facts, "kube.rights", answers)
    assert "persistentvolumes" in before.found
    (fix,) = [f for f in before.fixes if f.id == "kube.logs-pods"]
    assert "persistentvolumes" not in of(facts, "kube.rights", {**answers, **dict(fix.answers)}).found


def test_a_right_that_nobody_answered_for_is_not_ok() -> None:
    row: dict[str, Json] = {"name": "jobs.batch", "when": "always", "refused": [], "unanswered": ["create"]}
    facts = machine(DEV).with_fact("cluster_rights", Fact({"namespace": "airflow", "rights": [row]}, "test"))
    assert of(facts, "kube.rights").level is UNKNOWN


@pytest.mark.parametrize(
    ("left", "check", "level", "words"),
    [
        ({"namespace": {"exists": True, "phase": "Terminating"}}, "kube.leftovers", FAIL, "being deleted"),
        ({"release": {"status": "pending-install", "revision": 1}}, "kube.leftovers", FAIL, "pending-install"),
        ({"release": {"status": "deployed", "revision": 3}}, "kube.leftovers", OK, "upgraded in place"),
        ({"release": {"status": "failed", "revision": 3}}, "kube.leftovers", INFO, "failed"),
        ({"release": {"status": "deployed", "ours": True}}, "kube.leftovers", OK, "upgraded in place"),
        ({"release": {"status": "deployed", "ours": False}}, "kube.leftovers", FAIL, "not installed by airflow-wizard"),
        ({"release": {"status": "pending-install", "ours": False}}, "kube.leftovers", FAIL, "not installed by airflow"),
        ({"foreign": ["service/airflow-postgres"]}, "kube.leftovers", FAIL, "service/airflow-postgres"),
        ({"failed_jobs": [{"name": "airflow-init", "reason": "BackoffLimitExceeded"}]}, "kube.leftovers", WARN, "init"),
        ({"database_image": "postgres:13"}, "kube.leftovers", FAIL, "PostgreSQL 13"),
        ({"database_image": "postgres:16.4-bookworm"}, "kube.leftovers", OK, "nothing of this name"),
        ({"claims": [{"name": "data-airflow-postgres-0"}]}, "kube.leftovers", INFO, "data-airflow-postgres-0"),
        ({"refused": ["secrets"]}, "kube.leftovers", UNKNOWN, "secrets"),
        ({"quotas": [{"name": "q", "left": {"requests.memory": 0.5 * GIB}}]}, "kube.quota", FAIL, "512 MB"),
        ({"quotas": [{"name": "q", "left": {"pods": 2.0}}]}, "kube.quota", FAIL, "pods"),
        ({"quotas": [{"name": "q", "left": {"requests.memory": 9.0 * GIB}}]}, "kube.quota", OK, "enough"),
        ({"limits": [{"name": "l", "memory": 0.25 * GIB, "cpu": None}]}, "kube.quota", FAIL, "256 MB"),
        ({"namespace": {"exists": True, "pod_security": "restricted"}}, "kube.pod-security", WARN, "restricted"),
        ({"namespace": {"exists": True, "pod_security": "baseline"}}, "kube.pod-security", OK, "baseline"),
        ({"namespace": None}, "kube.pod-security", UNKNOWN, "may not see"),
    ],
)
def test_what_is_in_the_namespace(left: dict[str, Json], check: str, level: Level, words: str) -> None:
    usual: dict[str, Json] = {"name": "airflow", "release_name": "airflow", "namespace": {"exists": True}}
    finding = of(changed(machine(DEV), "cluster_leftovers", {**usual, **left}), check, GOOD)
    assert (finding.level, words in finding.found) == (level, True), finding
    if level in (FAIL, WARN):
        assert any(fix.commands or fix.answers for fix in finding.fixes)
        assert finding.needed


@pytest.mark.parametrize(
    ("kubectl", "server", "level"),
    [
        ("1.36.3", "1.36.3", OK),
        ("1.35.0", "1.36.1+k3s1", OK),
        ("1.32.4-dispatcher", "1.36.3", WARN),
        ("1.29.0", "1.29.4", WARN),
    ],
)
def test_kubectl_and_the_cluster_are_neighbours(kubectl: str, server: str, level: Level) -> None:
    facts = altered(DEV, "cluster", version=server)
    assert of(changed(facts, "kubectl", {"version": kubectl}), "kube.skew").level is level


@pytest.mark.parametrize(
    ("helm", "server", "level"),
    [
        ("4.3.0", "1.37.1", OK),
        ("4.2.4", "1.37.1", WARN),
        ("4.2.4", "1.36.0", OK),
        ("3.21.4", "1.36.0", INFO),
        ("9.0.0", "1.40.0", OK),
    ],
)
def test_helm_is_made_for_some_clusters(helm: str, server: str, level: Level) -> None:
    facts = altered(DEV, "cluster", version=server)
    facts = facts.with_fact("helm", Fact({"path": "/usr/bin/helm", "version": helm}, "helm version"))
    assert of(facts, "helm.version").level is level
