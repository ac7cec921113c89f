"""What the rules about a cluster share: who is meant, what is quoted, and the fixes that several of them offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.diagnose.kube_facts import log_name
from airflow_wizard.diagnose.rules.model import tail_of
from airflow_wizard.finding import Fix
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from airflow_wizard.diagnose.evidence import Evidence
    from airflow_wizard.diagnose.kube_facts import ClusterFact, EventFact, PodContainerFact, PodFact, WorkloadFact

RECENT = 600.0
_QUOTED = 300

MEANS = {
    "postgres": "Everything in Airflow waits for its database.",
    "redis": "Tasks do not get from the scheduler to the workers.",
    "api-server": "No page can be opened, and tasks cannot report.",
    "webserver": "No page can be opened.",
    "scheduler": "Nothing new is scheduled.",
    "dag-processor": "Changes to DAGs are not seen.",
    "worker": "No task runs.",
    "triggerer": "Deferred tasks wait.",
    "init": "Without it there is neither a database nor a login; the others wait for its end.",
    "run-airflow-migrations": "The others wait until the database has this version's tables.",
    "create-user": "Nobody can log in.",
}


def means(component: str) -> str:
    """What does not work while a component does not."""
    return MEANS.get(component, "Airflow is not whole without it.")


def named(component: str) -> str:
    """A component as the title of a finding."""
    return component.capitalize() if component else "A pod"


def pods(evidence: Evidence) -> Iterator[PodFact]:
    """Pods of the stack that are to stay."""
    for pod in (evidence.cluster.pods if evidence.cluster is not None else None) or ():
        if pod.deleting is None:
            yield pod


def part(pod: PodFact) -> str:
    """What a pod is called in ids of findings: its component, and a task's pod all of them together."""
    return "task" if pod.task else pod.component or pod.name


def age(evidence: Evidence, since: float | None) -> float:
    """Seconds since a moment; none for one that is not known or lies ahead."""
    return max(0.0, evidence.now - since) if since else 0.0


def part_of(pod: PodFact, container: PodContainerFact) -> str:
    """The component, and the container where it is not the one that gives the component its name."""
    main = next((c.name for c in pod.containers if not c.init), "")
    return part(pod) if container.name in (main, pod.component) else f"{part(pod)}.{container.name}"


def quote(events: Iterable[EventFact], most: int = 2) -> tuple[str, ...]:
    """Events as lines of evidence, the newest; what says the same is quoted once."""
    lines = []
    for event in events:
        times = f" (x{event.count})" if event.count > 1 else ""
        lines.append(f"{event.kind} {event.name}: {event.reason}{times}: {event.message[:_QUOTED]}")
    return tuple(dict.fromkeys(lines))[-most:]


def said(evidence: Evidence, pod: PodFact, container: PodContainerFact, most: int = 6) -> tuple[str, ...]:
    """The last telling lines of a container."""
    return tail_of(evidence.lines.get(log_name(pod, container), ()), most)


def kubectl(cluster: ClusterFact, *words: str) -> tuple[str, ...]:
    """A kubectl command for the stack's namespace."""
    return (*cluster.kubectl, *words)


def look(cluster: ClusterFact, pod: PodFact, container: PodContainerFact) -> Fix:
    """Read a log."""
    before = ("--previous",) if container.restarts else ()
    command = kubectl(cluster, "logs", pod.name, "--container", container.name, "--tail=100", *before)
    return Fix(f"Read the log of {pod.name}", commands=(command,))


def describe(cluster: ClusterFact, kind: str, name: str) -> Fix:
    """See all that the cluster says about an object."""
    return Fix(f"See all that the cluster says about {name}", commands=(kubectl(cluster, "describe", kind, name),))


def controller(pod: PodFact) -> str:
    """The owner of a pod as kubectl takes it; empty when it has none that could be changed."""
    kind, name = pod.owner
    return f"{kind.lower()}/{name}" if kind in ("Deployment", "StatefulSet") else ""


def restart(cluster: ClusterFact, pod: PodFact) -> Fix:
    """Start a component anew."""
    owner = controller(pod)
    command = kubectl(cluster, "rollout", "restart", owner) if owner else kubectl(cluster, "delete", "pod", pod.name)
    return Fix(f"Start {part(pod)} anew", Risk.DISRUPTIVE, (command,), id=f"restart-{part(pod)}")


def anew(cluster: ClusterFact, pod: PodFact) -> tuple[tuple[str, ...], ...]:
    """What makes a changed owner replace a pod that never became ready; a StatefulSet waits for it for ever."""
    return (kubectl(cluster, "delete", "pod", pod.name),) if pod.owner[0] == "StatefulSet" else ()


def workload_of(cluster: ClusterFact, event: EventFact) -> WorkloadFact | None:
    """The workload that an event about it, or about its replica set, belongs to."""
    for workload in cluster.workloads or ():
        if event.name == workload.name and event.kind == workload.kind:
            return workload
        if (
            event.kind == "ReplicaSet"
            and workload.kind == "Deployment"
            and event.name.rpartition("-")[0] == workload.name
        ):
            return workload
    return None
