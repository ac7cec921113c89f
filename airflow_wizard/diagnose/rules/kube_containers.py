"""Rules about containers in pods: how they ended, what killed them, what they wait for. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import (
    RECENT,
    age,
    anew,
    controller,
    describe,
    kubectl,
    look,
    means,
    named,
    part,
    part_of,
    pods,
    quote,
    restart,
    said,
)
from airflow_wizard.diagnose.rules.kube_refused import refusal
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.rules import LOOP, how_it_ended
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, PodContainerFact, PodFact

_OOM = "OOMKilled"
_SIGKILL = 137
_KILLED_BY = re.compile(r"failed (liveness|startup) probe", re.IGNORECASE)
_WAITS = re.compile(r"wait-for-(?:airflow-)?migrations")
# Longer than the check for migrations takes on a slow machine when the tables are there.
_MIGRATIONS = 90.0
_UNREADY = 240.0


def containers(evidence: Evidence) -> Iterator[Finding]:
    """Containers that fail again and again, were killed, or do not become ready."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for pod in pods(evidence):
        if pod.owner[0] == "Job" or pod.task:
            continue  # a job counts its own attempts; a task's end is Airflow's business
        for container in pod.containers:
            if refusal(container):
                continue  # it never ran
            yield from _one(evidence, cluster, pod, container)


