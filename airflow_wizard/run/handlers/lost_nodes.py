"""Nodes that went away while one waits for pods on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class LostNodes:
    """Nodes that do not answer any more: a pod there looks as it did when they were last heard of."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._since: dict[str, float] = {}
        self._looked_at = 0.0

    def part(self, pod: Pod) -> Part:
        """(component, ok | waiting | failed, words) of a pod."""
        if pod.node in self._since and pod.state != "ok":
            return pod.component, "failed", f"its node {one_line(pod.node, limit=60)} does not answer"
        return pod.component, pod.state, pod.words

    def look(self, pods: tuple[Pod, ...], now: float) -> None:
        """Look at the nodes of pods that are not ready; seldom.

        Raises:
            StepFailedError: one has been away for so long that waiting helps nobody.
        """
        wanted = {pod.node for pod in pods if pod.node and pod.state == "waiting"}
        if not wanted or now - self._looked_at < _EVERY:
            return
        self._looked_at = now
        try:
            nodes = self._api.items("/api/v1/nodes")
        except (ApiRefusedError, EngineUnreachableError):
            return  # nodes may not be seen; what is asked of the pods themselves still counts
        away = {name for name, state, _ in map(node_part, nodes) if state != "ok" and name in wanted}
        self._since = {name: self._since.get(name, now) for name in away}
        for name, since in self._since.items():
            if now - since > _PATIENCE:
                raise _lost(name, pods)


def _lost(node: str, pods: tuple[Pod, ...]) -> StepFailedError:
    there = sorted({pod.component for pod in pods if pod.node == node and pod.state == "waiting"})
    return StepFailedError(
        f"node {one_line(node, limit=100)} does not answer; on it: {', '.join(there)}",
        why="nothing starts there, and the cluster lets others take over only after minutes",
        next=f"start that machine, or see: kubectl describe node {one_line(node, limit=100)}; then the same command",
    )
