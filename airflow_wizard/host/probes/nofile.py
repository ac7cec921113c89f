"""The open-files limit that containers inherit."""

from __future__ import annotations

import sys

from airflow_wizard.engines import machine
from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen


def probe(_: Ask) -> Seen:
    """``{limit, process}``; -1 means unlimited. Containers inherit containerd's limit, not dockerd's (moby#44547)."""
    if sys.platform != "linux":
        return {"nofile": Unseen("the engine runs inside a virtual machine")}
    for program in ("containerd", "dockerd"):
        limit = machine.open_files_limit(program)
        if limit is not None:
            return {"nofile": {"limit": limit, "process": program}}
    return {"nofile": Unseen("no containerd or dockerd runs on this machine")}


PROBES = (Probe(("nofile",), "/proc/PID/limits of containerd", "memory of containers", 2.0, probe),)
