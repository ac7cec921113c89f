"""What a container takes, read from the kernel where its processes are processes of this machine.

Far cheaper than asking the engine, and memory is PSS: what several containers share (an image's libraries) is
counted once. Sources: cgroups(7), Documentation/admin-guide/cgroup-v1/cpuacct.rst and cgroup-v2.rst of Linux.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from airflow_wizard.engines.process_table import pss_of

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The control group of one running container on this machine."""

    folder: Path

    def cpu_seconds(self) -> float | None:
        """CPU time of everything that ran in it, ended processes included; None when it is gone."""
        try:
            if (nanoseconds := self.folder / "cpuacct.usage").exists():
                return int(nanoseconds.read_text()) / 1e9
            for line in (self.folder / "cpu.stat").read_text().splitlines():
                if line.startswith("usage_usec "):
                    return int(line.split()[1]) / 1e6
        except (OSError, ValueError, IndexError):
            pass
        return None

    def pids(self) -> tuple[int, ...]:
        """Its processes; () when it is gone."""
        try:
            return tuple(map(int, (self.folder / "cgroup.procs").read_text().split()))
        except (OSError, ValueError):
            return ()

    def working_set(self) -> int | None:
        """What a memory limit counts, without the page cache that can be given back; None when it cannot be read."""
        second = self.folder / "memory.current"
        folder = self.folder if second.exists() else _beside(self.folder)
        try:
            usage = int((second if second.exists() else folder / "memory.usage_in_bytes").read_text())
            words = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            return max(0, usage - int(words.get("total_inactive_file", words.get("inactive_file", 0))))
        except (OSError, ValueError):
            return None

    def memory(self) -> int | None:
        """PSS of its processes in bytes; None when this user may not read it, or it is gone."""
        sizes = []
        for pid in self.pids():
            try:
                sizes.append(pss_of(pid))
            except PermissionError:
                return None
            except OSError:
                continue
        return sum(sizes) if sizes else None


def _beside(folder: Path) -> Path:
    """Of the first version, where each controller has its own tree: the same group in that of memory."""
    parts = folder.parts
    mount = len(_ROOT.parts)
    return Path(*parts[:mount], "memory", *parts[mount + 1 :])


def control_group(container: str, pid: int) -> ControlGroup | None:
    """The control group of a container; None when its process is not one of this machine.

    Args:
        container: its full id, without which a process of the same number could be taken for it.
        pid: of its first process, as the engine tells it.
    """
    if pid <= 0 or not container:
        return None
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if container not in path or not (controllers == "" or "cpuacct" in controllers.split(",")):
            continue
        for mount in (controllers, "cpuacct") if controllers else ("",):
            folder = _ROOT / mount / path.lstrip("/")
            if (folder / "cpuacct.usage").is_file() or (folder / "cpu.stat").is_file():
                return ControlGroup(folder)
    return None
