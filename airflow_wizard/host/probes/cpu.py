"""Processors."""

from __future__ import annotations

from airflow_wizard.engines import machine
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.host.probes.cgroup import cpu_quota


def probe(_: Ask) -> Seen:
    """``{count, quota}``: processors this process may run on, and the cgroup's quota or null."""
    return {"cpu": {"count": machine.processors(), "quota": cpu_quota()}}


PROBES = (Probe(("cpu",), "sched_getaffinity, cgroup cpu.max", "parallelism", 1.0, probe),)
