"""A look at a cluster: who answers, who we are there, what it has and what we may do. Nothing is changed."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi
from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.host.cluster import leftovers, nodes, rights, storage
from airflow_wizard.host.probe import Unseen
from airflow_wizard.host.probes import cluster_door as door
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from airflow_wizard.cluster import Cluster
    from airflow_wizard.host.facts import Json
    from airflow_wizard.host.probe import Ask

    Object = dict[str, Any]

# Seconds for one answer.
_PATIENCE = 4.0
_MOST_PODS = 3000
_AUTHORIZATION = "/apis/authorization.k8s.io/v1"
_AUTHENTICATION = "/apis/authentication.k8s.io/v1"


def look(ask: Ask, named: Cluster) -> dict[str, Json | Unseen]:
    """``cluster``, and where it answers ``cluster_storage``, ``cluster_rights`` and ``cluster_leftovers``.

    ``cluster``: {context, server, signs_in_by, plugin, reachable, error_kind, error, expired (when), version, user,
    groups, nodes (see `nodes.nodes`; null when they may not be listed), images, metrics, ingress_classes (null as
    nodes), traefik (API groups), gateway}. ``error_kind``: ``not_named``, ``kubectl_missing``, and those of
    `airflow_wizard.host.cluster.faults`.
    """
    described = door.describe(named)
    if isinstance(described, dict):
        return {"cluster": described}
    with KubeApi(named.with_kubectl(), timeout=_PATIENCE) as api:
        try:
            version = str(api.get("/version").get("gitVersion") or "").removeprefix("v")
            who = _who(api)
        except (EngineUnreachableError, ApiRefusedError) as error:
            return {"cluster": door.why_shut(named, described, error, api)}
        facts = door.opened(described, version, who)
        with ThreadPoolExecutor(8) as pool:
            return _look(api, pool, ask, facts)


def _who(api: KubeApi) -> Object:
    """Who we are, by the API server. One that may not be asked this, or is too old for it, is no obstacle."""
    try:
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        status = api.post(f"{_AUTHENTICATION}/selfsubjectreviews", body).get("status")
    except ApiRefusedError as error:
        if error.status == 401:
            raise
        return {}
    info = status.get("userInfo") if isinstance(status, dict) else None
    return info if isinstance(info, dict) else {}


def _look(api: KubeApi, pool: ThreadPoolExecutor, ask: Ask, facts: dict[str, Json]) -> dict[str, Json | Unseen]:
    """Everything at once: on a far cluster each question costs its own way there."""
    place = f"/api/v1/namespaces/{ask.namespace}"

    def later(question: Callable[[], Any]) -> Callable[[], Any]:
        job = pool.submit(_answered, question)
        return job.result

    def listed(path: str, selector: str = "") -> Callable[[], Any]:
        return later(lambda: api.items(path, labelSelector=selector) if selector else api.items(path))

    rules = later(lambda: _rules(api, ask.namespace))
    there, pods = listed("/api/v1/nodes"), later(lambda: _pods(api))
    groups = later(lambda: api.get("/apis").get("groups") or [])
    ingress = listed("/apis/networking.k8s.io/v1/ingressclasses")
    classes = listed("/apis/storage.k8s.io/v1/storageclasses")
    found = {
        "namespace": later(lambda: [api.find(place)]),
        "secrets": listed(f"{place}/secrets", f"owner=helm,name={ask.release},status!=superseded"),
        "identity": later(lambda: [api.find(f"{place}/secrets/{ask.release}-identity")]),
        "resourcequotas": listed(f"{place}/resourcequotas"),
        "limitranges": listed(f"{place}/limitranges"),
        "persistentvolumeclaims": listed(f"{place}/persistentvolumeclaims"),
        "services": listed(f"{place}/services"),
        "jobs": listed(f"/apis/batch/v1/namespaces/{ask.namespace}/jobs"),
        "statefulsets": listed(f"/apis/apps/v1/namespaces/{ask.namespace}/statefulsets"),
        "deployments": listed(f"/apis/apps/v1/namespaces/{ask.namespace}/deployments"),
    }
    items, names = there(), {str(g.get("name")) for g in groups() or () if isinstance(g, dict)}
    facts["nodes"] = None if items is None else nodes.nodes(items, nodes.others(pods(), ask.namespace, ask.release))
    facts["images"] = None if items is None else nodes.images(items, ask.images)
    facts["metrics"] = "metrics.k8s.io" in names
    facts["gateway"] = "gateway.networking.k8s.io" in names
    facts["traefik"] = [*sorted(names & {"traefik.io", "traefik.containo.us"})]
    facts["ingress_classes"] = _names(ingress())
    known, ours = classes(), rules() or []
    # By far the most is answered by the rules; one that does not stand there is asked for by itself, since a cluster
    # may decide by more than rules.
    asked = [
        (lambda: True) if rights.covered(ours, question) else later(lambda q=question: _allowed(api, q))  # type: ignore[misc]
        for question in rights.questions(ask.namespace)
    ]
    return {
        "cluster": facts,
        "cluster_storage": Unseen("storage classes may not be listed")
        if known is None
        else {"classes": storage.classes(known)},
        "cluster_rights": {"namespace": ask.namespace, "rights": rights.answers([answer() for answer in asked])},
        "cluster_leftovers": _left({what: answer() for what, answer in found.items()}, ask),
    }


def _answered(question: Callable[[], Any]) -> Any:  # noqa: ANN401 - the answer as it came
    """The answer; None where it is refused or does not come, which says nothing about the others."""
    with contextlib.suppress(EngineUnreachableError, ApiRefusedError):
        return question()
    return None


def _rules(api: KubeApi, namespace: str) -> list[Object]:
    """What we may do in a namespace, as far as rules say it."""
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    status = api.post(f"{_AUTHORIZATION}/selfsubjectrulesreviews", body).get("status")
    found = status.get("resourceRules") if isinstance(status, dict) and status.get("incomplete") is not True else None
    return found if isinstance(found, list) else []


def _allowed(api: KubeApi, attributes: dict[str, Json]) -> bool | None:
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    status = api.post(f"{_AUTHORIZATION}/selfsubjectaccessreviews", body).get("status")
    allowed = status.get("allowed") if isinstance(status, dict) else None
    return allowed if isinstance(allowed, bool) else None


def _pods(api: KubeApi) -> list[Object] | None:
    """Pods that have not ended; None in a cluster so large that to read them all would take longer than it is worth."""
    selector = "status.phase!=Succeeded,status.phase!=Failed"
    first = api.get("/api/v1/pods", fieldSelector=selector, limit="500")
    more = (first.get("metadata") or {}).get("remainingItemCount")
    if isinstance(more, int) and more > _MOST_PODS:
        return None
    if not (first.get("metadata") or {}).get("continue"):
        return first.get("items") or []
    return api.items("/api/v1/pods", fieldSelector=selector)


def _names(items: Sequence[Object] | None) -> Json:
    if items is None:
        return None
    return [one_line((item.get("metadata") or {}).get("name") or "", limit=80) for item in items]


def _left(found: dict[str, list[Any] | None], ask: Ask) -> Json:
    """``{namespace, release, failed_jobs, quotas, limits, claims, database_image, foreign, refused}``.

    ``refused`` names what may not be listed; what depends on it is empty.
    """
    place, identity = found.pop("namespace"), found.pop("identity")
    refused: list[Json] = [what for what, items in found.items() if items is None]
    seen = {what: items or [] for what, items in found.items()}
    foreign: list[Json] = []
    for kind in ("service", "statefulset", "deployment"):
        foreign += leftovers.foreign(kind, seen[f"{kind}s"], ask.release)
    return {
        "namespace": None if place is None else leftovers.namespace(place[0]),
        "name": ask.namespace,
        "release_name": ask.release,
        "release": leftovers.release(seen["secrets"], identity[0] if identity else None),
        "failed_jobs": leftovers.failed_jobs(seen["jobs"], ask.release),
        "quotas": leftovers.quotas(seen["resourcequotas"]),
        "limits": leftovers.limits(seen["limitranges"]),
        "claims": leftovers.claims(seen["persistentvolumeclaims"], ask.release),
        "database_image": leftovers.database_image(seen["statefulsets"], ask.release),
        "foreign": foreign,
        "refused": refused,
    }
