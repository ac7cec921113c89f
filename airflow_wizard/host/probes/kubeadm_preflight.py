"""What kubeadm looks at before it makes a cluster, seen without root and without changing anything."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import kubeadm, machine, ports, probe_command
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen
from airflow_wizard.host.probes.nearest import nearest
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

_DEADLINE = 4.0
# kubeadm's constants: API server, scheduler, controller manager, kubelet, etcd.
PORTS = (6443, 10259, 10257, 10250, 2379, 2380)
PROGRAMS = ("ip", "iptables", "mount", "nsenter", "ethtool", "socat", "tc", "conntrack")
SOCKETS = ("/run/containerd/containerd.sock", "/var/run/crio/crio.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock")
_ADMIN, _MANIFESTS, _ETCD = "/etc/kubernetes/admin.conf", "/etc/kubernetes/manifests", "/var/lib/etcd"
_KUBELET, _CONTAINERD = "/var/lib/kubelet", "/var/lib/containerd"
# Where a runtime keeps images, by its socket.
_IMAGES = {"crio.sock": "/var/lib/containers", "cri-dockerd.sock": "/var/lib/docker"}
# Tools of root are not on everybody's PATH.
_SBIN = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))


def probe(ask: Ask) -> Seen:
    """``kubeadm_preflight``, a mapping.

    {made, ours, admin_conf, admin_conf_readable, etcd_data, root, swap, ip_forward, missing, runtime, runtime_version,
    kubelet, kernel, container, cgroup, ports, hostname, resolvable, disks}. ``made``: kubeadm made a cluster here.
    ``ports``: those that are taken, with the reason. ``runtime``: the socket of a container runtime; empty for none.
    ``disks``: what the kubelet will look at, each {of: kubelet | images, path, free, total} in bytes.
    """
    if ask.target != "kubeadm":
        return {"kubeadm_preflight": Unseen("only looked at for kubeadm")}
    if sys.platform != "linux":
        return {"kubeadm_preflight": Unseen("kubeadm runs on Linux only")}
    # What an earlier launch of this very stack left half made is cleared away by the next one.
    half = kubeadm.half_made(ask.folder)
    made = not half and (Path(_ADMIN).exists() or _any_in(_MANIFESTS))
    taken: dict[str, Json] = {}
    for port in () if made or half else PORTS:
        if reason := ports.why_not_free("0.0.0.0", port):  # noqa: S104 - where they will listen; closed at once
            taken[str(port)] = reason
    path = os.pathsep.join((os.environ.get("PATH", ""), _SBIN))
    host = platform.node()
    runtime = next((socket for socket in SOCKETS if Path(socket).exists()), "")
    return {
        "kubeadm_preflight": {
            "made": made,
            "ours": kubeadm.made_here(ask.folder),
            "admin_conf": _ADMIN if Path(_ADMIN).exists() else "",
            "admin_conf_readable": os.access(_ADMIN, os.R_OK),
            "etcd_data": not half and _any_in(_ETCD),
            "root": os.geteuid() == 0,
            "swap": [one_line(line.split()[0], limit=80) for line in _lines("/proc/swaps")[1:] if line.split()],
            "ip_forward": "".join(_lines("/proc/sys/net/ipv4/ip_forward")).strip(),
            "missing": [name for name in PROGRAMS if shutil.which(name, path=path) is None],
            "runtime": runtime,
            "runtime_version": _version("containerd", "--version"),
            "kubelet": _version("kubelet", "--version"),
            "kernel": platform.release(),
            "container": Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
            "cgroup": "2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "1",
            "ports": taken,
            "hostname": one_line(host, limit=120),
            "resolvable": machine.resolves(host),
            "disks": _disks(_IMAGES.get(Path(runtime).name, _CONTAINERD)),
        }
    }


def _any_in(folder: str) -> bool:
    try:
        return any(Path(folder).iterdir())
    except OSError:
        return False


def _disks(images: str) -> list[Json]:
    found: list[Json] = []
    for of, folder in (("kubelet", _KUBELET), ("images", images)):
        place = nearest(Path(folder))
        with contextlib.suppress(OSError):
            free, total = machine.space(place)
            found.append({"of": of, "path": str(place), "free": free, "total": total})
    return found


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []


def _version(name: str, *words: str) -> str:
    path = probe_command.find(name)
    if path is None:
        return ""
    said = probe_command.ask((path, *words), timeout=_DEADLINE - 2)
    return one_line(said.out, limit=120) if said.ok else ""


PROBES = (
    Probe(
        ("kubeadm_preflight",),
        "/proc, /etc/kubernetes, PATH, bind on each port",
        "the kubeadm target",
        _DEADLINE,
        probe,
    ),
)
