"""Free space where the stack really lands."""

from __future__ import annotations

from airflow_wizard.engines import machine
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.host.probes.nearest import nearest


def probe(ask: Ask) -> Seen:
    """``{path, free, total, mount}``; bytes that this user may still write."""
    place = nearest(ask.folder)
    free, total = machine.space(place)
    return {"disk": {"path": str(place), "free": free, "total": total, "mount": machine.mount_of(place)[0]}}


PROBES = (Probe(("disk",), "statvfs of the stack's folder", "whether the installation fits", 2.0, probe),)
