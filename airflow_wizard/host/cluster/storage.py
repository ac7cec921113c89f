"""Storage classes as facts, and which access modes their provisioners really bind.

A claim with a mode its provisioner does not give is accepted and then waits for ever, so the API cannot be asked; what
each provisioner does is in its own documentation or source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_wizard.cluster import AccessMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.host.facts import Json

_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
# Blocks of a disk, or a folder of the node the pod is on.
_SINGLE = frozenset(
    {
        "rancher.io/local-path", "ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs",
        "pd.csi.storage.gke.io", "kubernetes.io/gce-pd", "disk.csi.azure.com", "kubernetes.io/azure-disk",
        "csi.hetzner.cloud", "dobs.csi.digitalocean.com", "linodebs.csi.linode.com", "cinder.csi.openstack.org",
        "openebs.io/local", "topolvm.io", "rbd.csi.ceph.com", "csi.scaleway.com", "kubernetes.io/vsphere-volume",
    }
)  # fmt: skip
# Shared file systems; and the two that copy the wished modes into a folder of their only node.
_SHARED = frozenset(
    {
        "efs.csi.aws.com", "filestore.csi.storage.gke.io", "file.csi.azure.com", "kubernetes.io/azure-file",
        "nfs.csi.k8s.io", "smb.csi.k8s.io", "cephfs.csi.ceph.com", "driver.longhorn.io",
        "k8s-sigs.io/nfs-subdir-external-provisioner", "microk8s.io/hostpath", "k8s.io/minikube-hostpath",
    }
)  # fmt: skip


def modes(provisioner: str) -> list[AccessMode] | None:
    """Access modes a provisioner binds; empty for one that makes no volumes, None when that is not known here."""
    # An operator puts its namespace before the name: rook-ceph.rbd.csi.ceph.com.
    short = next((known for known in _SINGLE | _SHARED if provisioner.endswith(f".{known}")), provisioner)
    if short == "kubernetes.io/no-provisioner":
        return []
    if short in _SINGLE:
        return [AccessMode.ONE]
    return list(AccessMode) if short in _SHARED else None


def classes(items: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Storage classes: name, default, provisioner, binding (``Immediate`` or ``WaitForFirstConsumer``), modes."""
    found: list[Json] = []
    for item in items:
        metadata = item.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        notes = metadata.get("annotations")
        notes = notes if isinstance(notes, dict) else {}
        provisioner = str(item.get("provisioner") or "")
        bound = modes(provisioner)
        found.append(
            {
                "name": str(metadata.get("name") or ""),
                "default": any(notes.get(key) == "true" for key in _DEFAULT),
                "provisioner": provisioner,
                "binding": str(item.get("volumeBindingMode") or "Immediate"),
                "modes": None if bound is None else [str(mode) for mode in bound],
            }
        )
    return found
