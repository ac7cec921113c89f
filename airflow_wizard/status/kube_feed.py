"""Looks at a release in a cluster: what the cluster tells, the metrics API, and Airflow's own word on itself."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kind import nodes_of
from airflow_wizard.engines.kube_api import KubeApi
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.backoff import Backoff
from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.kube_assemble import assemble_release, front, is_live
from airflow_wizard.status.kube_memo import Memo
from airflow_wizard.status.kube_seen import SeenRelease
from airflow_wizard.status.kube_usage import PodUsages
from airflow_wizard.status.kube_watches import ReleaseWatches
from airflow_wizard.status.rules import Heard
from airflow_wizard.status.stale import stale, stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.engines.kube_watch import KubeWatch
    from airflow_wizard.status.place import Place
    from airflow_wizard.status.snapshot import Snapshot

# A page of a long list takes a busy cluster a while; an Airflow that is alive answers sooner.
_TIMEOUT, _AIRFLOW = 15.0, 5.0
# The first picture waits so long for the first pods; a screen is empty meanwhile.
_FIRST = 5.0
# A small list is whole within this time; of a long one the beginning is shown.
_WHOLE = 0.4
# Between two looks while much happens: a look at thousands of pods costs more than what happened.
_PAUSE = 0.02


class KubeFeed:
    """Makes snapshots of one release. All but `wake` and `sample` is for one thread at a time.

    Args:
        place: which stack; its release is set.
        mask: takes secrets out of what the cluster said.
        patient: each look asks for everything anew and waits for Airflow's answer; else the cluster is listened to.
    """

    def __init__(self, place: Place, *, mask: Callable[[str], str] = str, patient: bool = False) -> None:
        if place.release is None:
            raise ValueError("the stack is in no cluster")
        self.place = place
        self._release = place.release
        self._mask = mask
        self._patient = patient
        self._woken = threading.Event()
        self._api = KubeApi(self._release.cluster.with_kubectl(), timeout=_TIMEOUT)
        self._watches: ReleaseWatches | None = None
        self._hearing = Hearing(place, timeout=_AIRFLOW)
        self._usage = PodUsages(self._api, self._release, self._woken.set)
        self._sampled: frozenset[str] | None = frozenset()
        self._memo = Memo()
        self._last: Snapshot | None = None
        self._backoff = Backoff()
        self._took = 0.0
        self._ended = 0.0

    def snapshot(self) -> Snapshot:
        """The stack right now; never raises for anything that is wrong with it or with the cluster.

        While the cluster does not answer: what was last seen, marked as stale.
        """
        began = time.monotonic()
        try:
            picture = self._last = assemble_release(self.look(), self._memo)
        except EngineUnreachableError as error:
            now, again = time.time(), self._backoff.failed()
            if self.place.target == "kind" and self._is_stopped():
                return stopped(self.place, now)
            if self._last is not None:
                return stale(self._last, now=now, error=error.what, retry_at=now + again)
            return assemble_release(SeenRelease(self.place, now, unseen=error.what, retry_at=now + again))
        self._backoff.worked()
        self._ended = time.monotonic()
        self._took = self._ended - began
        return picture

    def _is_stopped(self) -> bool:
        """Whether the cluster is one of kind's whose nodes are there, and none of them runs."""
        try:
            nodes = nodes_of(self._release.cluster.context.removeprefix("kind-"))
        except EngineUnreachableError:
            return False
        return bool(nodes) and not any(node.running for node in nodes)

    def look(self) -> SeenRelease:
        """One look, not yet put together.

        Raises:
            EngineUnreachableError: the cluster does not answer.
        """
        watches = self._watch()
        if watches.problem is not None:
            raise watches.problem

        def seen(*kinds: KubeWatch[Any]) -> tuple[Any, ...] | None:
            if any(kind.refused or not kind.listed for kind in kinds):
                return None
            return tuple(one for kind in kinds for one in kind.all())

        pods = watches.all_pods()
        found = SeenRelease(
            place=self.place,
            now=time.time(),
            pods=pods,
            workloads=seen(watches.deployments, watches.sets),
            jobs=seen(watches.jobs),
            claims=seen(watches.claims),
            services=seen(watches.services),
            nodes=seen(watches.nodes),
            events=watches.events.all(),
            partial=watches.partial,
            missing=watches.refused,
            mask=self._mask,
        )
        return self._with_airflow(found)

    def _with_airflow(self, found: SeenRelease) -> SeenRelease:
        heard = Heard()
        if is_live(found):
            web = front(found.pods, self._release.name)
            who = None if web is None or web.main is None else (web.uid, web.main.run)
            heard = self._hearing.ask(who) if self._patient else self._hearing.listen(who, self._woken.set)
        wanted = self._sampled is None or bool(self._sampled)
        usage = self._usage.look(patient=self._patient) if wanted or self._patient else {}
        return replace(found, heard=heard, usage=usage)

    def _watch(self) -> ReleaseWatches:
        if self._patient:
            self._watches = self._watches or ReleaseWatches(self._api, self._release, self._woken.set)
            self._watches.look()
            return self._watches
        if self._watches is None:
            self._watches = ReleaseWatches(self._api, self._release, self._woken.set)
            self._watches.start()
            self._wait_for_first(self._watches)
        return self._watches

    def _wait_for_first(self, watches: ReleaseWatches) -> None:
        """Until there is something to see; what is still listed comes with a later look."""
        began = time.monotonic()
        while watches.problem is None and (since := time.monotonic() - began) < _FIRST:
            if watches.whole or (since > _WHOLE and watches.all_pods()):
                return
            self._woken.wait(0.05)
            self._woken.clear()

    def sample(self, units: frozenset[str] | None) -> bool:
        """Ask the metrics API, which tells of all pods at once, unless no unit is meant. For any thread.

        Returns:
            Whether a look right now would show more: not, when other units are meant of which all is known.
        """
        before, self._sampled = self._sampled, units
        return before == frozenset() and units != frozenset()

    @property
    def tells(self) -> bool:
        """Whether the cluster tells what happens, so that one need not look often."""
        return self._watches is not None and not self._patient and self._watches.problem is None

    def wait(self, seconds: float) -> bool:
        """Return after ``seconds``, or True as soon as something happens that a look would show.

        Where much happens, looks are no more often than they leave the processor to others.
        """
        woken = self._woken.wait(self._backoff.seconds or seconds)
        pause = max(_PAUSE, self._took) - (time.monotonic() - self._ended)
        if woken and pause > 0:
            time.sleep(pause)
        self._woken.clear()
        return woken

    def wake(self) -> None:
        """End a `wait`; for any thread."""
        self._woken.set()

    def close(self) -> None:
        """End the conversations with the cluster."""
        if self._watches is not None:
            self._watches.close()
        self._usage.close()
        self._api.close()
