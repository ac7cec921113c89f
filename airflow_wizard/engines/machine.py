"""Numbers of this machine that need psutil or the file system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def memory() -> tuple[int, int, int]:
    """Total memory, available memory and total swap of the machine in bytes, before any cgroup limit."""
    import psutil

    seen = psutil.virtual_memory()
    return int(seen.total), int(seen.available), int(psutil.swap_memory().total)


def processors() -> int:
    """Processors this process may use; affinity counts, a cgroup quota does not."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def space(folder: Path) -> tuple[int, int]:
    """Free (for this user) and total bytes of the file system that ``folder`` is on.

    Raises:
        OSError: the folder does not exist or cannot be looked at.
    """
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def mount_of(folder: Path) -> tuple[str, str]:
    """Mount point and file system type of ``folder``; empty strings when they cannot be told."""
    import psutil

    path = str(folder.resolve())
    best = ("", "")
    try:
        partitions = psutil.disk_partitions(all=True)
    except (psutil.Error, OSError):
        return best
    for part in partitions:
        point = part.mountpoint.rstrip("/\\")
        if (path == part.mountpoint or path.startswith(point + os.sep)) and len(part.mountpoint) >= len(best[0]):
            best = (part.mountpoint, part.fstype)
    return best


def open_files_limit(program: str) -> int | None:
    """Soft ``Max open files`` of the first running process called ``program``; None when there is none (Linux).

    -1 means unlimited. ``/proc/PID/limits`` may be read by every user, so no container has to be started to ask.
    """
    import psutil

    for process in psutil.process_iter(["name"]):
        if process.info["name"] != program:
            continue
        try:
            lines = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith("Max open files"):
                soft = line.split()[3]
                return -1 if soft == "unlimited" else int(soft)
    return None


def resolves(name: str) -> bool:
    """Whether a host name is known here; a slow name server counts as no."""
    import socket

    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return False
    return True
