"""What a stack notes of the cluster that kubeadm makes for it: only that one is its own to clear away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from airflow_wizard.atomic import write_text_atomic

NOTE = ".airflow-wizard/kubeadm"
ADMIN_CONF = Path("/etc/kubernetes/admin.conf")
ETCD = Path("/var/lib/etcd")
# Where plug-ins for the pods' network leave their settings; `kubeadm reset` does not clear them away.
NETWORKS = Path("/etc/cni/net.d")


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of the cluster.

    Attributes:
        state: ``begun`` until kubeadm came to its end, and again from when it is taken away.
        uid: of the namespace kube-system, by which a cluster is told from another one of this machine.
        networks: names of settings of networks that were there before; None where nobody looked.
    """

    state: Literal["begun", "made"] = "begun"
    uid: str = ""
    networks: tuple[str, ...] | None = None


def read_note(folder: Path) -> Note | None:
    """What the stack in a folder noted; None when it made no cluster."""
    try:
        first, *rest = (folder / NOTE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        return None
    if first not in ("begun", "made"):
        return None
    told = {key: value for key, _, value in (line.partition("=") for line in rest)}
    before = tuple(filter(None, told["networks"].split("/"))) if "networks" in told else None
    return Note("made" if first == "made" else "begun", told.get("uid", ""), before)


def write_note(folder: Path, note: Note) -> None:
    """Note it, before anything of it happens."""
    lines = [note.state, f"uid={note.uid}"]
    lines += [f"networks={'/'.join(note.networks)}"] if note.networks is not None else []
    write_text_atomic(folder / NOTE, "\n".join(lines) + "\n", 0o600)


def is_made() -> bool:
    """Whether there is a cluster of kubeadm's on this machine; True where that cannot be seen."""
    try:
        ADMIN_CONF.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def left() -> tuple[Path, ...]:
    """What of a cluster is still on this machine after ``kubeadm reset``, which ends well all the same."""
    try:
        etcd = tuple(sorted(ETCD.iterdir()))
    except OSError:
        etcd = ()
    return (*((ADMIN_CONF,) if is_made() else ()), *etcd)


def networks() -> tuple[str, ...]:
    """Names of the settings of networks that are there now."""
    try:
        return tuple(sorted(entry.name for entry in NETWORKS.iterdir() if "\n" not in entry.name))
    except OSError:
        return ()


def made_here(folder: Path) -> bool:
    """Whether the stack in a folder made the cluster that is there."""
    return (note := read_note(folder)) is not None and note.state == "made"


def half_made(folder: Path) -> bool:
    """Whether the stack in a folder began to make a cluster, or to take it away, and never came to the end of it."""
    return (note := read_note(folder)) is not None and note.state == "begun"
