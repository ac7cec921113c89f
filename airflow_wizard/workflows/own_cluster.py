"""Whether kubeadm made a cluster for a stack, and what goes with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import kubeadm
from airflow_wizard.host.facts import Fact
from airflow_wizard.options.model import Target
from airflow_wizard.workflows.disk_size import size_of

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.host.facts import Json

CLUSTER = "the cluster made for this stack: "
_GOES = {
    kubeadm.ETCD: f"{CLUSTER}all that is in it",
    kubeadm.ADMIN_CONF.parent: f"{CLUSTER}its certificates, and the way in",
}


def with_own_cluster(request: StackRequest) -> StackRequest:
    """The request with what its folder and this machine say now of a cluster of kubeadm's; any other as it is."""
    if request.answers.target is not Target.KUBEADM:
        return request
    folder = Path(request.folder)
    seen: dict[str, Json] = {
        "made": kubeadm.is_made(),
        "ours": kubeadm.made_here(folder),
        "half": kubeadm.half_made(folder),
    }
    return replace(request, facts=request.facts.with_fact("kubeadm_preflight", Fact(seen, str(folder / kubeadm.NOTE))))


def of_kubeadm() -> list[tuple[str, int, str]]:
    """(path, bytes, what it is) of what ``kubeadm reset`` deletes; the disks of pods are told with the release."""
    return [(str(path), size_of(path), what) for path, what in _GOES.items() if path.exists()]
