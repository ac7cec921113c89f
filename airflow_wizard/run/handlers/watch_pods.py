"""Waiting for pods: as long as something moves, and not a second longer once something died or cannot start."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError, Hangup, KubeApi
from airflow_wizard.errors import EngineUnreachableError, StepFailedError
from airflow_wizard.run.handlers.pod_words import Pod, pod_of, selector_of, verdict
from airflow_wizard.run.handlers.waiting import POLL, stalled
from airflow_wizard.run.handlers.watch_nodes import NodeWatch
from airflow_wizard.run.last_words import last_words
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.cluster import Release
    from airflow_wizard.run.context import Part, RunContext

_LOOK_EVERY = 0.5
_STALL_SECONDS = 180.0
# An API server that is started again is away for some seconds, on a small machine for half a minute and more.
_AWAY_SECONDS = 120.0
_TAIL = "100"
_WEB = ("api-server", "webserver")


class PodWatch:
    """See `airflow_wizard.run.handlers.waiting.Watch`: looks at a release's pods between two polls.

    Args:
        release: whose.
        components: which of them; all when None.
        fails: a component that ended by itself ends the wait.

    Attributes:
        passing: revisions whose pods are replaced anyway: how they end is no news.
    """

    def __init__(self, release: Release, components: tuple[str, ...] | None = None, *, fails: bool = True) -> None:
        self.release = release
        self.api = KubeApi(release.cluster.with_kubectl(), timeout=5.0)
        self._components = components or release.components
        self._fails = fails
        self.passing: frozenset[str] = frozenset()
        self._pods: tuple[Pod, ...] = ()
        self._restarts: dict[str, int] | None = None
        self._stuck_since: dict[str, float] = {}
        self._tail = PodLogs(self.api, release.namespace)
        self._looked_at = self._away_since = 0.0
        self._nodes = NodeWatch(self.api)
        self._shape: object = None
        self._moved_at = time.monotonic()
        with contextlib.suppress(EngineUnreachableError):
            self._look()

    def close(self) -> None:
        """End the conversation with the cluster."""
        self._tail.close()
        self.api.close()

    def parts(self) -> tuple[Part, ...]:
        """(component, ok | waiting | failed, words) of each pod."""
        seen = {pod.component for pod in self._pods}
        absent = [(name, "waiting", "no pod yet") for name in self._components if name not in seen]
        order = {name: place for place, name in enumerate(self._components)}
        pods = sorted(self._pods, key=lambda pod: (order.get(pod.component, 99), pod.name))
        return (*(self._nodes.part(pod) for pod in pods), *absent)

    def may_answer(self) -> bool:
        """See `airflow_wizard.run.handlers.waiting.Watch`.

        A port forward ends at a connection that its pod refuses, and starting it anew takes its time.
        """
        web = [pod for pod in self._pods if pod.component in _WEB]
        return not web or any(pod.state == "ok" for pod in web)

    def up_for(self) -> Mapping[str, float]:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        now = time.time()
        return {pod.component: now - pod.started for pod in self._pods if pod.started is not None}

    def last_lines(self, component: str, count: int = 80) -> list[str]:
        """The last lines of a component's newest pod; of the run before where it is just started again."""
        pods = sorted((p for p in self._pods if p.component == component), key=lambda p: p.created)
        if not pods:
            return []
        pod = pods[-1]
        path = f"/api/v1/namespaces/{self.release.namespace}/pods/{pod.name}/log"
        for previous in ("true", "false") if pod.restarts else ("false",):
            try:
                text = self.api.text(path, container=pod.telling, tailLines=str(count), previous=previous)
            except (ApiRefusedError, EngineUnreachableError):
                continue
            if text.strip():
                return text.splitlines()
        return []

    def check(self, context: RunContext) -> None:
        """See `airflow_wizard.run.handlers.waiting.Watch`."""
        context.pause(POLL)
        told = self._tail.tell(context)
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        try:
            self._look()
        except EngineUnreachableError as error:
            self._away_since = self._away_since or now
            context.progress(f"the cluster has not answered for {now - self._away_since:.0f} s; waiting for it")
            if now - self._away_since > _AWAY_SECONDS:
                raise error from error
            return
        self._away_since = 0.0
        self._tail.follow(self._pods)
        self._nodes.look(self._pods, now)
        for pod in self._pods:
            if not pod.revision or pod.revision not in self.passing:
                self._see_end(pod, now)
        shape = [(p.name, p.words.partition(",")[0], p.restarts) for p in self._pods]
        if told or shape != self._shape:
            self._shape, self._moved_at = shape, now
        if now - self._moved_at > _STALL_SECONDS:
            evidence = tuple(f"{component}: {words}" for component, _, words in self.parts())
            raise stalled(evidence, _STALL_SECONDS, "no log line, no change of a pod")

    def _look(self) -> None:
        found: dict[str, dict[str, Any]] = {}
        path = f"/api/v1/namespaces/{self.release.namespace}/pods"
        try:
            for selector in selector_of(self.release.name):
                for pod in self.api.items(path, labelSelector=selector):
                    found[pod["metadata"]["uid"]] = pod
        except ApiRefusedError as error:
            if error.status in (429, 500, 503):
                return
            raise StepFailedError(
                f"the pods in {self.release.namespace} cannot be looked at: {one_line(error, limit=200)}",
                why="whether Airflow comes up is seen there",
                next="airflow-wizard check --target context names the rights that are needed",
            ) from error
        now = time.time()
        pods = (pod_of(pod, now) for pod in found.values())
        self._pods = tuple(pod for pod in pods if pod.component in self._components and not pod.leaving)
        if self._restarts is None:
            # What happened before the wait began is no news.
            self._restarts = {pod.uid: pod.restarts for pod in self._pods}

    def _stuck_for(self, pod: Pod, now: float) -> float:
        """Seconds for which the pod has waited in vain: all its life, unless it ran before."""
        if not pod.stuck:
            self._stuck_since.pop(pod.uid, None)
            return 0.0
        return now - self._stuck_since.setdefault(pod.uid, now) if pod.ran else pod.age

    def _see_end(self, pod: Pod, now: float) -> None:
        """Raise when the pod ended by itself, or cannot start."""
        before = (self._restarts or {}).get(pod.uid, 0)
        found = verdict(pod, restarts=pod.restarts - before, stuck=self._stuck_for(pod, now), fails=self._fails)
        if found is None or (pod.unplaced and self._nodes.missed):
            return
        what, why, following, logs = found
        lines = last_words(self.last_lines(pod.component)) if logs else ()
        raise StepFailedError(
            f"{pod.component} {what}",
            evidence=(*pod.evidence, *(self._nodes.refusing if pod.unplaced else ()), *lines),
            why=why,
            next=following.format(unit=pod.component, pod=pod.name),
        )


