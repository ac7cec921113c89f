"""Rules about the installation: the Helm release, and the jobs that make the database and the login. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.rules.kube_model import (
    age,
    describe,
    kubectl,
    look,
    means,
    named,
    part,
    quote,
    said,
)
from airflow_wizard.diagnose.rules.model import launch_again
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.status.rules import how_it_ended
from airflow_wizard.text import human_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, PodFact, WorkloadFact

# Helm says that it begins before it can be seen running, and that it is done after it has ended.
_GRACE = 8.0


def release(evidence: Evidence) -> Iterator[Finding]:
    """A Helm operation that was broken off, or that failed."""
    cluster = evidence.cluster
    helm = cluster.helm_release if cluster is not None else None
    if cluster is None or helm is None:
        return
    if helm.status.startswith("pending-") and not cluster.helm_runs and age(evidence, helm.since) > _GRACE:
        ago = human_seconds(age(evidence, helm.since))
        yield Finding(
            "helm.pending",
            Level.FAIL,
            f"Release {cluster.release}",
            f"it is {helm.status} (revision {helm.revision}) for {ago}, and no Helm works on it here",
            "a release that is deployed",
            "Helm was ended in the middle; until that is cleared it refuses: “another operation is in progress”.",
            evidence=(f"Secret sh.helm.release.v1.{cluster.release}.v{helm.revision}: status {helm.status}",),
            fixes=_unstick(cluster),
        )
    elif helm.status == "failed":
        yield Finding(
            "helm.failed",
            Level.WARN,
            f"Release {cluster.release}",
            f"its last upgrade (revision {helm.revision}) failed",
            why="What runs may be a mixture of before and after.",
            evidence=(f"Secret sh.helm.release.v1.{cluster.release}.v{helm.revision}: status failed",),
            fixes=(launch_again(evidence.subject),),
        )


def _unstick(cluster: ClusterFact) -> tuple[Fix, ...]:
    helm = cluster.helm_release
    if helm is None:
        return ()
    if helm.deployed is not None:
        back = (*cluster.helm, "rollback", cluster.release, str(helm.deployed))
        return (Fix(f"Go back to revision {helm.deployed}", Risk.DISRUPTIVE, (back,), id="rollback"),)
    # Nothing was ever deployed: without this note Helm begins anew, and takes over what it made before.
    note = kubectl(cluster, "delete", "secret", f"sh.helm.release.v1.{cluster.release}.v{helm.revision}")
    return (Fix("Forget the broken attempt; what it made stays", Risk.DISRUPTIVE, (note,), id="forget-attempt"),)


def jobs(evidence: Evidence) -> Iterator[Finding]:
    """Jobs that gave up, or whose attempts fail."""
    cluster = evidence.cluster
    if cluster is None:
        return
    for job in cluster.workloads or ():
        if job.kind != "Job" or job.ready >= job.wanted:
            continue
        attempts = [p for p in cluster.pods or () if p.owner == ("Job", job.name)]
        bad = [p for p in attempts if _ended_badly(p)]
        if job.failed or bad:
            yield _job(evidence, cluster, job, bad)


def _ended_badly(pod: PodFact) -> bool:
    return pod.phase == "Failed" or any(c.restarts and c.exit_code not in (None, 0) for c in pod.containers)


def _job(evidence: Evidence, cluster: ClusterFact, job: WorkloadFact, bad: list[PodFact]) -> Finding:
    who = job.component or job.name
    newest = max(bad, key=lambda p: p.created, default=None)
    container = None
    if newest is not None:
        ended = [c for c in newest.containers if c.exit_code not in (None, 0)]
        container = ended[0] if ended else None
    tries = len(bad) + sum(c.restarts for p in bad for c in p.containers)
    how = ""
    if container is not None and container.ended == "OOMKilled":
        how = "its memory ran out and the kernel killed it"
    elif container is not None:
        how = how_it_ended(container.exit_code)
    elif job.failed == "DeadlineExceeded":
        how = "it was not done in time"
    again = "it gave up" if job.failed else "it is tried again"
    lines = said(evidence, newest, container) if newest is not None and container is not None else ()
    return Finding(
        f"init.failed.{who}",
        Level.FAIL if job.failed or tries > 1 else Level.WARN,
        named(who),
        f"{'an attempt ' if how and tries == 1 else ''}{how or job.failed_message or job.failed}; {again}",
        "a job that ends well",
        means(who),
        evidence=lines
        or quote(cluster.told("Job", job.name))
        or (f"Job {job.name}: {job.failed}: {job.failed_message}",),
        fixes=(
            *((look(cluster, newest, container),) if newest is not None and container is not None else ()),
            *_rerun(evidence, cluster, job),
            describe(cluster, "job", job.name),
        ),
    )


def _rerun(evidence: Evidence, cluster: ClusterFact, job: WorkloadFact) -> tuple[Fix, ...]:
    remove = kubectl(cluster, "delete", "job", job.name)
    if job.component == "init" and "init-job.yaml" in evidence.files:
        again = kubectl(cluster, "apply", "--filename", f"{evidence.subject.folder}/init-job.yaml")
        return (Fix("Run it once more", Risk.SAFE, (remove, again), id=f"rerun-{job.component}"),)
    command = launch_again(evidence.subject).commands
    return (Fix("Remove it and launch again", Risk.SAFE, (remove, *command), id=f"rerun-{job.component or job.name}"),)


def tasks(evidence: Evidence) -> Iterator[Finding]:
    """Pods of tasks that the kernel killed; any other end of a task is Airflow's business."""
    cluster = evidence.cluster
    if cluster is None:
        return
    killed = [
        (pod, container)
        for pod in cluster.pods or ()
        if pod.task
        for container in pod.containers
        if container.ended == "OOMKilled" and age(evidence, container.ended_at) < 3600
    ]
    if killed:
        pod = killed[-1][0]
        yield Finding(
            f"component.killed.{part(pod)}",
            Level.WARN,
            "Tasks",
            f"{len(killed)} of them took more memory than their pod may, and the kernel killed them",
            why="A task that is killed leaves no word of it in its log.",
            evidence=tuple(f"Pod {p.name}: {c.name}: OOMKilled" for p, c in killed[-3:]),
            fixes=(
                Fix("Give such a task more memory with executor_config"),
                describe(cluster, "pod", pod.name),
            ),
        )


RULES = (release, jobs, tasks)
