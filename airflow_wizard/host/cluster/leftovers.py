"""What is in the namespace already: a release of the same name, what is left of one, and what limits newcomers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.engines import helm_record
from airflow_wizard.engines.helm_record import OURS
from airflow_wizard.host.cluster.nodes import entries, part
from airflow_wizard.host.cluster.quantity import number
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.host.facts import Json

    Object = Mapping[str, Any]

_ENFORCE = "pod-security.kubernetes.io/enforce"
_MANAGER, _INSTANCE = "app.kubernetes.io/managed-by", "app.kubernetes.io/instance"
# What the chart and the wizard call the objects of a release, after its name. Not just any: "airflow-dev" may be
# another release beside "airflow".
_OBJECTS = (
    "postgres", "api-server", "webserver", "scheduler", "dag-processor", "triggerer", "worker", "redis", "flower",
    "pgbouncer", "statsd", "web",
)  # fmt: skip
_CLAIMS = ("data-{}-postgres-0", "logs-{}-worker-0", "logs-{}-scheduler-0", "logs-{}-triggerer-0", "{}-logs", "{}-dags")


def namespace(item: Object | None) -> Json:
    """The namespace: exists, phase, pod_security (the enforced level, empty for none), ours."""
    if item is None:
        return {"exists": False, "phase": "", "pod_security": "", "ours": False}
    labels = part(part(item, "metadata"), "labels")
    return {
        "exists": True,
        "phase": str(part(item, "status").get("phase") or ""),
        "pod_security": str(labels.get(_ENFORCE) or ""),
        "ours": labels.get(_MANAGER) == OURS,
    }


def release(secrets: Iterable[Object], identity: Object | None) -> Json:
    """The newest record that Helm keeps of a release: status, revision, secret, ours; empty and 0 where there is none.

    ``ours``: a launch of the wizard made it, by the identity beside it, or by what Helm was told.
    """
    newest = max(secrets, key=helm_record.revision, default=None)
    if newest is None:
        return {"status": "", "revision": 0, "secret": "", "ours": False}
    return {
        "status": one_line(helm_record.status(newest), limit=40),
        "revision": helm_record.revision(newest),
        "secret": name_of(newest),
        "ours": helm_record.is_ours(newest) or part(part(identity or {}, "metadata"), "labels").get(_MANAGER) == OURS,
    }


def failed_jobs(jobs: Iterable[Object], name: str) -> list[Json]:
    """Jobs of the release that have failed, each with the reason."""
    found: list[Json] = []
    for job in jobs:
        if not is_of(job, name):
            continue
        failed = [c for c in entries(part(job, "status"), "conditions") if c.get("type") == "Failed"]
        if any(c.get("status") == "True" for c in failed):
            said = str(failed[0].get("message") or failed[0].get("reason") or "")
            found.append({"name": name_of(job), "reason": one_line(said, limit=200)})
    return found


def quotas(items: Iterable[Object]) -> list[Json]:
    """Resource quotas: name, and for each thing that is limited what is left of it (cores, bytes, pieces)."""
    found: list[Json] = []
    for item in items:
        hard, used = part(part(item, "status"), "hard"), part(part(item, "status"), "used")
        hard = hard or part(part(item, "spec"), "hard")
        left: dict[str, Json] = {
            str(what): most - (number(used.get(what)) or 0.0)
            for what, amount in hard.items()
            if (most := number(amount)) is not None
        }
        found.append({"name": name_of(item), "left": left})
    return found


def limits(items: Iterable[Object]) -> list[Json]:
    """Largest memory (bytes) and CPU (cores) that a limit range lets one container have; None for no such limit."""
    found: list[Json] = []
    for item in items:
        for limit in entries(part(item, "spec"), "limits"):
            most = part(limit, "max")
            if limit.get("type") == "Container" and most:
                memory, cpu = number(most.get("memory")), number(most.get("cpu"))
                found.append({"name": name_of(item), "memory": memory, "cpu": cpu})
    return found


def claims(items: Iterable[Object], name: str) -> list[Json]:
    """Volume claims of the release: name, phase, class."""
    return [
        {
            "name": name_of(item),
            "phase": str(part(item, "status").get("phase") or ""),
            "class": str(part(item, "spec").get("storageClassName") or ""),
        }
        for item in items
        if is_of(item, name) or name_of(item) in [claim.format(name) for claim in _CLAIMS]
    ]


def database_image(sets: Iterable[Object], name: str) -> str:
    """Image of the release's own database server, which says who wrote its volume; empty where there is none."""
    for item in sets:
        if name_of(item) == f"{name}-postgres":
            template = part(part(item, "spec"), "template")
            containers = entries(part(template, "spec"), "containers")
            return next((str(c.get("image") or "") for c in containers), "")
    return ""


def foreign(kind: str, items: Iterable[Object], name: str) -> list[Json]:
    """Objects that have a name of the release and belong to somebody else: ``service/airflow-postgres``."""
    ours = {f"{name}-{what}" for what in _OBJECTS}
    return [f"{kind}/{name_of(item)}" for item in items if name_of(item) in ours and not is_of(item, name)]


def is_of(item: Object, name: str) -> bool:
    """Whether labels say that it belongs to the release: the chart's own, or the wizard's."""
    labels = part(part(item, "metadata"), "labels")
    return name in (labels.get("release"), labels.get(_INSTANCE))


def name_of(item: Object) -> str:
    """Its name, fit to be shown."""
    return one_line(part(item, "metadata").get("name") or "", limit=120)