class PodLogs:
    """Passes on what containers write, as it comes, so that waiting is not staring."""

    def __init__(self, api: KubeApi, namespace: str) -> None:
        self._api = api
        self._namespace = namespace
        self._heard: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._open: dict[tuple[str, str, int], Hangup] = {}

    def follow(self, pods: tuple[Pod, ...]) -> None:
        """Follow the containers that run by now."""
        for pod in pods:
            for container in pod.running:
                key = (pod.uid, container, pod.restarts)
                if key not in self._open:
                    self._open[key] = hangup = Hangup()
                    threading.Thread(
                        target=self._read, args=(pod.name, container, pod.component, hangup), daemon=True
                    ).start()

    def tell(self, context: RunContext) -> bool:
        """What was written since the last call, by component; True when there was anything."""
        told = False
        for _ in range(500):
            try:
                unit, text = self._heard.get_nowait()
            except queue.Empty:
                break
            context.output(unit, text)
            told = True
        return told

    def close(self) -> None:
        """Follow no more."""
        for hangup in self._open.values():
            hangup.up()

    def _read(self, pod: str, container: str, component: str, hangup: Hangup) -> None:
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod}/log"
        try:
            for line in self._api.lines(path, hangup=hangup, container=container, follow="true", tailLines=_TAIL):
                self._heard.put((component, line.decode("utf-8", "replace").rstrip("\r\n")))
        except (ApiRefusedError, EngineUnreachableError):
            return  # it is gone again; the next one is followed
