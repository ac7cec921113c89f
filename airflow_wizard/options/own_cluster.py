"""What a cluster of one's own server still lacks, and where it comes from."""

from __future__ import annotations

from airflow_wizard.options import rules
from airflow_wizard.options.kubernetes import GROUP
from airflow_wizard.options.model import Kind, Option, Target

# The addresses that the projects' own instructions name: flannel's README, local-path-provisioner's release v0.0.37.
FLANNEL = "https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml"
LOCAL_PATH = "https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.37/deploy/local-path-storage.yaml"
_KUBEADM = frozenset({Target.KUBEADM})


def _manifest(text: str) -> str:
    if text.startswith("http://"):
        return "must be https: what it makes has every right in the cluster"
    return "must not contain spaces" if "://" in text and " " in text else ""


OPTIONS = (
    Option(
        name="pod_network",
        title="Network plug-in",
        group=GROUP,
        kind=Kind.TEXT,
        help="Manifest of the network that pods are given: an address, or a file of this machine.",
        why="kubeadm brings none, and no node is ready without.\nOne that is there stays as it is.",
        default=lambda _: FLANNEL,
        because=lambda _: "flannel's own; taken only where the cluster has none",
        targets=_KUBEADM,
        refuse=rules.needed(rules.optional(_manifest), "an address or a path"),
        expert=True,
        example=FLANNEL,
    ),
    Option(
        name="storage_manifest",
        title="Storage",
        group=GROUP,
        kind=Kind.TEXT,
        help="Manifest of what gives pods volumes: an address, or a file of this machine.",
        why="kubeadm brings none, and the database would wait for its volume for ever.",
        default=lambda _: LOCAL_PATH,
        because=lambda _: "folders of this machine; taken only where the cluster has none",
        targets=_KUBEADM,
        refuse=rules.needed(rules.optional(_manifest), "an address or a path"),
        expert=True,
        example=LOCAL_PATH,
    ),
)
