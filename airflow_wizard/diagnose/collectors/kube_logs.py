"""The last lines of containers in a cluster: all of those that fail, and a look at those that seem well."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.diagnose.kube_facts import log_name
from airflow_wizard.engines.kube_api import ApiRefusedError, NoClusterError
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_wizard.diagnose.kube_facts import PodContainerFact, PodFact
    from airflow_wizard.engines.kube_api import KubeApi

_LINES = 400
_MOST = 48  # containers; the failing ones come first
_AT_ONCE = 8
# Of what seems well, only lines about now count.
_RECENT = 600


@dataclass(frozen=True, slots=True)
class _Want:
    pod: PodFact
    container: PodContainerFact
    previous: bool
    well: bool


def logs(
    api: KubeApi, namespace: str, pods: Iterable[PodFact], mask: Callable[[str], str]
) -> dict[str, tuple[str, ...]]:
    """Lines by ``POD/CONTAINER``, those of the instance before first; what cannot be read is left out."""
    wants = sorted((w for pod in pods for c in pod.containers for w in _wants(pod, c)), key=lambda w: w.well)[:_MOST]

    def read(want: _Want) -> tuple[str, ...]:
        query = {"container": want.container.name, "tailLines": str(_LINES)}
        if want.previous:
            query["previous"] = "true"
        elif want.well:
            query["sinceSeconds"] = str(_RECENT)
        try:
            text = api.text(f"/api/v1/namespaces/{namespace}/pods/{want.pod.name}/log", **query)
        except (ApiRefusedError, NoClusterError):
            return ()
        return tuple(mask(plain(line)) for line in text.splitlines() if line.strip())

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        texts = list(pool.map(read, wants))
    found: dict[str, tuple[str, ...]] = {}
    for want, lines in zip(wants, texts, strict=True):
        if lines:
            key = log_name(want.pod, want.container)
            found[key] = (*found.get(key, ()), *lines)
    return found


def _wants(pod: PodFact, container: PodContainerFact) -> list[_Want]:
    if not container.state or (container.state == "waiting" and not container.restarts):
        return []  # it never ran
    failing = (
        container.restarts > 0 or container.exit_code not in (None, 0) or (container.init and not _past(container))
    )
    if not failing and (container.init or pod.phase == "Succeeded" or pod.task):
        return []
    well = container.state == "running" and container.ready and not container.restarts
    now = [_Want(pod, container, previous=False, well=well)]
    return [_Want(pod, container, previous=True, well=False), *now] if container.restarts else now


def _past(container: PodContainerFact) -> bool:
    return container.state == "terminated" and container.exit_code == 0
