"""Nodes that went away, or take no pods, while one waits for pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.kube_apply import node_part
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.run.context import Part
    from airflow_wizard.run.handlers.pod_words import Pod

_EVERY = 5.0
# A node that is only started again is back by then.
_PATIENCE = 30.0
_SHORT_OF = {"DiskPressure": "disk", "MemoryPressure": "memory", "PIDPressure": "process numbers"}


class NodeWatch:
    """Looks at nodes for the sake of pods that are not ready.

    A pod on a node that does not answer looks as it did when the node was last heard of; of one that finds no place,
    the scheduler tells neither which node refused it nor what that one is short of.
    """

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._since: dict[str, float] = {}
        self._ill: dict[str, str] = {}
        self._looked_at = 0.0
        self._refusing: tuple[str, ...] = ()
        self._missed = False

    @property
    def missed(self) -> bool:
        """Whether only a node that is away, and may be back soon, could take who finds no place."""
        return self._missed

    @property
    def refusing(self) -> tuple[str, ...]:
        """Nodes that took no pods at the last look, and why; the scheduler's own words name neither."""
        return self._refusing

    def part(self, pod: Pod) -> Part:
        """(component, ok | waiting | failed, words) of a pod."""
        if pod.node in self._ill and pod.state != "ok":
            return pod.component, "failed", f"its node {one_line(pod.node, limit=60)} {self._ill[pod.node]}"
        return pod.component, pod.state, pod.words

    def look(self, pods: tuple[Pod, ...], now: float) -> None:
        """Look at the nodes of pods that are not ready; seldom.

        Raises:
            StepFailedError: one has been away for so long that waiting helps nobody; none has enough left to take any.
        """
        wanted = {pod.node for pod in pods if pod.node and pod.state == "waiting"}
        unplaced = [pod for pod in pods if pod.unplaced]
        if not (wanted or unplaced) or now - self._looked_at < _EVERY:
            return
        self._looked_at = now
        try:
            nodes = self._api.items("/api/v1/nodes")
        except (ApiRefusedError, EngineUnreachableError):
            return  # nodes may not be seen; what is asked of the pods themselves still counts
        self._refusing = tuple(said for node in nodes if (said := refusal(node)))
        # Who finds no place is hindered by one that is away only where none of the others would take it.
        closed = bool(unplaced) and len(self._refusing) == len(nodes)
        ill = {name: words for name, words in map(_ill, nodes) if words}
        self._ill = {name: words for name, words in ill.items() if closed or name in wanted}
        self._since = {name: self._since.get(name, now) for name in self._ill}
        self._missed = closed and bool(self._ill)
        for name, since in self._since.items():
            if now - since > _PATIENCE:
                raise _lost(name, self._ill[name], pods)
        if closed and any(map(_pressure, nodes)):
            raise _short(unplaced[0], pods, self._refusing)


def _ill(node: dict[str, Any]) -> tuple[str, str]:
    """(name, what is wrong with it); nothing where it is ready."""
    name, state, words = node_part(node)
    silent = any(
        c.get("type") == "Ready" and c.get("status") == "Unknown"
        for c in (node.get("status") or {}).get("conditions") or ()
    )
    return name, "" if state == "ok" else "does not answer" if silent else f"is not ready: {words}"


def _lost(node: str, ill: str, pods: tuple[Pod, ...]) -> StepFailedError:
    there = sorted({pod.component for pod in pods if pod.node == node and pod.state == "waiting"})
    return StepFailedError(
        f"node {one_line(node, limit=100)} {ill}{'; on it: ' if there else ''}{', '.join(there)}",
        why="nothing starts there, and the cluster lets others take over only after minutes",
        next=f"start that machine, or see: kubectl describe node {one_line(node, limit=100)}; then the same command",
    )


def refusal(node: dict[str, Any]) -> str:
    """Why a node takes no pods as they are, in one line; empty where it does. Pure."""
    name, spec = one_line((node.get("metadata") or {}).get("name"), limit=100), node.get("spec") or {}
    if ill := _ill(node)[1]:
        return f"node {name} {ill}"
    if short := _pressure(node):
        return f"node {name} has too little {short[0]} left: {short[1]}"
    if spec.get("unschedulable"):
        return f"node {name} takes nothing new (cordoned)"
    keys = [t.get("key") for t in spec.get("taints") or () if t.get("effect") in ("NoSchedule", "NoExecute")]
    return f"node {name} keeps pods away by {one_line(', '.join(map(str, keys)), limit=160)}" if keys else ""


def _pressure(node: dict[str, Any]) -> tuple[str, str] | None:
    """(what it is short of, its own words)."""
    for condition in (node.get("status") or {}).get("conditions") or ():
        kind = str(condition.get("type"))
        if kind in _SHORT_OF and condition.get("status") == "True":
            return _SHORT_OF[kind], f"{kind}, {one_line(condition.get('message'), limit=120)}"
    return None


def _short(pod: Pod, pods: tuple[Pod, ...], refusing: tuple[str, ...]) -> StepFailedError:
    thrown_out = tuple(
        f"{p.component}: {line}" for p in pods if p.phase == "Failed" for line in p.evidence if "low on" in line
    )
    return StepFailedError(
        f"{pod.component} finds no node: {refusing[0].partition(':')[0]}",
        evidence=(*refusing, *thrown_out),
        why="such a node takes nothing new and throws pods out, until there is room again for some minutes",
        next="make room on that machine; then the same command. airflow-wizard doctor says when it is well",
    )
