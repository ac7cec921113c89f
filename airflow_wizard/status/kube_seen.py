"""One look at a release in a cluster, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from airflow_wizard.status.rules import Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_wizard.engines.kube_objects import (
        ClaimRecord,
        JobRecord,
        KubeEvent,
        NodeRecord,
        ServiceRecord,
        Workload,
    )
    from airflow_wizard.engines.kube_pods import Pod
    from airflow_wizard.status.place import Place


@dataclass(frozen=True, slots=True)
class PodUsage:
    """What a pod takes by the metrics API: cores, bytes."""

    cpu: float
    memory: int


@dataclass(frozen=True)
class SeenRelease:
    """One look at a release.

    Attributes:
        place: what should run, and where.
        now: unix seconds of the look.
        pods: all of them, in no order.
        workloads: deployments and stateful sets; None while they were not all seen, or may not be.
        jobs: likewise.
        claims: likewise.
        services: likewise.
        nodes: likewise.
        events: oldest first.
        heard: what was heard at its address.
        usage: by pod name; empty without the metrics API.
        partial: not all pods were listed yet.
        missing: what may not be seen, in words.
        unseen: why the cluster could not be asked; empty when it was.
        retry_at: unix seconds when a cluster that does not answer is asked again.
        mask: takes secrets out of what the cluster said.
    """

    place: Place
    now: float
    pods: tuple[Pod, ...] = ()
    workloads: tuple[Workload, ...] | None = ()
    jobs: tuple[JobRecord, ...] | None = ()
    claims: tuple[ClaimRecord, ...] | None = ()
    services: tuple[ServiceRecord, ...] | None = ()
    nodes: tuple[NodeRecord, ...] | None = ()
    events: tuple[KubeEvent, ...] = ()
    heard: Heard = field(default_factory=Heard)
    usage: Mapping[str, PodUsage] = field(default_factory=dict)
    partial: bool = False
    missing: str = ""
    unseen: str = ""
    retry_at: float | None = None
    mask: Callable[[str], str] = str

    @property
    def release(self) -> str:
        """Name of the release."""
        return self.place.release.name if self.place.release is not None else ""

    @cached_property
    def warnings(self) -> dict[str, KubeEvent]:
        """The newest warning about each thing, by its uid."""
        return {event.about: event for event in self.events if event.warning and event.about}

    @cached_property
    def addresses(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """Names inside the cluster, and ports, under which components are reached."""
        space = self.place.release.namespace if self.place.release is not None else ""
        found: dict[str, tuple[tuple[str, int], ...]] = {}
        for service in self.services or ():
            if service.ports and service.component:
                here = (f"{service.name}.{space}", service.ports[0][0])
                found[service.component] = (*found.get(service.component, ()), here)
        return found

    @cached_property
    def warned(self) -> dict[tuple[str, str], KubeEvent]:
        """The newest event that says more than that all is well about each thing, by kind and name."""
        return {(event.kind, event.name): event for event in self.events}
