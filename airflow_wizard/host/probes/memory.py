"""Memory, and the cgroup limit that makes the machine's own number meaningless."""

from __future__ import annotations

from airflow_wizard.engines import machine
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.host.probes.cgroup import memory_limit


def probe(_: Ask) -> Seen:
    """``{total, available, swap, limit}`` in bytes; ``limit`` is null when no cgroup limits us."""
    total, available, swap = machine.memory()
    return {"memory": {"total": total, "available": available, "swap": swap, "limit": memory_limit()}}


PROBES = (Probe(("memory",), "psutil.virtual_memory, cgroup memory.max", "whether Airflow fits", 1.0, probe),)