def _one(evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Iterator[Finding]:
    bad = container.exit_code not in (None, 0)
    # Between two tries it says "terminated" for most of the time; once is no loop.
    twice = container.state == "terminated" and bad and container.restarts > 0
    looping = twice or (container.state == "waiting" and container.reason == "CrashLoopBackOff")
    again = container.restarts >= LOOP and not container.ready and age(evidence, container.ended_at) < RECENT
    probe = _probe(evidence, cluster, pod, container)
    if container.ended == _OOM and (container.state != "running" or age(evidence, container.ended_at) < RECENT):
        yield _oom(evidence, cluster, pod, container)
    elif probe is not None:
        yield probe
    elif _WAITS.search(container.name):
        yield from _migrations(evidence, cluster, pod, container)
    elif looping or again:
        yield _crash(evidence, cluster, pod, container)
    elif (
        container.state == "running"
        and not container.init
        and not container.ready
        and age(evidence, container.since) > _UNREADY
    ):
        yield _unready(evidence, cluster, pod, container)


def _times(count: int) -> str:
    return "1 restart" if count == 1 else f"{count} restarts"


def _crash(evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Finding:
    lines = said(evidence, pod, container)
    left = (f"it left behind: {container.ended_message[:300]}",) if container.ended_message and not lines else ()
    code = container.exit_code
    words = how_it_ended(code) if code is not None else "it does not start"
    if code == _SIGKILL:  # the kernel would have said OOMKilled
        words = "was killed by signal 9, and not for its memory limit"
    what = "" if container.name == pod.component else f"{container.name}: "
    return Finding(
        f"component.crash.{part_of(pod, container)}",
        Level.FAIL,
        named(part(pod)),
        f"{what}{words}, and is started again and again, "
        f"{_times(container.restarts) if container.restarts else 'no success'} so far",
        "a container that keeps running" if not container.init else "an end with exit 0",
        means(pod.component),
        evidence=lines or left or quote(cluster.told("Pod", pod.name, "BackOff", "Failed")),
        fixes=(look(cluster, pod, container), restart(cluster, pod)),
    )


def _oom(evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Finding:
    down = container.state != "running"
    limit = container.memory_limit
    of = f" of {human_bytes(limit)}" if limit else ""
    fixes: tuple[Fix, ...] = ()
    owner = controller(pod)
    if limit and owner:
        more = f"{max(2 * limit, 256 << 20) >> 20}Mi"
        kind = "--containers"
        change = kubectl(cluster, "set", "resources", owner, kind, container.name, f"--limits=memory={more}")
        title = f"Give it {more} until the next launch"
        fixes = (Fix(title, Risk.DISRUPTIVE, (change, *anew(cluster, pod)), id=f"more-memory-{part(pod)}"),)
    less = Fix(
        "Run less at once, for good", Risk.DISRUPTIVE, answers=(("parallelism", 4), ("api_workers", 1)), id="run-less"
    )
    return Finding(
        f"component.killed.{part_of(pod, container)}",
        Level.FAIL if down else Level.WARN,
        named(part(pod)),
        f"the memory{of} that {container.name} may use ran out, and the kernel killed it"
        + (f", {_times(container.restarts)} so far" if down else "; it runs again"),
        why=means(pod.component),
        evidence=(
            f"Pod {pod.name}: {container.name}: last state {container.ended} (exit {container.exit_code})",
            *said(evidence, pod, container, 3),
        ),
        fixes=(*fixes, less),
    )


def _probe(evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Finding | None:
    """It was ended because its probe failed."""
    kills = [
        e
        for e in cluster.told("Pod", pod.name, "Killing")
        if e.container in ("", container.name)
        and _KILLED_BY.search(e.message)
        and f"ontainer {container.name} " in e.message
    ]
    if not kills or age(evidence, kills[-1].last) > RECENT:
        return None
    match = _KILLED_BY.search(kills[-1].message)
    which = match[1].lower() if match else "liveness"
    tries = [e for e in cluster.told("Pod", pod.name, "Unhealthy") if f"{which} probe" in e.message.lower()]
    slow = any(re.search(r"timed? ?out|deadline exceeded", e.message, re.IGNORECASE) for e in tries)
    how = "did not answer in time" if slow else "failed"
    return Finding(
        f"component.probe.{part_of(pod, container)}",
        Level.FAIL if not container.ready else Level.WARN,
        named(part(pod)),
        f"Kubernetes ended {container.name} because its {which} probe {how}, {_times(container.restarts)} so far",
        f"a {which} probe that is content",
        "A start that takes longer than the probe allows never ends." if which == "startup" else means(pod.component),
        evidence=(*quote(tries, 1), *quote(kills, 1), *said(evidence, pod, container, 3)),
        fixes=(
            Fix(f"Raise timeoutSeconds and failureThreshold of its {which}Probe in values.yaml, then launch again"),
            look(cluster, pod, container),
            restart(cluster, pod),
        ),
    )


def _migrations(
    evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact
) -> Iterator[Finding]:
    """Waiting is no fault of the one that waits: what it waits for has one."""
    failed = container.exit_code not in (None, 0) or container.restarts > 0
    waits = container.state == "running" and age(evidence, container.since) > _MIGRATIONS
    if not failed and not waits:
        return
    yield Finding(
        f"waiting.migrations.{part(pod)}",
        Level.WARN,
        named(part(pod)),
        "it waits for the database to have this version's tables"
        + (f", {container.restarts} times in vain" if container.restarts else ""),
        "a migration that has run",
        means(pod.component),
        evidence=said(evidence, pod, container, 2) or quote(cluster.told("Pod", pod.name, "BackOff"), 1),
        fixes=(look(cluster, pod, container),),
    )


def _unready(evidence: Evidence, cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Finding:
    tries = cluster.told("Pod", pod.name, "Unhealthy")
    minutes = int(age(evidence, container.since) // 60)
    return Finding(
        f"component.unready.{part_of(pod, container)}",
        Level.WARN,
        named(part(pod)),
        f"{container.name} runs for {minutes} minutes and is still not ready",
        why=means(pod.component),
        evidence=(*quote(tries, 1), *said(evidence, pod, container, 3)),
        fixes=(look(cluster, pod, container), restart(cluster, pod)),
    )


def evicted(evidence: Evidence) -> Iterator[Finding]:
    """Pods that a node threw out to save itself."""
    cluster = evidence.cluster
    if cluster is None:
        return
    gone = [p for p in pods(evidence) if p.phase == "Failed" and p.reason in ("Evicted", "Preempting", "NodeLost")]
    for component in dict.fromkeys(part(p) for p in gone):
        those = [p for p in gone if part(p) == component]
        last, many = those[-1], "it" if len(those) == 1 else f"{len(those)} of its pods"
        command = kubectl(cluster, "delete", "pod", *(p.name for p in those))
        yield Finding(
            f"component.evicted.{component}",
            Level.WARN,
            named(component),
            f"a node threw {many} out: {last.message or last.reason}",
            "nodes with enough memory and disk",
            means(component),
            evidence=quote(cluster.told("Pod", last.name, "Evicted")) or (f"Pod {last.name}: {last.reason}",),
            fixes=(
                Fix("Remove what is left of them", Risk.SAFE, (command,), id="remove-evicted"),
                describe(cluster, "pod", last.name),
            ),
        )


RULES = (containers, evicted)
