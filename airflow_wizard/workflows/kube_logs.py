"""Logs of a release in a cluster: which pods and containers are meant by a unit's name, and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.container_turns import What
from airflow_wizard.engines.kube_api import KubeApi
from airflow_wizard.engines.kube_follow import PodFollowing
from airflow_wizard.engines.kube_logs import LogSource, log_path, read_tail
from airflow_wizard.engines.kube_pods import pod_of
from airflow_wizard.engines.kube_runs import MOST, OOM, Run, known, runs
from airflow_wizard.engines.kube_watch import KubeWatch
from airflow_wizard.errors import UsageError
from airflow_wizard.log_line import BOUNDARY, GAP, LogLine
from airflow_wizard.status.kube_names import unit_names
from airflow_wizard.text import one_line
from airflow_wizard.workflows.log_boundaries import between, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.container_frames import Mark
    from airflow_wizard.engines.kube_pods import Pod
    from airflow_wizard.errors import EngineUnreachableError
    from airflow_wizard.status.place import Place

_TIMEOUT = 10.0
_LABELS = ("release", "app.kubernetes.io/instance")
_NAMED = 12


def read(
    place: Place,
    *,
    tail: int,
    units: Sequence[str] | None = None,
    since: float | None = None,
    until: float | None = None,
    wanted: Callable[[LogLine], LogLine | None] | None = None,
) -> list[LogLine]:
    """The last lines, oldest first, with the boundaries between them; see `compose_logs.read`.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the cluster does not answer.
    """
    release = _release(place)
    with KubeApi(release.cluster.with_kubectl(), timeout=_TIMEOUT) as api:
        chosen = _chosen(place, release, _pods(api, release), units)
        sources = [source for run in chosen for source in _sources(release, run)]
        lines, _ = read_tail(api, sources, tail, since=since, until=until, wanted=wanted)
        return lines if wanted else _bounded(chosen, lines, until)


class KubeLog:
    """Lines as they are written; see `compose_logs.ComposeLog`. Close it.

    Attributes:
        past: the lines before.

    Raises:
        UsageError: there is no such unit.
        EngineUnreachableError: the cluster does not answer.
    """

    def __init__(self, place: Place, units: Sequence[str] | None, since: float | None, tail: int) -> None:
        self.past: list[LogLine] = []
        release = _release(place)
        self._api = KubeApi(release.cluster.with_kubectl(), timeout=_TIMEOUT)
        try:
            chosen = _chosen(place, release, _pods(self._api, release), units)
            sources = {run.key: _sources(release, run) for run in chosen}
            lines, marks = read_tail(self._api, [s for each in sources.values() for s in each], tail, since=since)
            self.past = _bounded(chosen, lines, None) if tail else []
        except BaseException:
            self._api.close()
            raise
        begin: dict[tuple[str, str], tuple[str, Mark]] = {
            run.key: (run.container.run, marks[sources[run.key][-1]]) for run in chosen
        }
        self._following = PodFollowing(
            self._api,
            release.namespace,
            _watches(self._api, release),
            lambda pods: unit_names(pods, release.name),
            units,
            begin,
            _told,
        )

    @property
    def problem(self) -> EngineUnreachableError | None:
        """Why nothing comes at the moment."""
        return self._following.problem

    @property
    def skipped(self) -> int:
        """Lines that came and were left out, because there were too many at once."""
        return self._following.skipped

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came; [] when nothing did within ``seconds``. Of more than ``most`` only the newest are read."""
        return self._following.take(seconds, most)

    def close(self) -> None:
        """Hang up; for any thread."""
        self._following.close()
        self._api.close()


def last_lines(place: Place, pod: str, unit: str, count: int, *, until: float | None) -> list[LogLine]:
    """The last lines of one pod, all its containers together; see `workflows.units.last_lines`.

    Args:
        place: which stack.
        pod: its whole name.
        unit: name of its lines.
        count: how many at most.
        until: unix seconds; only lines up to then.

    Raises:
        EngineUnreachableError: the cluster does not answer.
    """
    release = _release(place)
    with KubeApi(release.cluster.with_kubectl(), timeout=_TIMEOUT) as api:
        found = api.find(f"/api/v1/namespaces/{release.namespace}/pods/{pod}")
        if found is None:
            return []
        one = pod_of(found)
        chosen = runs([one], {one.uid: unit}, None)
        sources = [source for run in chosen for source in _sources(release, run)]
        return read_tail(api, sources, count, until=until)[0]


def _release(place: Place) -> Release:
    if place.release is None:
        raise ValueError("the stack is in no cluster")
    return place.release


def _watches(api: KubeApi, release: Release) -> tuple[KubeWatch[Pod], ...]:
    path = f"/api/v1/namespaces/{release.namespace}/pods"
    return tuple(KubeWatch(api, path, pod_of, selector=f"{label}={release.name}") for label in _LABELS)


def _pods(api: KubeApi, release: Release) -> list[Pod]:
    watches = _watches(api, release)
    for watch in watches:
        watch.look()
    return list({pod.uid: pod for watch in watches for pod in watch.all()}.values())


def _chosen(place: Place, release: Release, pods: list[Pod], units: Sequence[str] | None) -> list[Run]:
    names = unit_names(pods, release.name)
    listed = known(pods, names)
    for unit in units or ():
        if unit not in listed and unit not in place.expected:
            shown = [*listed[:_NAMED], *(["…"] if len(listed) > _NAMED else [])]
            raise UsageError(f"there is no unit {one_line(unit, limit=60)!r}", next=f"choose among: {', '.join(shown)}")
    return runs(pods, names, units)[:MOST]


def _sources(release: Release, run: Run) -> list[LogSource]:
    """The run before, where there was one, and the one that is there now."""
    path = log_path(release.namespace, run.pod.name)
    now = LogSource(path, run.container.name, run.unit)
    before = LogSource(path, run.container.name, run.unit, previous=True)
    return [before, now] if run.container.restarts and run.container.state != "waiting" else [now]


def _bounded(chosen: list[Run], lines: list[LogLine], until: float | None) -> list[LogLine]:
    """Lines with the starts and ends of runs that fall among them."""
    marks = [mark for run in chosen for mark in _marks(run, lines)]
    made = between(lines, (mark for mark in marks if until is None or (mark.time or 0.0) <= until))
    if len(chosen) < MOST:
        return made
    at = lines[-1].time if lines else None
    return [*made, LogLine(at, "logs", f"only {MOST} containers are read; choose others with --unit", GAP)]


def _marks(run: Run, lines: list[LogLine]) -> Iterator[LogLine]:
    """Starts are told to the second: a boundary stands where the lines of the two runs meet."""
    container, own = run.container, [line.time for line in lines if line.unit == run.unit and line.time is not None]
    if container.restarts and container.state != "waiting" and container.since is not None:
        begun = container.since if run.alive else container.last_ended or container.since
        earlier = [time for time in own if time < (container.last_ended or begun) + 1.0]
        at = max([begun, *(time + 1e-6 for time in earlier if time < begun + 1.0)])
        yield LogLine(
            at, run.unit, _told(run.unit, What.STARTED, container.last_code, container.last_reason == OOM), BOUNDARY
        )
    if not run.alive:
        ended = container.since if container.state == "terminated" else container.last_ended
        at = max([ended or 0.0, *(time + 1e-6 for time in own)])
        yield LogLine(at, run.unit, _told(run.unit, What.ENDED, run.code, run.oom), BOUNDARY)


def _told(unit: str, what: What, code: int | None, oom: bool) -> str:
    return words(unit, what, code, oom=oom or None)
