"""Everything but pods as the API has it, trimmed to facts. Pure. Of Secrets only names and names of keys are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.diagnose.collectors.kube_parse import at, component, created, many, name, of, texts
from airflow_wizard.diagnose.kube_facts import (
    HelmFact,
    IngressFact,
    NamespaceFact,
    NodeFact,
    ServiceFact,
    StorageClassFact,
    StoreClaimFact,
    VolumeFact,
    WorkloadFact,
)
from airflow_wizard.diagnose.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.diagnose.collectors.kube_parse import Words

_ENFORCES = "pod-security.kubernetes.io/enforce"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_DEFAULT_INGRESS = "ingressclass.kubernetes.io/is-default-class"
# Conditions of a node that mean trouble when they are true; others are add-ons' own, and unknown ones mean nothing.
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def workload(kind: str, item: object, words: Words) -> WorkloadFact:
    """A Deployment, StatefulSet or Job."""
    status = of(item, "status")
    conditions = {str(c.get("type")): c for c in many(status, "conditions")}
    failed = conditions.get("Failed", {})
    refused = conditions.get("ReplicaFailure", {})
    gave_up = kind == "Job" and failed.get("status") == "True"
    wanted = of(item, "spec", "completions" if kind == "Job" else "replicas")
    ready = of(status, "succeeded" if kind == "Job" else "readyReplicas")
    return WorkloadFact(
        kind=kind,
        name=name(item),
        component=component(item),
        wanted=wanted if isinstance(wanted, int) else 1,
        ready=ready if isinstance(ready, int) else 0,
        failed=words(failed.get("reason") or "Failed") if gave_up else "",
        failed_message=words(failed.get("message") or "") if gave_up else "",
        created=created(item),
        refused=words(refused.get("message") or "") if refused.get("status") == "True" else "",
    )


def claim(item: object) -> StoreClaimFact:
    """A claim."""
    named = of(item, "spec", "storageClassName")
    return StoreClaimFact(
        name=name(item),
        phase=str(of(item, "status", "phase") or ""),
        storage_class=str(named) if named is not None else None,
        modes=_words(of(item, "spec", "accessModes")),
        size=round(quantity(of(item, "spec", "resources", "requests", "storage"))),
        volume=str(of(item, "spec", "volumeName") or ""),
        created=created(item),
    )


def storage_class(item: object) -> StorageClassFact:
    """A storage class."""
    return StorageClassFact(
        name=name(item),
        provisioner=str(of(item, "provisioner") or ""),
        default=texts(item, "metadata", "annotations").get(_DEFAULT_CLASS) == "true",
        waits=of(item, "volumeBindingMode") == "WaitForFirstConsumer",
    )


def volume(item: object) -> VolumeFact:
    """A volume."""
    reference = of(item, "spec", "claimRef")
    return VolumeFact(
        name=name(item),
        phase=str(of(item, "status", "phase") or ""),
        storage_class=str(of(item, "spec", "storageClassName") or ""),
        modes=_words(of(item, "spec", "accessModes")),
        size=round(quantity(of(item, "spec", "capacity", "storage"))),
        claim=f"{of(reference, 'namespace')}/{of(reference, 'name')}" if reference else "",
    )


def node(item: object, asked: Mapping[str, tuple[int, int, int]] | None, words: Words) -> NodeFact:
    """A node; ``asked`` is what its pods ask for and how many they are, by node."""
    conditions = {str(c.get("type")): c for c in many(item, "status", "conditions")}
    ready = conditions.get("Ready", {})
    state = {"True": True, "False": False}.get(str(ready.get("status")))
    title, there = name(item), of(item, "status", "allocatable")
    cpu, memory, running = asked.get(title, (0, 0, 0)) if asked is not None else (None, None, None)
    return NodeFact(
        name=title,
        ready=state,
        why=words(ready.get("message") or ready.get("reason") or "") if state is not True else "",
        since=at(ready.get("lastTransitionTime")),
        pressures=tuple(
            (kind, words(conditions[kind].get("message") or ""))
            for kind in _PRESSURES
            if conditions.get(kind, {}).get("status") == "True"
        ),
        taints=tuple(
            (str(t.get("key") or ""), str(t.get("value") or ""), str(t.get("effect") or ""))
            for t in many(item, "spec", "taints")
        ),
        cordoned=of(item, "spec", "unschedulable") is True,
        cpu=round(quantity(of(there, "cpu")) * 1000),
        memory=round(quantity(of(there, "memory"))),
        pods=round(quantity(of(there, "pods"))),
        asked_cpu=cpu,
        asked_memory=memory,
        running=running,
        labels=texts(item, "metadata", "labels"),
    )


def quotas(items: Iterable[object]) -> tuple[tuple[str, str, str, str], ...]:
    """(quota, resource, used, hard) of all of them."""
    found = []
    for item in items:
        used = texts(item, "status", "used")
        for resource, hard in texts(item, "status", "hard").items():
            found.append((name(item), resource, used.get(resource, "0"), hard))
    return tuple(found)


def service(item: object, slices: Iterable[object] | None) -> ServiceFact:
    """A service; ``slices`` are all endpoint slices of the namespace."""
    title = name(item)
    ready: int | None = None
    if slices is not None:
        ready = sum(
            len(of(entry, "addresses") or ())
            for one in slices
            if texts(one, "metadata", "labels").get("kubernetes.io/service-name") == title
            for entry in many(one, "endpoints")
            if of(entry, "conditions", "ready") is not False
        )
    return ServiceFact(
        name=title,
        component=component(item),
        kind=str(of(item, "spec", "type") or "ClusterIP"),
        node_ports=tuple(p for entry in many(item, "spec", "ports") if isinstance(p := entry.get("nodePort"), int)),
        selector=texts(item, "spec", "selector"),
        ready=ready,
        created=created(item),
    )


def ingress(item: object) -> IngressFact:
    """An ingress."""
    named = of(item, "spec", "ingressClassName")
    named = named or texts(item, "metadata", "annotations").get("kubernetes.io/ingress.class")
    backends = [
        of(path, "backend", "service", "name")
        for rule in many(item, "spec", "rules")
        for path in many(rule, "http", "paths")
    ]
    return IngressFact(name(item), named or None, tuple(dict.fromkeys(str(b) for b in backends if b)), created(item))


def ingress_class(item: object) -> tuple[str, bool]:
    """Name of an ingress class, and whether it is the default."""
    return name(item), texts(item, "metadata", "annotations").get(_DEFAULT_INGRESS) == "true"


def keys(items: Iterable[object]) -> dict[str, frozenset[str]]:
    """Names of Secrets or ConfigMaps and of their keys; a value is never looked at."""
    found = {}
    for item in items:
        data = {**(of(item, "data") or {}), **(of(item, "binaryData") or {})}
        found[name(item)] = frozenset(map(str, data))
    return found


def helm(items: Iterable[object], release: str) -> HelmFact | None:
    """The newest revision, from the labels of the Secrets that Helm keeps its releases in."""
    revisions = []
    for item in items:
        labels = texts(item, "metadata", "labels")
        if labels.get("owner") == "helm" and labels.get("name") == release and labels.get("version", "").isdecimal():
            changed = labels.get("modifiedAt") or labels.get("createdAt") or ""
            since = float(changed) if changed.isdecimal() else created(item)
            revisions.append((int(labels["version"]), labels.get("status", ""), since))
    if not revisions:
        return None
    number, status, since = max(revisions)
    # "superseded" was deployed once, and can be gone back to.
    deployed = [n for n, was, _ in revisions if was in ("deployed", "superseded") and n != number]
    return HelmFact(number, status, since, max(deployed, default=None))


def namespace(item: Mapping[str, Any] | None, words: Words) -> NamespaceFact:
    """The namespace; phase ``missing`` when there is none."""
    if item is None:
        return NamespaceFact("missing")
    holds = "; ".join(
        words(c.get("message"))
        for c in many(item, "status", "conditions")
        if c.get("status") == "True" and c.get("type") in ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")
    )
    return NamespaceFact(
        phase=str(of(item, "status", "phase") or ""),
        enforces=texts(item, "metadata", "labels").get(_ENFORCES, ""),
        holds=holds,
        since=at(of(item, "metadata", "deletionTimestamp")) or created(item),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
