"""SELinux: bind mounts need a label where it is enforcing."""

from __future__ import annotations

from pathlib import Path

from airflow_wizard.host.probe import Ask, Probe, Seen

_SWITCH = Path("/sys/fs/selinux/enforce")


def probe(_: Ask) -> Seen:
    """``{mode}``: ``enforcing``, ``permissive`` or ``disabled``."""
    if not _SWITCH.exists():
        return {"selinux": {"mode": "disabled"}}
    return {"selinux": {"mode": "enforcing" if _SWITCH.read_text().strip() == "1" else "permissive"}}


PROBES = (Probe(("selinux",), str(_SWITCH), "bind mounts", 1.0, probe),)
