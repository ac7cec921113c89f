"""The control group that limits this very process (Linux); both versions."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
SELF = Path("/proc/self/cgroup")
# cgroup v1 says "no limit" with the largest multiple of a page below 2^63.
_NO_LIMIT = 1 << 60


def memory_limit(root: Path = ROOT, me: Path = SELF) -> int | None:
    """Bytes this process may use; None when nothing limits it. The tightest of all parents counts."""
    limits = [_number(f) for f in _files(root, me, "memory.max", "memory", "memory.limit_in_bytes")]
    real = [n for n in limits if n is not None and 0 < n < _NO_LIMIT]
    return min(real) if real else None


def cpu_quota(root: Path = ROOT, me: Path = SELF) -> float | None:
    """Processors' worth of time this process may use; None when nothing limits it."""
    quotas: list[float] = []
    for file in _files(root, me, "cpu.max", "cpu", "cpu.cfs_quota_us"):
        words = _read(file).split()
        if file.name == "cpu.cfs_quota_us":
            words += _read(file.with_name("cpu.cfs_period_us")).split()
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]) > 0:
            quotas.append(int(words[0]) / int(words[1]))
    real = [q for q in quotas if q > 0]
    return min(real) if real else None


def _files(root: Path, me: Path, unified: str, controller: str, legacy: str) -> list[Path]:
    """The file of our group and of each of its parents."""
    found: list[Path] = []
    for line in _read(me).splitlines():
        number, _, rest = line.partition(":")
        controllers, found_path, path = rest.partition(":")
        if not number or not found_path:
            continue
        if not controllers:
            base, name = root, unified
        elif controller in controllers.split(","):
            base, name = root / controllers, legacy
            if not base.is_dir():
                base = root / controller
        else:
            continue
        group = base / path.lstrip("/")
        # In a container the path is the host's and does not exist; the mount's root is then our own group.
        found += [folder / name for folder in (group, *group.parents) if folder == base or base in folder.parents]
    return [f for f in found if f.is_file()]


def _number(file: Path) -> int | None:
    text = _read(file).strip()
    return int(text) if text.isdigit() else None


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
