"""Evidence about a stack in a cluster. Looks and changes nothing; each list is asked for by itself, all at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_wizard.diagnose.collectors import kube_objects as objects
from airflow_wizard.diagnose.collectors import kube_parse as parse
from airflow_wizard.diagnose.collectors.disk_files import file_fact, pending_conflicts, unfinished_step
from airflow_wizard.diagnose.collectors.kube_logs import logs
from airflow_wizard.diagnose.collectors.together import Part, collect_together
from airflow_wizard.diagnose.evidence import Evidence
from airflow_wizard.diagnose.kube_facts import ClusterFact
from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi, NoClusterError
from airflow_wizard.engines.probe_command import ask
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from airflow_wizard.cluster import Release
    from airflow_wizard.diagnose.collectors.kube_parse import Words
    from airflow_wizard.diagnose.evidence import Subject
    from airflow_wizard.diagnose.kube_facts import PodFact

_PATIENCE = 5.0
_LONGEST = 800  # of a message; Kubernetes' own are cut at 1024
_FORBIDDEN = 403
_KIND = "kind-"
_CROWDED = ("Insufficient", "Too many pods")


def collect(subject: Subject, release: Release, *, mask: Callable[[str], str] = str) -> Evidence:
    """Everything that can be seen of the stack within a few seconds. Never raises for what is wrong with it.

    Args:
        subject: the stack.
        release: what of a cluster is its.
        mask: takes secrets out of a line.
    """
    folder = Path(subject.folder)

    def words(text: object) -> str:
        return one_line(mask(plain(text)), limit=_LONGEST)

    with KubeApi(release.cluster.with_kubectl(), timeout=_PATIENCE) as api:
        seen = _look(api, release, words, mask)
    found, blind = collect_together([Part("files", 3.0, lambda: _files(folder))])
    return Evidence(
        subject=subject,
        now=time.time(),
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
    found, unseen = collect_together(_parts(api, release, words))
    more: list[Part] = []
    pods: tuple[PodFact, ...] = found.get("pods") or ()  # type: ignore[assignment]
    if pods:
        more.append(Part("logs", 2 * _PATIENCE, lambda: {"lines": logs(api, release.namespace, pods, mask)}))
    crowded = any(sign in pod.scheduled for pod in pods for sign in _CROWDED)
    nodes: Sequence[object] | None = found.pop("nodes", None)  # type: ignore[assignment]
    if nodes and crowded:
        more.append(Part("what nodes are asked for", _PATIENCE, lambda: {"asked": _asked(api)}))
    later, blind = collect_together(more)
    asked: Mapping[str, tuple[int, int, int]] | None = later.get("asked")  # type: ignore[assignment]
    if nodes is not None:
        found["nodes"] = tuple(objects.node(item, asked, words) for item in nodes)
    lines: Mapping[str, tuple[str, ...]] = later.get("lines", {})  # type: ignore[assignment]
    return _Seen(_fact(release, found), lines, _summed((*unseen, *blind)))


def _parts(api: KubeApi, release: Release, words: Words) -> list[Part]:
    """Each list by itself: one that is forbidden says nothing about the others."""
    space, name = release.namespace, release.name
    core, apps, batch = (f"/{group}/namespaces/{space}" for group in ("api/v1", "apis/apps/v1", "apis/batch/v1"))
    net = f"apis/networking.k8s.io/v1/namespaces/{space}"

    def ours(path: str) -> list[dict[str, Any]]:
        return [item for item in api.items(path) if parse.belongs(item, name)]

    def workloads() -> Mapping[str, object]:
        lists = (("Deployment", apps, "deployments"), ("StatefulSet", apps, "statefulsets"), ("Job", batch, "jobs"))
        return {
            "workloads": tuple(
                objects.workload(kind, item, words) for kind, group, path in lists for item in ours(f"{group}/{path}")
            )
        }

    def events() -> Mapping[str, object]:
        found = [parse.event(item, words) for item in api.items(f"{core}/events")]
        return {"events": tuple(sorted(found, key=lambda e: e.last))}

    def services() -> Mapping[str, object]:
        slices = _allowed(lambda: api.items(f"/apis/discovery.k8s.io/v1/namespaces/{space}/endpointslices"))
        return {"services": tuple(objects.service(item, slices) for item in ours(f"{core}/services"))}

    def dns() -> Mapping[str, object]:
        pods = api.items("/api/v1/namespaces/kube-system/pods", labelSelector="k8s-app=kube-dns")
        return {"dns": (sum(parse.pod(pod, words).ready for pod in pods), len(pods))}

    def several(path: str, make: Callable[[Any], object]) -> tuple[Any, ...]:
        return tuple(make(item) for item in api.items(path))

    reads: dict[str, Callable[[], Mapping[str, object]]] = {
        "namespace": lambda: {"namespace_fact": objects.namespace(api.find(f"/api/v1/namespaces/{space}"), words)},
        "pods": lambda: {"pods": tuple(parse.pod(item, words) for item in ours(f"{core}/pods"))},
        "events": events,
        "workloads": workloads,
        "claims": lambda: {"claims": several(f"{core}/persistentvolumeclaims", objects.claim)},
        "storage classes": lambda: {
            "classes": several("/apis/storage.k8s.io/v1/storageclasses", objects.storage_class)
        },
        "volumes": lambda: {"volumes": several("/api/v1/persistentvolumes", objects.volume)},
        "nodes": lambda: {"nodes": api.items("/api/v1/nodes")},
        "quotas": lambda: {"quotas": objects.quotas(api.items(f"{core}/resourcequotas"))},
        "services": services,
        "ingresses": lambda: {"ingresses": tuple(objects.ingress(item) for item in ours(f"/{net}/ingresses"))},
        "ingress classes": lambda: {
            "ingress_classes": several("/apis/networking.k8s.io/v1/ingressclasses", objects.ingress_class)
        },
        "secrets": lambda: {"secrets": objects.keys(api.items(f"{core}/secrets"))},
        "config maps": lambda: {"config_maps": objects.keys(api.items(f"{core}/configmaps"))},
        "Helm release": lambda: {
            "helm_release": objects.helm(api.items(f"{core}/secrets", labelSelector=f"owner=helm,name={name}"), name)
        },
        "DNS of the cluster": dns,
        "programs of this machine": lambda: {"helm_runs": _helm_runs(name)},
    }
    return [Part(title, 2 * _PATIENCE, _readable(read)) for title, read in reads.items()]


def _helm_runs(release: str) -> bool:
    """Whether a Helm of this machine works on the release now."""
    said = ask(["ps", "-axww", "-o", "args="], timeout=_PATIENCE)
    words = [line.split() for line in said.out.splitlines()]
    return any(w and w[0].rpartition("/")[2] in ("helm", "helm3") and release in w for w in words)


class _NotAllowedError(Exception):
    """The cluster does not let us look."""


def _readable(read: Callable[[], Mapping[str, object]]) -> Callable[[], Mapping[str, object]]:
    def run() -> Mapping[str, object]:
        try:
            return read()
        except ApiRefusedError as error:
            if error.status == _FORBIDDEN:
                raise _NotAllowedError(str(error)) from error
            raise

    return run


def _allowed(read: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    try:
        return read()
    except (ApiRefusedError, NoClusterError):
        return None


def _asked(api: KubeApi) -> dict[str, tuple[int, int, int]]:
    """What the pods of each node ask for, and how many they are."""
    sums: dict[str, tuple[int, int, int]] = {}
    for item in api.items("/api/v1/pods", fieldSelector="status.phase!=Succeeded,status.phase!=Failed"):
        node = str(parse.of(item, "spec", "nodeName") or "")
        cpu, memory = parse.asked(item)
        before = sums.get(node, (0, 0, 0))
        sums[node] = (before[0] + cpu, before[1] + memory, before[2] + 1)
    return sums


def _summed(unseen: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What this user may not look at is said once, not once a list."""
    sign = f"{_NotAllowedError.__name__}: "
    denied = [name for name, reason in unseen if reason.startswith(sign)]
    if not denied:
        return tuple(unseen)
    one = ("what this user may not see", f"the cluster does not let this user list {', '.join(denied)}")
    return (*((name, reason) for name, reason in unseen if name not in denied), one)
