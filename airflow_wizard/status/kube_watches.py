"""Everything that is watched of one release: one list and one watch for each kind, over one way into the cluster."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines import kube_objects as objects
from airflow_wizard.engines.kube_pods import Pod, pod_of
from airflow_wizard.engines.kube_watch import KubeWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.kube_api import KubeApi
    from airflow_wizard.engines.kube_objects import KubeEvent
    from airflow_wizard.errors import EngineUnreachableError

# Our own memory of events: the cluster keeps them for an hour.
MOST = 2_000
EARLY = 200


class Events:
    """The newest events of a release; what is about others is not kept.

    Args:
        release: its name, which most names of what it is made of begin with.
        ours: whether the thing with an uid is of the release.
    """

    def __init__(self, release: str, ours: Callable[[str], bool]) -> None:
        self._prefix = f"{release}-"
        self._ours = ours
        self._kept: OrderedDict[str, KubeEvent] = OrderedDict()
        # An event may be heard of before what it is about.
        self._early: OrderedDict[str, KubeEvent] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, found: Mapping[str, Any]) -> int | None:
        """Keeps an event; how often it happened, None for one of another's."""
        event = objects.event_of(found)
        ours = event.name.startswith(self._prefix) or self._ours(event.about)
        with self._lock:
            _keep(self._kept if ours else self._early, event, MOST if ours else EARLY)
        return event.count if ours else None

    def all(self) -> tuple[KubeEvent, ...]:
        """Oldest first."""
        with self._lock:
            for uid, event in tuple(self._early.items()):
                if self._ours(event.about):
                    _keep(self._kept, self._early.pop(uid), MOST)
            return tuple(sorted(self._kept.values(), key=lambda event: event.time))


def _keep(events: OrderedDict[str, KubeEvent], event: KubeEvent, most: int) -> None:
    events[event.uid] = event
    events.move_to_end(event.uid)
    if len(events) > most:
        events.popitem(last=False)


class ReleaseWatches:
    """What a release is made of, kept up to date. Close it; the way into the cluster is closed by who opened it.

    Pods are asked for by their labels, of which the chart's and the wizard's differ: of a namespace with thousands of
    others' pods nothing comes. Of everything else there is little, and one list for a namespace costs less than two.

    Args:
        api: which cluster.
        release: what of it.
        came: called from a thread when something changed.
    """

    def __init__(self, api: KubeApi, release: Release, came: Callable[[], None]) -> None:
        space, name = release.namespace, release.name
        core, apps, batch = f"/api/v1/namespaces/{space}", f"/apis/apps/v1/namespaces/{space}", "/apis/batch/v1"
        self.pods = tuple(
            KubeWatch(api, f"{core}/pods", pod_of, came, selector=f"{label}={name}")
            for label in ("release", "app.kubernetes.io/instance")
        )
        self.events = Events(name, self._is_ours)

        def ours(make: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Any]:
            return lambda found: make(found) if objects.is_of(found, name) else None

        def kind(path: str, make: Callable[[Mapping[str, Any]], Any]) -> KubeWatch[Any]:
            return KubeWatch(api, path, make, came)

        self.deployments = kind(f"{apps}/deployments", ours(objects.workload_of))
        self.sets = kind(f"{apps}/statefulsets", ours(objects.workload_of))
        self.jobs = kind(f"{batch}/namespaces/{space}/jobs", ours(objects.job_of))
        self.claims = kind(f"{core}/persistentvolumeclaims", ours(objects.claim_of))
        self.services = kind(f"{core}/services", ours(objects.service_of))
        self.nodes = kind("/api/v1/nodes", objects.node_of)
        self._told = kind(f"{core}/events", self.events.take)
        self._others = (
            self.deployments, self.sets, self.jobs, self.claims, self.services, self.nodes, self._told,
        )  # fmt: skip

    def _is_ours(self, uid: str) -> bool:
        watches = (*self.pods, self.claims, self.jobs, self.sets, self.deployments)
        return any(watch.has(uid) for watch in watches)

    def start(self) -> None:
        """List and listen, each kind in a thread of its own."""
        for watch in (*self.pods, *self._others):
            watch.start()

    def look(self) -> None:
        """List each kind once.

        Raises:
            EngineUnreachableError: the cluster does not answer.
        """
        with ThreadPoolExecutor(4, thread_name_prefix="look") as pool:
            list(pool.map(KubeWatch.look, self.pods))
            list(pool.map(KubeWatch.look, self._others))

    def close(self) -> None:
        """Hang up; for any thread."""
        for watch in (*self.pods, *self._others):
            watch.close()

    @property
    def problem(self) -> EngineUnreachableError | None:
        """Why the cluster does not answer at the moment."""
        return next((watch.problem for watch in self.pods if watch.problem is not None), None)

    @property
    def partial(self) -> bool:
        """Whether not all pods were seen yet."""
        return not all(watch.listed for watch in self.pods)

    @property
    def whole(self) -> bool:
        """Whether everything was seen."""
        return all(watch.listed for watch in (*self.pods, *self._others))

    @property
    def refused(self) -> str:
        """What may not be seen, in words."""
        kinds = {"pods": self.pods[0], "jobs": self.jobs, "events": self._told, "deployments": self.deployments}
        names = [name for name, watch in kinds.items() if watch.refused]
        if not names:
            return ""
        return f"{', '.join(names)} may not be seen: {kinds[names[0]].refused}"

    @property
    def changes(self) -> int:
        """How often something changed."""
        return sum(watch.changes for watch in (*self.pods, *self._others))

    def all_pods(self) -> tuple[Pod, ...]:
        """Each once, whichever of its labels it was found by."""
        first, second = (watch.all() for watch in self.pods)
        if not second:
            return first
        known = {pod.uid for pod in first}
        return (*first, *(pod for pod in second if pod.uid not in known))
