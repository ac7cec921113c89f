"""How many files and folders may be watched: each node of kind takes its share of the machine's."""

from __future__ import annotations

import sys
from pathlib import Path

from airflow_wizard.host.probe import Ask, Probe, Seen, Unseen

FOLDER = Path("/proc/sys/fs/inotify")


def probe(_: Ask) -> Seen:
    """``{watches, instances}``: per user; they are not divided between containers."""
    if sys.platform != "linux":
        return {"inotify": Unseen("the engine runs inside a virtual machine")}
    return {"inotify": {"watches": _number("max_user_watches"), "instances": _number("max_user_instances")}}


def _number(name: str) -> int | None:
    try:
        return int((FOLDER / name).read_text())
    except (OSError, ValueError):
        return None


PROBES = (Probe(("inotify",), str(FOLDER), "nodes of kind", 1.0, probe),)
