"""What a cluster does not allow, its nodes and names, the way in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
    HelmFact,
    IngressFact,
    NamespaceFact,
    NodeFact,
    ServiceFact,
)
from airflow_wizard.finding import Level
from tests.diagnose import clusters as c
from tests.diagnose.clusters import found, ids, one
from tests.diagnose.stacks import NOW

# What is not allowed

QUOTA = (
    'pods "x" is forbidden: exceeded quota: small, requested: requests.cpu=800m, '
    "used: requests.cpu=100m, limited: requests.cpu=500m"
)
SECURITY = (
    'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
    '(container "scheduler" must set securityContext)'
)


def refused(message: str, **more: object) -> ClusterFact:
    event = c.event("ReplicaSet", "af-scheduler-5d8f", "FailedCreate", message, **more)
    lasting = tuple(c.workload(x, ready=int(x != "scheduler")) for x in c.COMPONENTS)
    return c.cluster(without=("scheduler",), events=(event,), workloads=lasting)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (QUOTA, "quota.exceeded"),
        ("failed quota: small: must specify limits.memory for: scheduler", "quota.unspecified"),
        (SECURITY, "security.refused"),
        (
            'pods "x" is forbidden: [maximum memory usage per Container is 64Mi, but limit is 1Gi]',
            "limits.refused",
        ),
        ("maximum cpu usage per Pod is 1, but limit is 2", "limits.refused"),
        ('Internal error occurred: failed calling webhook "v.example.com": timeout', "webhook.refused"),
        ('admission webhook "policy.example.com" denied the request: no', "webhook.refused"),
        ("error looking up service account airflow/af-scheduler: not found", "config.account_missing"),
        ("nobody knows", "policy.refused"),
    ],
)
def test_why_a_cluster_makes_no_pod(message: str, kind: str) -> None:
    assert one(refused(message)).id == f"{kind}.scheduler"


def test_pods_that_were_made_in_the_meantime() -> None:
    fact = refused(QUOTA)
    assert ids(replace(fact, pods=(*(fact.pods or ()), c.pod("scheduler")))) == []
    assert ids(refused(QUOTA, last=NOW - 3000)) == []


def test_what_a_quota_has_left_is_asked_for() -> None:
    fact = replace(refused(QUOTA), quotas=(("small", "requests.cpu", "100m", "500m"),))
    assert "--requests=cpu=360m" in one(fact).fixes[0].commands[0]
    full = replace(refused(QUOTA), quotas=(("small", "requests.cpu", "500m", "500m"),))
    assert not one(full).fixes[0].id


def test_a_namespace_that_enforces_too_much_can_be_made_to_enforce_less() -> None:
    fix = one(refused(SECURITY)).fixes[0]
    assert fix.id == "pod-security-baseline"
    assert "pod-security.kubernetes.io/enforce=restricted" in fix.undo[0]


def test_a_namespace_that_goes() -> None:
    assert (
        one(c.cluster(namespace_fact=NamespaceFact("Terminating", holds="finalizers: x"))).id == "namespace.terminating"
    )
    assert ids(c.cluster(namespace_fact=NamespaceFact("missing"), without=c.COMPONENTS)) == []
    assert ids(c.cluster(namespace_fact=None)) == []


# Nodes and names


def test_a_cluster_that_does_not_answer() -> None:
    gone = ClusterFact("airflow", "af", unreachable="connection refused", next="see kubectl")
    findings = found(gone, unseen=(("files", "no"),))
    assert [f.id for f in findings] == ["cluster.unreachable", "unseen.files"]
    assert findings[1].causes == ("cluster.unreachable",)


def test_a_node_that_is_away_explains_what_was_on_it() -> None:
    away = replace(c.NODE, ready=None, why="Kubelet stopped posting node status.", since=c.OLD)
    findings = found(c.cluster(c.looping(1), nodes=(away,)))
    assert [f.id for f in findings] == ["node.away.node-1", "component.crash.scheduler"]
    assert findings[1].causes == ("node.away.node-1",)


def test_a_node_without_a_network() -> None:
    bare = replace(
        c.NODE, ready=False, why="container runtime network not ready: cni plugin not initialized", since=c.OLD
    )
    assert one(c.cluster(nodes=(bare,))).id == "node.network.node-1"


@pytest.mark.parametrize(
    "nodes",
    [
        (replace(c.NODE, ready=False, why="starting", since=c.YOUNG),),
        (c.NODE, replace(c.NODE, name="node-2")),
        None,
    ],
)
def test_nodes_that_are_well(nodes: tuple[NodeFact, ...] | None) -> None:
    assert ids(c.cluster(nodes=nodes)) == []


def test_a_node_of_others_is_a_warning() -> None:
    other = replace(c.NODE, name="node-2", pressures=(("DiskPressure", "disk is full"),))
    assert one(c.cluster(nodes=(c.NODE, other))).level is Level.WARN
    assert one(c.cluster(nodes=(replace(other, name="node-1"),))).level is Level.FAIL


def test_names_that_are_not_resolved() -> None:
    assert one(c.cluster(dns=(0, 2))).id == "dns.down"
    lines = {"af-scheduler-0/scheduler": ("psql: error: Temporary failure in name resolution",)}
    assert one(c.cluster(dns=(0, 0)), lines=lines).fixes[0].id == "start-dns"
    for dns in ((1, 2), (0, 0), None):
        assert ids(c.cluster(dns=dns)) == []


def test_all_memory_of_a_node() -> None:
    event = c.event("Node", "node-1", "SystemOOM", "System OOM encountered, victim process: gunicorn")
    assert one(c.cluster(events=(event,))).id == "node.memory.node-1"
    assert ids(c.cluster(events=(replace(event, last=NOW - 6000),))) == []


# The way in


def test_a_service_that_finds_nobody() -> None:
    lost = ServiceFact("af-postgres", "postgres", selector={"component": "postgresql"}, ready=0, created=c.OLD)
    finding = one(c.cluster(services=(lost,)))
    assert finding.id == "service.no_endpoints.postgres"
    assert finding.fixes[0].commands[0][-1].endswith("/postgres.yaml")


@pytest.mark.parametrize(
    "service",
    [
        ServiceFact("x", "postgres", selector={"component": "postgres"}, ready=0, created=c.OLD),
        ServiceFact("x", "postgres", selector={"component": "other"}, ready=0, created=c.YOUNG),
        ServiceFact("x", "postgres", selector={"component": "other"}, ready=None, created=c.OLD),
        ServiceFact("x", "statsd", selector={"component": "statsd"}, ready=0, created=c.OLD),
        ServiceFact("x", "postgres", selector={}, ready=0, created=c.OLD),
    ],
)
def test_a_service_of_which_nothing_can_be_said(service: ServiceFact) -> None:
    assert ids(c.cluster(services=(service,))) == []


def test_an_ingress_that_nobody_serves() -> None:
    lost = IngressFact("af", "nginx", ("af-api-server",), c.OLD)
    assert one(c.cluster(ingresses=(lost,))).id == "ingress.no_class.af"
    fix = one(c.cluster(ingresses=(lost,), ingress_classes=(("traefik", False),))).fixes[0]
    assert fix.answers == (("ingress_class", "traefik"),)
    assert ids(c.cluster(ingresses=(lost,), ingress_classes=(("nginx", False),))) == []
    assert ids(c.cluster(ingresses=(replace(lost, ingress_class=None),), ingress_classes=(("nginx", True),))) == []
    assert ids(c.cluster(ingresses=(lost,), ingress_classes=None)) == []


def test_a_component_that_was_stopped_or_never_came() -> None:
    lasting = [c.workload(x) for x in c.COMPONENTS]
    lasting[2] = replace(lasting[2], wanted=0, ready=0)
    finding = one(c.cluster(without=("scheduler",), workloads=tuple(lasting)))
    assert (finding.id, finding.fixes[0].id) == ("component.stopped.scheduler", "start-scheduler")
    del lasting[2]
    assert one(c.cluster(without=("scheduler",), workloads=tuple(lasting))).id == "component.missing.scheduler"


def test_a_stack_that_was_stopped_or_is_being_installed() -> None:
    nothing = tuple(replace(c.workload(x), wanted=0, ready=0) for x in c.COMPONENTS)
    assert ids(c.cluster(without=c.COMPONENTS, workloads=nothing)) == []
    first = (c.workload("postgres"),)
    assert ids(c.cluster(without=c.COMPONENTS[1:], workloads=first, helm_release=None)) == []
    young = HelmFact(1, "deployed", c.YOUNG)
    assert ids(c.cluster(without=c.COMPONENTS[1:], workloads=first, helm_release=young)) == []
