"""The probes, one module per subject. Each module offers ``PROBES``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_wizard.host.probe import Probe

# The slow ones first: they are started in this order.
_MODULES = (
    "network",
    "pythons",
    "docker",
    "compose",
    "tools",
    "uv",
    "ports",
    "folder",
    "disk",
    "memory",
    "cpu",
    "system",
    "proxy",
    "locale",
    "nofile",
    "selinux",
)


@cache
def all_probes() -> tuple[Probe, ...]:
    """Every probe there is."""
    return tuple(probe for name in _MODULES for probe in import_module(f"{__name__}.{name}").PROBES)


def all_subjects() -> frozenset[str]:
    """Every subject that can be measured."""
    return frozenset(subject for probe in all_probes() for subject in probe.subjects)
