"""Can the stack's folder be written? Seen by writing, because permission bits do not tell the truth."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import machine
from airflow_wizard.host.probe import Ask, Probe, Seen
from airflow_wizard.host.probes.nearest import nearest

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json


def probe(ask: Ask) -> Seen:
    """``{path, exists, writable, reason, tested, filesystem, free, installed}``.

    ``tested`` is the folder a temporary file was made in and removed from again: the folder itself, or the
    nearest parent that exists. ``installed``: a stack whose Airflow was installed to the end is there already.
    """
    folder = ask.folder.absolute()
    place = nearest(folder)
    reason = _why_not_writable(place)
    value: dict[str, Json] = {
        "path": str(folder),
        "exists": folder.is_dir(),
        "writable": not reason,
        "reason": reason,
        "tested": str(place),
        "installed": (folder / ".airflow-wizard" / "stamps" / "install").is_file(),
        "filesystem": machine.mount_of(place)[1] if not reason else "",
        "free": machine.space(place)[0] if not reason else None,
    }
    return {"folder": value}


def _why_not_writable(place: Path) -> str:
    if not place.is_dir():
        return f"{place} is not a folder"
    try:
        handle, name = tempfile.mkstemp(prefix=".airflow-wizard-", dir=place)
    except OSError as error:
        return error.strerror or str(error)
    os.close(handle)
    Path(name).unlink(missing_ok=True)
    return ""


PROBES = (Probe(("folder",), "a temporary file made and removed", "whether a stack can be written", 2.0, probe),)
