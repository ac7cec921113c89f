"""What is said of a stack in a cluster: each fault by its id, and nothing of what only looks like one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_wizard.diagnose.evaluate import evaluate
from airflow_wizard.diagnose.kube_facts import (
    ClusterFact,
    HelmFact,
    IngressFact,
    NamespaceFact,
    NodeFact,
    PodFact,
    ServiceFact,
    StorageClassFact,
    StoreClaimFact,
    VolumeFact,
    WorkloadFact,
)
from airflow_wizard.finding import Finding, Level
from tests.diagnose import clusters as c
from tests.diagnose.stacks import NOW

PULL = "Failed to pull image"


def found(fact: ClusterFact, **more: object) -> list[Finding]:
    return evaluate(c.stack(fact, **more))


def ids(fact: ClusterFact, **more: object) -> list[str]:
    return [f.id for f in found(fact, **more)]


def one(fact: ClusterFact, **more: object) -> Finding:
    (finding,) = found(fact, **more)
    assert finding.fixes
    assert finding.found
    return finding


def test_a_stack_that_is_well() -> None:
    assert ids(c.cluster()) == []


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
        c.unplaced("scheduler", "", created=c.OLD),
        c.pod("scheduler", scheduled=""),
        c.unplaced("scheduler", LACKS_CPU, deleting=NOW - 1),
    ],
)
def test_a_pod_that_is_only_about_to_be_placed(pod: PodFact) -> None:
    assert ids(c.cluster(pod)) == []


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


# Containers


def looping(code: int, ended: str = "Error", **more: object) -> PodFact:
    values: dict[str, object] = {"exit_code": code, "ended": ended, "ended_at": NOW - 5, "restarts": 2, **more}
    return c.waiting("scheduler", "CrashLoopBackOff", "back-off 20s restarting failed container", **values)


def test_a_crash_loop_shows_its_last_words() -> None:
    finding = one(
        c.cluster(looping(1)), lines={"af-scheduler-0/scheduler": ("starting", "ERROR: the moon is not in position")}
    )
    assert finding.id == "component.crash.scheduler"
    assert finding.evidence == ("ERROR: the moon is not in position",)


def test_between_two_tries_it_has_ended() -> None:
    ended = {"state": "terminated", "exit_code": 1, "ended": "Error", "ended_at": NOW - 1, "ready": False}
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", restarts=1, **ended)))) == [
        "component.crash.scheduler"
    ]
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", restarts=0, **ended)))) == []


def test_137_is_memory_only_when_the_kernel_says_so() -> None:
    assert "not for its memory" in one(c.cluster(looping(137))).found
    finding = one(c.cluster(looping(137, "OOMKilled", memory_limit=512 << 20)))
    assert finding.id == "component.killed.scheduler"
    assert "512 MB" in finding.found
    assert "--limits=memory=1024Mi" in finding.fixes[0].commands[0]


def test_memory_that_ran_out_a_while_ago() -> None:
    again = {"state": "running", "ended": "OOMKilled", "exit_code": 137, "restarts": 1}
    recent = c.pod("scheduler", c.container("scheduler", ended_at=NOW - 60, **again))
    assert one(c.cluster(recent)).level is Level.WARN
    assert ids(c.cluster(c.pod("scheduler", c.container("scheduler", ended_at=NOW - 6000, **again)))) == []


@pytest.mark.parametrize(
    "container",
    [
        c.container("scheduler", restarts=1, exit_code=1, ended="Error", ended_at=NOW - 30),
        c.container("scheduler", restarts=9, exit_code=0, ended="Completed", ended_at=NOW - 3000),
        c.container("scheduler", ready=False, since=NOW - 60),
        c.container("scheduler", state="waiting", reason="ContainerCreating", ready=False),
    ],
)
def test_a_container_that_is_starting_or_well(container: object) -> None:
    assert ids(c.cluster(c.pod("scheduler", container, ready=True))) == []  # type: ignore[arg-type]


KILLING = "Container scheduler failed liveness probe, will be restarted"


def test_a_probe_that_ends_a_container() -> None:
    pod = looping(137)
    tries = c.event("Pod", pod.name, "Unhealthy", "Liveness probe failed: command timed out", count=3)
    kill = c.event("Pod", pod.name, "Killing", KILLING, warning=False)
    finding = one(c.cluster(pod, events=(tries, kill)))
    assert finding.id == "component.probe.scheduler"
    assert "did not answer in time" in finding.found
    startup = c.event("Pod", pod.name, "Killing", KILLING.replace("liveness", "startup"), warning=False)
    assert "startup" in one(c.cluster(pod, events=(startup,))).found


def test_probes_that_fail_while_it_starts_are_nothing() -> None:
    starting = c.pod("scheduler", c.container("scheduler", ready=False, since=NOW - 20))
    tries = c.event("Pod", starting.name, "Unhealthy", "Startup probe failed: connection refused", count=9)
    assert ids(c.cluster(starting, events=(tries,))) == []
    old = c.event("Pod", starting.name, "Killing", KILLING, last=NOW - 3000)
    assert ids(c.cluster(starting, events=(old,))) == []
    stopped = c.event("Pod", starting.name, "Killing", "Stopping container scheduler", warning=False)
    assert ids(c.cluster(starting, events=(stopped,))) == []


def test_evicted_pods() -> None:
    gone = replace(c.pod("worker"), phase="Failed", reason="Evicted", message="low on resource: memory", ready=False)
    assert one(c.cluster(gone)).id == "component.evicted.worker"
    assert ids(c.cluster(replace(gone, reason="", phase="Succeeded"))) == []


def migrations(**more: object) -> PodFact:
    values: dict[str, object] = {"init": True, "ready": False, "since": NOW - 20, **more}
    wait = c.container("wait-for-airflow-migrations", **values)
    held = c.container("scheduler", state="waiting", reason="PodInitializing", ready=False)
    return c.pod("scheduler", wait, held, phase="Pending", ready=False)


def test_waiting_for_migrations_follows_from_what_is_waited_for() -> None:
    assert ids(c.cluster(migrations())) == []
    alone = found(c.cluster(migrations(exit_code=1, restarts=2, state="waiting", reason="CrashLoopBackOff")))
    assert [(f.id, f.level) for f in alone] == [("waiting.migrations.scheduler", Level.WARN)]
    failed = job(failed="BackoffLimitExceeded")
    both = found(c.cluster(migrations(since=NOW - 200), workloads=(failed, c.workload("postgres")), helm_release=None))
    assert [f.id for f in both] == ["init.failed.init", "waiting.migrations.scheduler"]
    assert both[1].causes == ("init.failed.init",)


# Jobs and Helm


def job(**more: object) -> WorkloadFact:
    values: dict[str, object] = {"kind": "Job", "ready": 0, **more}
    return c.workload("init", **values)


def attempt(code: int, **more: object) -> PodFact:
    ended = c.container("init", state="terminated", exit_code=code, ended="Error", ready=False, **more)
    return c.pod("init", ended, phase="Failed" if code else "Succeeded", ready=False)


def test_a_job_that_gave_up_says_why() -> None:
    fact = c.cluster(attempt(1), workloads=(job(failed="BackoffLimitExceeded"),))
    finding = one(fact, lines={"af-init-0/init": ("ERROR: no such column",)})
    assert finding.id == "init.failed.init"
    assert finding.evidence == ("ERROR: no such column",)
    assert [x.id for x in finding.fixes if x.id] == ["rerun-init"]


def test_one_attempt_of_several_is_a_warning() -> None:
    assert one(c.cluster(attempt(1), workloads=(job(),))).level is Level.WARN


@pytest.mark.parametrize("fact", [c.cluster(attempt(0), workloads=(job(ready=1),)), c.cluster(workloads=(job(),))])
def test_a_job_that_runs_or_ran(fact: ClusterFact) -> None:
    assert ids(fact) == []


def test_a_release_that_nobody_works_on() -> None:
    stuck = HelmFact(1, "pending-install", NOW - 30)
    finding = one(c.cluster(helm_release=stuck))
    assert (finding.id, finding.fixes[0].id) == ("helm.pending", "forget-attempt")
    assert one(c.cluster(helm_release=HelmFact(3, "pending-upgrade", NOW - 30, 2))).fixes[0].commands[0][-1] == "2"


@pytest.mark.parametrize(
    "fact",
    [
        c.cluster(helm_release=HelmFact(1, "pending-install", NOW - 30), helm_runs=True),
        c.cluster(helm_release=HelmFact(1, "pending-install", NOW - 2)),
        c.cluster(helm_release=HelmFact(2, "deployed", NOW - 2, 1)),
        c.cluster(helm_release=None),
    ],
)
def test_a_release_that_is_worked_on_or_done(fact: ClusterFact) -> None:
    assert ids(fact) == []


def test_a_failed_upgrade_is_a_warning() -> None:
    assert one(c.cluster(helm_release=HelmFact(2, "failed", c.OLD, 1))).level is Level.WARN


# What pods are made from


@pytest.mark.parametrize(
    ("message", "finding_id", "fix"),
    [
        ('secret "af-login" not found', "config.secret_missing.scheduler", "launch"),
        ("couldn't find key jwt-secret in Secret airflow/af-keys", "config.key_missing.scheduler", "restore-keys"),
        ('configmap "af-other" not found', "config.configmap_missing.scheduler", "launch"),
    ],
)
def test_what_a_container_refers_to_and_is_not_there(message: str, finding_id: str, fix: str) -> None:
    finding = one(c.cluster(c.waiting("scheduler", "CreateContainerConfigError", message)))
    assert finding.id == finding_id
    assert fix in [x.id for x in finding.fixes]


def test_what_was_made_in_the_meantime_is_not_missing() -> None:
    for message in ('secret "af-keys" not found', "couldn't find key fernet-key in Secret airflow/af-keys"):
        assert ids(c.cluster(c.waiting("scheduler", "CreateContainerConfigError", message))) == []


def test_a_volume_that_cannot_be_mounted() -> None:
    pod = c.waiting("scheduler", "ContainerCreating")

    def mount(message: str) -> list[str]:
        return ids(c.cluster(pod, events=(c.event("Pod", pod.name, "FailedMount", message),)))

    assert mount('MountVolume.SetUp failed for volume "s" : configmap "af-gone" not found') == [
        "config.configmap_missing.scheduler"
    ]
    assert mount("Unable to attach or mount volumes: timed out waiting for the condition") == ["mount.failed.scheduler"]
    assert mount('Multi-Attach error for volume "pvc-1"') == ["mount.failed.scheduler"]
    assert mount('MountVolume.SetUp failed for volume "s" : configmap "af-scripts" not found') == []


def test_a_node_that_cannot_begin_to_start_a_pod() -> None:
    pod = c.waiting("scheduler", "ContainerCreating")
    event = c.event("Pod", pod.name, "FailedCreatePodSandBox", 'plugin type="bridge" failed: cni', count=3)
    assert one(c.cluster(pod, events=(event,))).id == "sandbox.network.scheduler"
    other = replace(event, message="failed to reserve sandbox name")
    assert one(c.cluster(pod, events=(other,))).id == "sandbox.failed.scheduler"
    assert ids(c.cluster(events=(event,))) == []
    assert ids(c.cluster(replace(pod, created=c.YOUNG), events=(replace(event, count=1),))) == []


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
    findings = found(c.cluster(looping(1), nodes=(away,)))
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


# Root first


def test_a_database_that_is_down_explains_what_needs_it() -> None:
    database = replace(c.waiting("postgres", "ErrImagePull", "not found"), ready=False)
    fact = c.cluster(database, looping(1), attempt(1), workloads=(job(failed="BackoffLimitExceeded"),))
    lines = {"af-init-0/init": ('could not translate host name "af-postgres" to address: Name or service not known',)}
    findings = found(fact, lines=lines)
    assert findings[0].id == "image.missing.postgres"
    assert all(f.causes for f in findings[1:]), [(f.id, f.causes) for f in findings]


def test_one_component_does_not_explain_another() -> None:
    fact = c.cluster(looping(1), replace(c.waiting("triggerer", "ErrImagePull", "not found"), ready=False))
    findings = found(fact)
    assert {f.id for f in findings} == {"component.crash.scheduler", "image.missing.triggerer"}
    assert not any(f.causes for f in findings)


def test_a_wrong_password_explains_the_crash() -> None:
    lines = {"af-scheduler-0/scheduler": ('FATAL:  password authentication failed for user "airflow"',)}
    findings = found(c.cluster(looping(1)), lines=lines)
    assert [f.id for f in findings] == ["postgres.auth", "component.crash.scheduler"]
    assert findings[1].causes == ("postgres.auth",)


def test_lines_of_the_start_are_past_when_everything_is_ready() -> None:
    lines = {"af-scheduler-0/scheduler": ('could not translate host name "af-postgres" to address: Try again',)}
    assert ids(c.cluster(), lines=lines) == []


def test_what_could_not_be_seen_is_unknown_and_nothing_else() -> None:
    nothing = ClusterFact("airflow", "af")
    findings = found(nothing, unseen=(("pods", "forbidden"),))
    assert [(f.id, f.level) for f in findings] == [("unseen.pods", Level.UNKNOWN)]
