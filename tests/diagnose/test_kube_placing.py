"""Pods that cannot begin: no image, no place, no storage; and those that only have to wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
    PodFact,
    StorageClassFact,
    StoreClaimFact,
    VolumeFact,
)
from airflow_wizard.finding import Level
from tests.diagnose import clusters as c
from tests.diagnose.clusters import found, ids, one
from tests.diagnose.stacks import NOW

PULL = "Failed to pull image"


# Images


def pulling(message: str, reason: str = "ErrImagePull", image: str = "x/y:1", policy: str = "IfNotPresent") -> PodFact:
    return c.waiting("scheduler", reason, message, image=image, pull_policy=policy)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (f'{PULL} "x/y:1": docker.io/x/y:1: not found', "missing"),
        ("manifest unknown", "missing"),
        ("toomanyrequests: You have reached your pull rate limit", "rate_limited"),
        ("429 Too Many Requests", "rate_limited"),
        ("pull access denied, repository does not exist or may require authorization", "refused"),
        ("failed to authorize: unexpected status: 401 Unauthorized", "refused"),
        ("x509: certificate signed by unknown authority", "untrusted"),
        ("http: server gave HTTP response to HTTPS client", "untrusted"),
        ("dial tcp: lookup registry-1.docker.io on 127.0.0.11:53: no such host", "no_dns"),
        ("dial tcp: lookup r.corp: server misbehaving", "no_dns"),
        ("dial tcp 10.0.0.1:443: i/o timeout", "no_network"),
        ("dial tcp 10.0.0.1:443: connect: connection refused", "no_network"),
        ("something nobody has seen", "unavailable"),
    ],
)
def test_why_an_image_does_not_come(message: str, kind: str) -> None:
    assert one(c.cluster(pulling(message))).id == f"image.{kind}.scheduler"


def test_an_image_of_bitnami_is_gone() -> None:
    pod = pulling("docker.io/bitnami/postgresql:16: not found", image="docker.io/bitnami/postgresql:16")
    assert one(c.cluster(pod)).id == "image.gone.scheduler"


def test_the_reason_stands_in_the_event_while_the_state_says_back_off() -> None:
    pod = pulling('Back-off pulling image "x/y:1"', "ImagePullBackOff")
    event = c.event("Pod", pod.name, "Failed", f'{PULL} "x/y:1": x509: certificate signed by unknown authority')
    finding = one(c.cluster(pod, events=(event,)))
    assert finding.id == "image.untrusted.scheduler"
    assert "x509" in finding.evidence[0]


@pytest.mark.parametrize(("reason", "kind"), [("ErrImageNeverPull", "not_loaded"), ("InvalidImageName", "invalid")])
def test_images_that_nobody_tries_to_pull(reason: str, kind: str) -> None:
    assert one(c.cluster(pulling("", reason))).id == f"image.{kind}.scheduler"


def test_only_a_cluster_of_kind_is_given_images_of_this_machine() -> None:
    pod = pulling("not found")
    assert "load-image-scheduler" in [x.id for x in one(c.cluster(pod)).fixes]
    assert "load-image-scheduler" not in [x.id for x in one(c.cluster(pod, kind_cluster="")).fixes]


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing"])
def test_a_container_that_is_being_made(reason: str) -> None:
    assert ids(c.cluster(c.waiting("scheduler", reason))) == []


# Placing

LACKS_CPU = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available"
TAINTED = "0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }."


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (LACKS_CPU, "cpu"),
        ("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}", "cpu"),
        ("0/1 nodes are available: 1 Insufficient memory.", "memory"),
        ("0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", "memory"),
        ("0/1 nodes are available: 1 Too many pods.", "pods"),
        ("0/3 nodes are available: 3 Too many pods.", "pods"),
        (TAINTED, "taint"),
        ("0/1 nodes are available: 1 node(s) had untolerated taint(s).", "taint"),
        ("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", "selector"),
        ("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.", "selector"),
        ("0/1 nodes are available: 1 node(s) were unschedulable.", "cordoned"),
        ("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unschedulable: }.", "cordoned"),
        ("pod has unbound immediate PersistentVolumeClaims.", "claim"),
        ('persistentvolumeclaim "logs" not found', "claim"),
        ("0/1 nodes are available: 1 node(s) had volume node affinity conflict.", "claim"),
        ("0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", "ports"),
        ("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.", "node"),
        ("nobody knows", "unplaced"),
    ],
)
def test_why_no_node_takes_a_pod(message: str, kind: str) -> None:
    assert one(c.cluster(c.unplaced("scheduler", message))).id == f"pending.{kind}.scheduler"


@pytest.mark.parametrize(
    "pod",
    [
        c.unplaced("scheduler", LACKS_CPU, created=c.YOUNG),
        c.unplaced("scheduler", "", created=NOW - 20),
        c.pod("scheduler", scheduled=""),
        c.unplaced("scheduler", LACKS_CPU, deleting=NOW - 1),
    ],
)
def test_a_pod_that_is_only_about_to_be_placed(pod: PodFact) -> None:
    assert ids(c.cluster(pod)) == []


def test_a_pod_that_the_scheduler_never_looked_at() -> None:
    finding = one(c.cluster(c.unplaced("scheduler", "", created=NOW - 100)))
    assert (finding.id, finding.level) == ("pending.ignored.scheduler", Level.WARN)
    gone = c.unplaced("scheduler", "", created=NOW - 100, deleting=NOW - 50)
    assert ids(c.cluster(gone)) == []


def test_what_is_left_on_the_roomiest_node_is_said_and_asked_for() -> None:
    node = replace(c.NODE, asked_cpu=1500, asked_memory=1 << 30, running=9)
    finding = one(c.cluster(c.unplaced("scheduler", LACKS_CPU, cpu=4000), nodes=(node,)))
    assert "4000m" in finding.found
    assert "500m" in finding.found
    assert finding.fixes[0].id == "ask-less-scheduler"
    assert "--requests=cpu=400m" in finding.fixes[0].commands[0]


def test_where_nothing_is_left_nothing_is_asked_for() -> None:
    node = replace(c.NODE, asked_cpu=1999, asked_memory=1 << 30, running=9)
    finding = one(c.cluster(c.unplaced("scheduler", LACKS_CPU, cpu=4000), nodes=(node,)))
    assert not finding.fixes[0].id


def test_a_pod_of_a_stateful_set_is_made_anew_by_hand() -> None:
    node = replace(c.NODE, asked_cpu=500, asked_memory=1 << 30, running=9)
    fix = one(c.cluster(c.unplaced("triggerer", LACKS_CPU, cpu=4000), nodes=(node,))).fixes[0]
    assert fix.commands[-1][-3:] == ("delete", "pod", "af-triggerer-0")


def test_a_reserved_node_is_freed_only_where_it_is_the_only_kind() -> None:
    reserved = replace(c.NODE, taints=(("node-role.kubernetes.io/control-plane", "", "NoSchedule"),))
    fix = one(c.cluster(c.unplaced("scheduler", TAINTED), nodes=(reserved,))).fixes[0]
    assert fix.id == "untaint"
    assert fix.commands[0][-1] == "node-role.kubernetes.io/control-plane-"
    assert fix.undo[0][-1] == "node-role.kubernetes.io/control-plane=:NoSchedule"
    other = replace(c.NODE, name="node-2", taints=(("team", "ml", "NoSchedule"),))
    ids_ = [x.id for x in one(c.cluster(c.unplaced("scheduler", TAINTED), nodes=(reserved, other))).fixes]
    assert ids_[0] == "untaint-node-2"


# Storage


def with_claim(claim: StoreClaimFact, *, user: bool = True, **more: object) -> ClusterFact:
    held = c.unplaced("scheduler", "pod has unbound immediate PersistentVolumeClaims", claims=(claim.name,))
    return replace(c.cluster(*((held,) if user else ())), claims=(claim,), **more)  # type: ignore[arg-type]


def pending(storage_class: str | None = None, **more: object) -> StoreClaimFact:
    values: dict[str, object] = {"modes": ("ReadWriteOnce",), "size": 1 << 30, "created": c.OLD, **more}
    return StoreClaimFact("logs", "Pending", storage_class, **values)  # type: ignore[arg-type]


STANDARD = StorageClassFact("standard", "rancher.io/local-path", default=False, waits=True)


def test_a_claim_without_a_class() -> None:
    findings = found(with_claim(pending(), classes=(STANDARD,)))
    assert [f.id for f in findings] == ["claim.no_class.logs", "pending.claim.scheduler"]
    assert findings[1].causes == ("claim.no_class.logs",)
    assert findings[0].fixes[0].id == "default-class"
    assert '"false"' in findings[0].fixes[0].undo[0][-1]


def test_no_class_at_all() -> None:
    assert not found(with_claim(pending(), classes=()))[0].fixes[0].commands


def test_a_class_that_is_not_there() -> None:
    finding = found(with_claim(pending("fast"), classes=(STANDARD,)))[0]
    assert finding.id == "claim.class_missing.logs"
    assert finding.fixes[0].answers == (("storage_class", "standard"),)


@pytest.mark.parametrize("modes", [("ReadWriteMany",), ("ReadOnlyMany",)])
def test_a_mode_that_the_class_has_not(modes: tuple[str, ...]) -> None:
    assert found(with_claim(pending("standard", modes=modes), classes=(STANDARD,)))[0].id == "claim.mode.logs"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("failed to provision volume: exceeds the available capacity", "size"),
        ("not enough free space", "size"),
        ("exceeded quota: small, requested: requests.storage=1Gi", "quota"),
        ("rpc error: driver is not installed", "failed"),
    ],
)
def test_a_volume_that_cannot_be_made(message: str, kind: str) -> None:
    fact = with_claim(pending("standard"), classes=(STANDARD,))
    event = c.event("PersistentVolumeClaim", "logs", "ProvisioningFailed", message)
    assert found(replace(fact, events=(event,)))[0].id == f"claim.{kind}.logs"


@pytest.mark.parametrize(
    "fact",
    [
        with_claim(pending(), user=False, classes=()),
        with_claim(pending("standard"), user=False, classes=(STANDARD,)),
        c.cluster(claims=(pending("standard"),), classes=(STANDARD,)),
        c.cluster(c.waiting("scheduler", "ContainerCreating"), claims=(pending("standard", created=c.YOUNG),)),
        with_claim(replace(pending("standard"), phase="Bound"), user=False, classes=(STANDARD,)),
    ],
)
def test_a_claim_that_waits_as_it_should(fact: ClusterFact) -> None:
    waits = c.event(
        "PersistentVolumeClaim", "logs", "WaitForFirstConsumer", "waiting for first consumer", warning=False
    )
    assert ids(replace(fact, events=(waits,))) == []


def test_where_classes_may_not_be_seen_nothing_is_said_of_them() -> None:
    assert ids(with_claim(pending("fast"), classes=None)) == ["pending.claim.scheduler"]


def test_a_volume_that_remembers_another_claim() -> None:
    volume = VolumeFact("pv-1", "Released", "", ("ReadWriteMany",), 1 << 30, "airflow/logs")
    claim = replace(pending(""), volume="pv-1")
    finding = found(with_claim(claim, volumes=(volume,)))[0]
    assert finding.id == "claim.released.logs"
    assert finding.fixes[0].id == "rebind"
    assert found(with_claim(claim, volumes=(replace(volume, claim="other/logs"),)))[0].id == "claim.taken.logs"
    assert found(with_claim(claim, volumes=()))[0].id == "claim.no_volume.logs"
