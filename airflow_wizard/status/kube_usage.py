"""What the pods of a release take, by the metrics API, where the cluster has one. Asked in a thread, seldom."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.engines.kube_json import each, inner, quantity, text
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.kube_seen import PodUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.kube_api import KubeApi

# The metrics server itself looks every 15 seconds.
_EVERY = 15.0
# A cluster without metrics gets them when somebody installs them.
_WITHOUT = 120.0
_LABELS = ("release", "app.kubernetes.io/instance")


class PodUsages:
    """Figures by pod name. For one thread at a time, but for `close`.

    Args:
        api: which cluster.
        release: what of it.
        came: called from a thread when there are new figures.
    """

    def __init__(self, api: KubeApi, release: Release, came: Callable[[], None]) -> None:
        self._api = api
        self._path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{release.namespace}/pods"
        self._name = release.name
        self._came = came
        self._found: dict[str, PodUsage] = {}
        self._due = float("-inf")
        self._asking: threading.Thread | None = None
        self._closed = False

    def look(self, *, patient: bool) -> Mapping[str, PodUsage]:
        """The newest figures; they are asked for in the background, or here with ``patient``."""
        if patient:
            self._ask()
        elif time.monotonic() >= self._due and (self._asking is None or not self._asking.is_alive()):
            self._due = time.monotonic() + _EVERY
            self._asking = threading.Thread(target=self._ask, name="usage", daemon=True)
            self._asking.start()
        return self._found

    def close(self) -> None:
        """Nobody wants figures any more."""
        self._closed = True

    def _ask(self) -> None:
        found: dict[str, PodUsage] = {}
        try:
            for label in _LABELS:
                found |= usages(self._api.items(self._path, labelSelector=f"{label}={self._name}"))
        except (ApiRefusedError, EngineUnreachableError):
            self._found, self._due = {}, time.monotonic() + _WITHOUT
            return
        if found != self._found and not self._closed:
            self._found = found
            self._came()


def usages(items: Iterable[object]) -> dict[str, PodUsage]:
    """Figures by pod name, from the items of a ``PodMetricsList``. Pure."""
    found = {}
    for item in items:
        name = text(inner(item, "metadata").get("name"))
        parts = [inner(c, "usage") for c in each(item, "containers")]
        cpu = sum(quantity(part.get("cpu")) or 0.0 for part in parts)
        memory = sum(quantity(part.get("memory")) or 0.0 for part in parts)
        if name and parts:
            found[name] = PodUsage(cpu, int(memory))
    return found
