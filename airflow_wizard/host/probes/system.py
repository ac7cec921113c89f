"""Operating system, distribution, WSL and architecture."""

from __future__ import annotations

import getpass
import platform
import sys
from pathlib import Path

from airflow_wizard.engines.docker_endpoint import home
from airflow_wizard.host.probe import Ask, Probe, Seen

_OS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
# What platform.machine() calls the same thing on different systems.
_ARCH = {"amd64": "x86_64", "arm64": "aarch64"}


def probe(_: Ask) -> Seen:
    """``{os, release, distro, distro_like, distro_version, wsl, arch, user, home}``; ``wsl`` is 0, 1 or 2."""
    release = platform.release()
    name, like, version = _distro()
    machine = platform.machine().lower()
    return {
        "system": {
            "os": _OS.get(sys.platform, sys.platform),
            "release": release,
            "distro": name,
            "distro_like": like,
            "distro_version": version,
            "wsl": _wsl(release),
            "arch": _ARCH.get(machine, machine),
            # For commands a person can paste: quoted words are not expanded by a shell.
            "user": _user(),
            "home": str(home()),
        }
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""  # a container whose uid has no passwd entry


def _wsl(release: str) -> int:
    """WSL 2 kernels are called ``…-microsoft-standard-WSL2``, WSL 1 says ``…-Microsoft``."""
    low = release.lower()
    if "microsoft" not in low:
        return 0
    return 2 if "wsl2" in low or "microsoft-standard" in low else 1


def _distro() -> tuple[str, str, str]:
    if sys.platform == "darwin":
        return "macos", "", platform.mac_ver()[0]
    if sys.platform == "win32":
        return "windows", "", platform.version()
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        return "", "", ""
    like = known.get("ID_LIKE", "")
    return known.get("ID", ""), like, known.get("VERSION_ID", "")


PROBES = (
    Probe(
        ("system",),
        "uname, /etc/os-release" if Path("/etc").is_dir() else "platform",
        "the installer and every hint that names a package",
        1.0,
        probe,
    ),
)
