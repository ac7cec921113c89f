"""Evidence about a stack in a cluster. Looks and changes nothing; each list is asked for by itself, all at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_wizard.diagnose.collectors import kube_airflow
from airflow_wizard.diagnose.collectors import kube_objects as objects
from airflow_wizard.diagnose.collectors.disk_files import file_fact, pending_conflicts, unfinished_step
from airflow_wizard.diagnose.collectors.kube_logs import logs
from airflow_wizard.diagnose.collectors.kube_reads import KubeReads
from airflow_wizard.diagnose.collectors.together import Part, collect_together
from airflow_wizard.diagnose.evidence import Evidence
from airflow_wizard.diagnose.kube_facts import ClusterFact, HelmFact
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi, NoClusterError
from airflow_wizard.engines.probe_command import ask
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.status.rules import Heard
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow_wizard.cluster import Release
    from airflow_wizard.diagnose.collectors.kube_parse import Words
    from airflow_wizard.diagnose.evidence import Subject
    from airflow_wizard.diagnose.kube_facts import PodFact
    from airflow_wizard.status.place import Place

_PATIENCE = 8.0  # a busy API server answers late, and a diagnosis is wanted above all then
_LONGEST = 800  # of a message; Kubernetes' own are cut at 1024
_FORBIDDEN = 403
_KIND = "kind-"


def collect(
    subject: Subject, release: Release, place: Place | None = None, *, mask: Callable[[str], str] = str
) -> Evidence:
    """Everything that can be seen of the stack within a few seconds. Never raises for what is wrong with it.

    Args:
        subject: the stack.
        release: what of a cluster is its.
        place: where its Airflow answers; None not to ask it.
        mask: takes secrets out of a line.
    """
    folder = Path(subject.folder)

    def words(text: object) -> str:
        return one_line(mask(plain(text)), limit=_LONGEST)

    def look() -> Mapping[str, object]:
        with KubeApi(release.cluster.with_kubectl(), timeout=_PATIENCE) as api:
            return {"seen": _look(api, release, words, mask)}

    parts = [Part("cluster", 4 * _PATIENCE, look), Part("files", 3.0, lambda: _files(folder))]
    if place is not None:
        parts.append(Part("Airflow", 10.0, lambda: kube_airflow.ask(place, subject.dags, mask)))
    found, blind = collect_together(parts)
    seen, heard, now = found.pop("seen", None), found.pop("heard", None), time.time()
    if not isinstance(seen, _Seen):
        seen = _Seen(_fact(release, {}))
    if place is not None and isinstance(heard, Heard):
        found["snapshot"] = kube_airflow.snapshot(place, heard, seen.cluster.pods or (), now)
    return Evidence(
        subject=subject,
        now=now,
        cluster=seen.cluster,
        lines=seen.lines,
        unseen=(*seen.unseen, *blind),
        **found,  # type: ignore[arg-type]
    )


def _files(folder: Path) -> Mapping[str, object]:
    made = (*folder.glob("*.yaml"), *folder.glob("secrets/*.yaml"))
    files = {str(path.relative_to(folder)): file_fact(path) for path in made}
    return {"files": files, "unfinished": unfinished_step(folder), "conflicts": pending_conflicts(folder)}


def _nothing(release: Release, reason: str, following: str) -> ClusterFact:
    return _fact(release, {"unreachable": reason, "next": following})


def _who(release: Release) -> str:
    return " ".join(release.cluster.with_kubectl("auth", "whoami"))


def _fact(release: Release, more: Mapping[str, Any]) -> ClusterFact:
    context = release.cluster.context
    return ClusterFact(
        namespace=release.namespace,
        release=release.name,
        kubectl=release.cluster.with_kubectl("--namespace", release.namespace),
        helm=release.cluster.with_helm("--namespace", release.namespace),
        kind_cluster=context.removeprefix(_KIND) if context.startswith(_KIND) else "",
        expected=release.components,
        **more,
    )


class _Seen(NamedTuple):
    cluster: ClusterFact
    lines: Mapping[str, tuple[str, ...]] = {}
    unseen: tuple[tuple[str, str], ...] = ()


def _look(api: KubeApi, release: Release, words: Words, mask: Callable[[str], str]) -> _Seen:
    try:
        api.get("/version")
    except ApiRefusedError as refused:
        return _Seen(_nothing(release, one_line(refused), _who(release)))
    except EngineUnreachableError as error:
        return _Seen(_nothing(release, one_line(error.what), error.next))
    reads = KubeReads(api, release, words)
    found, unseen = collect_together([_part(title, read) for title, read in reads.first().items()])
    pods: tuple[PodFact, ...] = found.get("pods") or ()  # type: ignore[assignment]
    more = [_part(title, read) for title, read in reads.second(found).items()]
    if pods:
        more.append(_part("logs", lambda: {"lines": logs(api, release.namespace, pods, mask)}))
    helm = found.get("helm_release")
    if isinstance(helm, HelmFact) and helm.status.startswith("pending"):
        more.append(_part("programs of this machine", lambda: {"helm_runs": _helm_runs(release.name)}))
    later, blind = collect_together(more)
    found |= later
    asked: Mapping[str, tuple[int, int, int]] | None = found.pop("asked", None)  # type: ignore[assignment]
    nodes: Sequence[object] | None = found.pop("node_objects", None)  # type: ignore[assignment]
    if nodes is not None:
        found["nodes"] = tuple(objects.node(item, asked, words) for item in nodes)
    lines: Mapping[str, tuple[str, ...]] = found.pop("lines", {})  # type: ignore[assignment]
    return _Seen(_fact(release, found), lines, _summed((*unseen, *blind)))


def _helm_runs(release: str) -> bool:
    """Whether a Helm of this machine works on the release now."""
    said = ask(["ps", "-axww", "-o", "args="], timeout=_PATIENCE)
    words = [line.split() for line in said.out.splitlines()]
    return any(w and w[0].rpartition("/")[2] in ("helm", "helm3") and release in w for w in words)


class _NotAllowedError(Exception):
    """The cluster does not let us look."""


def _part(title: str, read: Callable[[], Mapping[str, object]]) -> Part:
    """A list by itself: one that is forbidden says nothing about the others."""

    def run() -> Mapping[str, object]:
        try:
            return read()
        except ApiRefusedError as error:
            if error.status == _FORBIDDEN:
                raise _NotAllowedError(str(error)) from error
            raise

    return Part(title, _PATIENCE + 2, run)


def _summed(unseen: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What this user may not look at, or what was not answered, is said once, not once a list."""
    rest, said = list(unseen), []
    for error, title, words in _REASONS:
        those = [(name, reason) for name, reason in rest if reason.startswith(f"{error.__name__}: ")]
        rest = [entry for entry in rest if entry not in those]
        if those:
            said.append((title, words.format(", ".join(name for name, _ in those))))
    return (*rest, *said)


_REASONS = (
    (_NotAllowedError, "what this user may not see", "the cluster does not let this user list {}"),
    (NoClusterError, "what was not answered", "the cluster did not answer in time when asked for {}"),
)
