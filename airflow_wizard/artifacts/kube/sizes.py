"""How much of the cluster each pod asks for, and how much it may take at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.kube import settings
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node
    from airflow_wizard.host.facts import HostFacts

MIB = 1024**2
# Kubernetes itself, its network and its store need the rest.
_SHARE_OF_MEMORY, _SHARE_OF_CPU = 0.7, 0.5
# Where it is known what others were promised, of what is left: a new version runs beside the old one for a moment.
_FREE_MEMORY, _FREE_CPU = 0.75, 0.7
_LEAST_MEMORY, _LEAST_CPU = 32, 10
# Task processes that are counted on to run at the same moment; more of them share what the limit leaves.
_USUAL_TASKS = 4


@dataclass(frozen=True, slots=True)
class Size:
    """What a pod asks for (thousandths of a CPU, MiB), and the memory above which it is ended; 0 for no such limit."""

    cpu: int
    memory: int
    limit: int = 0

    def node(self) -> Node:
        """As ``resources``. No limit of CPU: a start that is throttled takes minutes."""
        limits: dict[str, Node] = {"limits": {"memory": f"{self.limit}Mi"}} if self.limit else {}
        return {"requests": {"cpu": f"{self.cpu}m", "memory": f"{self.memory}Mi"}, **limits}


@dataclass(frozen=True, slots=True)
class Room:
    """What the cluster has: CPUs and bytes of all nodes together, and bytes of the largest. None when not known."""

    cpus: float | None = None
    memory: float | None = None
    largest: float | None = None


def room(facts: HostFacts, target: Target) -> Room:
    """What is known of the cluster: its nodes where they were seen, else the machine it is on."""
    nodes = facts.value("cluster", "nodes")
    if isinstance(nodes, list) and nodes:
        cpus = [left for node in nodes if (left := _left(node, "cpu", _FREE_CPU)) is not None]
        memory = [left for node in nodes if (left := _left(node, "memory", _FREE_MEMORY)) is not None]
        return Room(sum(cpus) or None, sum(memory) or None, max(memory, default=None))
    if target is Target.CONTEXT:
        return Room()  # its nodes are elsewhere: this machine says nothing about them
    subject, keys = ("docker", ("cpus", "memory")) if target is Target.KIND else ("", ("count", "total"))
    cpus_seen = facts.number(subject or "cpu", keys[0])
    memory_seen = facts.number(subject or "memory", keys[1])
    return Room(cpus_seen, memory_seen, memory_seen)


def _left(node: object, what: str, share: float) -> float | None:
    """What a node still has to give, so that the share that is taken of it is ``share`` of what is free."""
    if not isinstance(node, dict) or not isinstance(there := node.get(what), int | float):
        return None
    if not isinstance(used := node.get(f"used_{what}"), int | float):
        return float(there)
    part = _SHARE_OF_CPU if what == "cpu" else _SHARE_OF_MEMORY
    return max(0.0, there - used) * share / part


def demands(request: StackRequest) -> dict[str, Size]:
    """What each component takes when there is room; measured with Airflow 3.3 on two cores."""
    answers = request.answers
    per_worker = 250 if settings.is_airflow3(request) else 200
    web = 150 + per_worker * answers.integer("api_workers")
    found = {
        settings.web(request): Size(200, web, 2 * web + 256),
        "scheduler": _with_tasks(300, 512, answers.integer("parallelism") if settings.has_local(request) else 0),
        "dag-processor": Size(100, 256, 1024),
        "triggerer": Size(100, 256, 768),
    }
    if settings.has_celery(request):
        for number in range(answers.integer("workers")):
            found["worker" if number == 0 else f"worker-{number}"] = _with_tasks(
                300, 512, answers.integer("worker_concurrency")
            )
        found["redis"] = Size(20, 32, 256)
    if settings.has_pods(request):
        found["task"] = Size(100, 256, 1024)
    if not settings.is_external(request):
        found["postgres"] = Size(100, 128, 512)
    return found


def _with_tasks(base: int, top: int, tasks: int) -> Size:
    return Size(200, base + 150 * min(tasks, _USUAL_TASKS), top + 256 * tasks)


def fitted(wanted: Mapping[str, Size], there: Room) -> dict[str, Size]:
    """Sizes that a cluster of this size can hold: smaller requests where the sum is too much, never larger ones.

    Requests are what decides whether a pod is placed at all. No limit is above what the largest node has, and none
    below its request. What is not known limits nothing.
    """
    memory = _factor(sum(size.memory for size in wanted.values()), there.memory, _SHARE_OF_MEMORY / MIB)
    cpu = _factor(sum(size.cpu for size in wanted.values()), there.cpus, _SHARE_OF_CPU * 1000)
    most = None if there.largest is None else int(there.largest * _SHARE_OF_MEMORY / MIB)

    def fit(size: Size) -> Size:
        asked = max(_LEAST_MEMORY, int(size.memory * memory))
        if most is not None:
            asked = max(_LEAST_MEMORY, min(asked, most))
        top = size.limit if most is None or not size.limit else min(size.limit, most)
        return Size(max(_LEAST_CPU, int(size.cpu * cpu)), asked, max(top, asked) if size.limit else 0)

    return {name: fit(size) for name, size in wanted.items()}


def _factor(asked: int, there: float | None, share: float) -> float:
    if there is None or not asked:
        return 1.0
    return min(1.0, there * share / asked)


def sizes(request: StackRequest) -> dict[str, Size]:
    """The sizes of a stack's pods."""
    return fitted(demands(request), room(request.facts, request.answers.target))
