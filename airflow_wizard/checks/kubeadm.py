"""Checks of a server that kubeadm shall make a cluster on: its own preflight, seen before it is run.

Source: cmd/kubeadm/app/preflight in Kubernetes; names in brackets are those that --ignore-preflight-errors takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.checks.docker import numbers
from airflow_wizard.checks.hints import family
from airflow_wizard.checks.kube_case import amount, rows, words
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.cluster import EVICTED_BELOW
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.finding import Finding

_FACT = "kubeadm_preflight"
_REQUIRED = ("ip", "iptables", "mount", "nsenter")
_PACKAGES = {"ip": "iproute2", "tc": "iproute2", "nsenter": "util-linux", "conntrack": "conntrack"}
# Containerd's own table: Kubernetes 1.36 asks for 2.2, 1.35 for 1.7.28; 1.7 ended in September 2026.
_CONTAINERD = (2, 2, 0)
# What a launch brings: Kubernetes' images, Airflow's, the database's, and the first logs.
_LAUNCH_BYTES = 6 << 30


def _bare(judge: Callable[[Case], Finding]) -> Callable[[Case], Finding]:
    """``judge`` where no cluster is yet; one that runs has passed all of this."""

    def judged(case: Case) -> Finding:
        return case.ok("the cluster is there") if case.facts.value(_FACT, "made") is True else judge(case)

    return judged


def _runtime(case: Case) -> Finding:
    socket, version = case.facts.text(_FACT, "runtime"), case.facts.text(_FACT, "runtime_version")
    package = {
        "debian": ("sudo", "apt-get", "install", "containerd"),
        "fedora": ("sudo", "dnf", "install", "containerd.io"),
    }
    install = Fix(
        "Install containerd and start it",
        Risk.PRIVILEGED,
        (package.get(family(case.facts), package["debian"]), ("sudo", "systemctl", "enable", "--now", "containerd")),
    )
    if not socket:
        why = "The kubelet starts containers by it. [CRI]"
        found = f"{one_line(version, limit=60)}, which does not run" if version else "none"
        return case.warn(found, "containerd 2.2", why, install)
    match = re.search(r"v?\d+\.\d+\.\d+", version)
    read = numbers(match[0]) if match else None
    if "containerd" in socket and read is not None and read < _CONTAINERD:
        why = "Kubernetes 1.36 asks for 2.2; 1.35 works with 1.7.28 as well, which gets no fixes any more."
        return case.warn(one_line(match[0] if match else version), "2.2", why, install)
    return case.ok(one_line(f"{match[0]} ({socket})" if match else socket))


def _swap(case: Case) -> Finding:
    if not (swaps := words(case.facts.value(_FACT, "swap"))):
        return case.ok("none")
    off = (("sudo", "swapoff", "--all"), ("sudo", "systemctl", "mask", "swap.target"))
    why = "The kubelet does not start while there is swap, unless it is told to (failSwapOn: false). [Swap]"
    return case.warn(one_line(", ".join(swaps), limit=80), "none", why, Fix("Switch it off", Risk.PRIVILEGED, off))


def _forwarding(case: Case) -> Finding:
    if (seen := case.facts.text(_FACT, "ip_forward")) == "1":
        return case.ok("on")
    keep = ("sudo", "sh", "-c", "echo net.ipv4.ip_forward=1 > /etc/sysctl.d/99-kubernetes.conf")
    why = "Pods reach each other through the node. [FileContent--proc-sys-net-ipv4-ip_forward]"
    fix = Fix("Switch it on, now and after a restart", Risk.PRIVILEGED, (keep, ("sudo", "sysctl", "--system")))
    return case.warn("off" if seen == "0" else "unknown", "on", why, fix)


def _programs(case: Case) -> Finding:
    missing = words(case.facts.value(_FACT, "missing"))
    needed = [name for name in missing if name in _REQUIRED]
    if not missing:
        return case.ok("all there")
    packages = sorted({_PACKAGES.get(name, name) for name in missing if name.isalnum()})
    installer = {"fedora": ("dnf", "install"), "suse": ("zypper", "install"), "arch": ("pacman", "-S")}
    command = ("sudo", *installer.get(family(case.facts), ("apt-get", "install")), *packages)
    fix = Fix("Install them", Risk.PRIVILEGED, (command,))
    found = f"missing: {one_line(', '.join(missing), limit=80)}"
    if needed:
        return case.fail(found, ", ".join(_REQUIRED), "kubeadm refuses to begin without them. [FileExisting-…]", fix)
    return case.info(found, "kubeadm warns; port forwards need socat with some runtimes. [FileExisting-…]", fix)


def _ports(case: Case) -> Finding:
    taken = case.facts.value(_FACT, "ports")
    held = sorted(taken) if isinstance(taken, dict) else []
    if not held:
        return case.ok("6443, 10250, 10257, 10259, 2379, 2380 are free")
    see = Fix("See who has them", Risk.PRIVILEGED, (("sudo", "ss", "-lntp"),))
    why = "The parts of Kubernetes listen there. What is left of an earlier cluster holds them too. [Port-…]"
    reset = Fix("Were it an earlier cluster: remove it", Risk.DESTRUCTIVE, (("sudo", "kubeadm", "reset"),))
    return case.fail(f"taken: {one_line(', '.join(held))}", "free ports", why, see, reset)


def _left(case: Case) -> Finding:
    if case.facts.value(_FACT, "etcd_data") is not True:
        return case.ok("nothing")
    reset = Fix("Remove it with everything that was in it", Risk.DESTRUCTIVE, (("sudo", "kubeadm", "reset"),))
    why = "kubeadm refuses to begin over the data of an earlier cluster. [DirAvailable--var-lib-etcd]"
    return case.fail("/var/lib/etcd is not empty", "none", why, reset)


def _system(case: Case) -> Finding:
    kernel, cgroup = one_line(case.facts.text(_FACT, "kernel"), limit=60), case.facts.text(_FACT, "cgroup")
    match = re.match(r"(\d+)\.(\d+)", kernel)
    found = f"Linux {kernel}, control groups v{cgroup or '?'}"
    update = Fix("Update the system, then start it again", Risk.PRIVILEGED, (("sudo", "reboot"),))
    if match and (int(match[1]), int(match[2])) < (5, 4):
        return case.fail(found, "Linux 5.4", "kubeadm refuses older kernels. [SystemVerification]", update)
    if cgroup == "1":
        why = "The kubelet of Kubernetes 1.35 and newer has to be told to go on with v1 (failCgroupV1: false)."
        args = ("sudo", "grubby", "--update-kernel=ALL", "--args=systemd.unified_cgroup_hierarchy=1")
        return case.warn(
            found, "control groups v2", why, Fix("Boot with v2", Risk.PRIVILEGED, (args, ("sudo", "reboot")))
        )
    return case.ok(found)


def _name(case: Case) -> Finding:
    host = one_line(case.facts.text(_FACT, "hostname"), limit=60)
    if case.facts.value(_FACT, "resolvable") is True:
        return case.ok(host)
    why = "The node is called by it; parts of Kubernetes look it up. [Hostname]"
    return case.warn(
        f"{host} is not known here",
        "a name that resolves",
        why,
        Fix("See", commands=(("getent", "hosts", host or "HOST"),)),
    )


def _disk(case: Case) -> Finding:
    measured = [
        (free, row)
        for row in rows(case.facts.value(_FACT, "disks"))
        if (free := amount(row, "free")) is not None and amount(row, "total") is not None
    ]
    if not measured:
        return case.unknown("it was not measured")
    free, row = min(measured, key=lambda one: one[0])
    found = f"{human_bytes(free)} of {human_bytes(amount(row, 'total') or 0)} free ({one_line(row.get('path'))})"
    if free >= _LAUNCH_BYTES + EVICTED_BELOW:
        return case.ok(found)
    why = (
        "A kubelet whose disk is nearly full takes no pod, throws out those it has, and deletes images; "
        f"kubeadm.yaml sets that at {human_bytes(EVICTED_BELOW)}."
    )
    fixes = (
        Fix("See what takes it", Risk.PRIVILEGED, (("sudo", "du", "-xhd2", "/var"),)),
        Fix("Remove old logs of the system", Risk.PRIVILEGED, (("sudo", "journalctl", "--vacuum-size=200M"),)),
    )
    needed = human_bytes(_LAUNCH_BYTES + EVICTED_BELOW)
    return (case.warn if free > EVICTED_BELOW else case.fail)(found, needed, why, *fixes)


def _declare(name: str, title: str, why: str, judge: Callable[[Case], Finding]) -> Check:
    only = frozenset({Target.KUBEADM})
    return Check(f"kubeadm.{name}", title, why, (_FACT,), _bare(judge), only, also=("system",))


CHECKS = (
    _declare("runtime", "Container runtime", "The kubelet starts containers by it.", _runtime),
    _declare("system", "Kernel", "Kubernetes runs on it.", _system),
    _declare("swap", "Swap", "The kubelet counts on memory that is real.", _swap),
    _declare("forwarding", "IP forwarding", "Pods reach each other through the node.", _forwarding),
    _declare("programs", "Programs", "kubeadm and the kubelet call them.", _programs),
    _declare("ports", "Kubernetes' ports", "Its parts listen there.", _ports),
    _declare("left", "Earlier cluster", "kubeadm does not begin over one.", _left),
    _declare("disk", "Kubelet's disk", "When it is nearly full, no pod is taken.", _disk),
    _declare("name", "Host name", "The node is called by it.", _name),
)
