"""The probes, one module per subject. Each module offers ``PROBES``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.host.probe import Probe

# The slow ones first: they are started in this order.
_MODULES = (
    "cluster",
    "network",
    "microk8s_status",
    "kubeadm_preflight",
    "pythons",
    "docker",
    "compose",
    "tools",
    "uv",
    "ports",
    "folder",
    "chart",
    "disk",
    "memory",
    "cpu",
    "system",
    "proxy",
    "locale",
    "nofile",
    "inotify",
    "selinux",
)


def each_probe() -> Iterator[Probe]:
    """Every probe there is, one after the other: the slow ones can run while the others are still being loaded."""
    for name in _MODULES:
        yield from import_module(f"{__name__}.{name}").PROBES


@cache
def all_probes() -> tuple[Probe, ...]:
    """Every probe there is."""
    return tuple(each_probe())


def all_subjects() -> frozenset[str]:
    """Every subject that can be measured."""
    return frozenset(subject for probe in all_probes() for subject in probe.subjects)
