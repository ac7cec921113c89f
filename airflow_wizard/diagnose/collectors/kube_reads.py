"""What is asked of a cluster, one part for each list; the rarer ones only where something makes them matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.diagnose.collectors import kube_objects as objects
from airflow_wizard.diagnose.collectors import kube_parse as parse
from airflow_wizard.engines.kube_api import ApiRefusedError, NoClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.cluster import Release
    from airflow_wizard.diagnose.collectors.kube_parse import Words
    from airflow_wizard.diagnose.kube_facts import EventFact, PodFact
    from airflow_wizard.engines.kube_api import KubeApi

    Read = Callable[[], Mapping[str, object]]

_CROWDED = ("Insufficient", "Too many pods")
_NEEDS = ("CreateContainerConfigError", "FailedMount")


class KubeReads:
    """Questions about one stack, by the name people know each by; each raises as `KubeApi.get`."""

    def __init__(self, api: KubeApi, release: Release, words: Words) -> None:
        self._api = api
        self._name = release.name
        self._words = words
        space = release.namespace
        self._namespace = f"/api/v1/namespaces/{space}"
        self._apps, self._batch = f"/apis/apps/v1/namespaces/{space}", f"/apis/batch/v1/namespaces/{space}"
        self._net = f"/apis/networking.k8s.io/v1/namespaces/{space}"
        self._slices = f"/apis/discovery.k8s.io/v1/namespaces/{space}/endpointslices"

    def first(self) -> dict[str, Read]:
        """What is asked in any case."""
        return {
            "namespace": lambda: {
                "namespace_fact": objects.namespace(self._api.find(self._namespace), self._words),
            },
            "pods": lambda: {
                "pods": tuple(parse.pod(item, self._words) for item in self._ours(f"{self._namespace}/pods"))
            },
            "events": self._events,
            "workloads": self._workloads,
            "claims": lambda: {
                "claims": self._several(f"{self._namespace}/persistentvolumeclaims", objects.claim),
            },
            "nodes": lambda: {"node_objects": self._api.items("/api/v1/nodes")},
            "services": self._services,
            "ingresses": lambda: {
                "ingresses": tuple(objects.ingress(item) for item in self._ours(f"{self._net}/ingresses"))
            },
            "Helm release": self._helm,
            "name server of the cluster": self._dns,
        }

    def second(self, found: Mapping[str, Any]) -> dict[str, Read]:
        """What matters because of what was found."""
        api, pods, events = self._api, found.get("pods") or (), found.get("events") or ()
        reads: dict[str, Read] = {}
        if any(claim.phase == "Pending" for claim in found.get("claims") or ()):
            reads["storage classes"] = lambda: {
                "classes": self._several("/apis/storage.k8s.io/v1/storageclasses", objects.storage_class)
            }
            reads["volumes"] = lambda: {"volumes": self._several("/api/v1/persistentvolumes", objects.volume)}
        if found.get("ingresses"):
            reads["ingress classes"] = lambda: {
                "ingress_classes": self._several("/apis/networking.k8s.io/v1/ingressclasses", objects.ingress_class)
            }
        if any(event.reason == "FailedCreate" for event in events):
            reads["quotas"] = lambda: {"quotas": objects.quotas(api.items(f"{self._namespace}/resourcequotas"))}
        if _refers(pods, events):
            reads["secrets"] = lambda: {"secrets": objects.keys(api.items(f"{self._namespace}/secrets"))}
            reads["config maps"] = lambda: {"config_maps": objects.keys(api.items(f"{self._namespace}/configmaps"))}
        if any(sign in pod.scheduled for pod in pods for sign in _CROWDED):
            reads["what nodes are asked for"] = lambda: {"asked": self._asked()}
        return reads

    def _ours(self, path: str) -> list[dict[str, Any]]:
        return [item for item in self._api.items(path) if parse.belongs(item, self._name)]

    def _several(self, path: str, make: Callable[[Any], object]) -> tuple[Any, ...]:
        return tuple(make(item) for item in self._api.items(path))

    def _workloads(self) -> Mapping[str, object]:
        lists = (
            ("Deployment", f"{self._apps}/deployments"),
            ("StatefulSet", f"{self._apps}/statefulsets"),
            ("Job", f"{self._batch}/jobs"),
        )
        return {
            "workloads": tuple(
                objects.workload(kind, item, self._words) for kind, path in lists for item in self._ours(path)
            )
        }

    def _events(self) -> Mapping[str, object]:
        found = [parse.event(item, self._words) for item in self._api.items(f"{self._namespace}/events")]
        return {"events": tuple(sorted(found, key=lambda e: e.last))}

    def _services(self) -> Mapping[str, object]:
        slices: list[dict[str, Any]] | None
        try:
            slices = self._api.items(self._slices)
        except (ApiRefusedError, NoClusterError):
            slices = None
        return {
            "services": tuple(objects.service(item, slices) for item in self._ours(f"{self._namespace}/services")),
        }

    def _helm(self) -> Mapping[str, object]:
        kept = self._api.items(f"{self._namespace}/secrets", labelSelector=f"owner=helm,name={self._name}")
        return {"helm_release": objects.helm(kept, self._name)}

    def _dns(self) -> Mapping[str, object]:
        pods = self._api.items("/api/v1/namespaces/kube-system/pods", labelSelector="k8s-app=kube-dns")
        return {"dns": (sum(parse.pod(pod, self._words).ready for pod in pods), len(pods))}

    def _asked(self) -> dict[str, tuple[int, int, int]]:
        """What the pods of each node ask for, and how many they are."""
        sums: dict[str, tuple[int, int, int]] = {}
        for item in self._api.items("/api/v1/pods", fieldSelector="status.phase!=Succeeded,status.phase!=Failed"):
            node = str(parse.of(item, "spec", "nodeName") or "")
            cpu, memory = parse.asked(item)
            before = sums.get(node, (0, 0, 0))
            sums[node] = (before[0] + cpu, before[1] + memory, before[2] + 1)
        return sums


def _refers(pods: tuple[PodFact, ...], events: tuple[EventFact, ...]) -> bool:
    """Whether something that a pod is made from may be missing."""
    return any(c.reason in _NEEDS for pod in pods for c in pod.containers) or any(e.reason in _NEEDS for e in events)
