"""What a stack notes of the cluster that kubeadm makes for it: a half-made one is its own to clear away."""

from __future__ import annotations

from pathlib import Path

NOTE = ".airflow-wizard/kubeadm"
BEGUN, MADE = "begun", "made"
ADMIN_CONF = Path("/etc/kubernetes/admin.conf")


def made_here(folder: Path) -> bool:
    """Whether the stack in a folder made the cluster that is there."""
    try:
        return (folder / NOTE).read_text(encoding="utf-8").strip() == MADE
    except (OSError, UnicodeDecodeError):
        return False


def half_made(folder: Path) -> bool:
    """Whether the stack in a folder began to make a cluster, and never came to the end of it."""
    try:
        return (folder / NOTE).read_text(encoding="utf-8").strip() == BEGUN
    except (OSError, UnicodeDecodeError):
        return False
