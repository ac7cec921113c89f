"""Commands that differ from system to system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts

# What each distribution calls its own Python 3, by release; others package every minor version.
_DEBIAN_PYTHONS = {
    ("debian", "11"): "3.9",
    ("debian", "12"): "3.11",
    ("debian", "13"): "3.13",
    ("ubuntu", "22.04"): "3.10",
    ("ubuntu", "24.04"): "3.12",
}


def family(facts: HostFacts) -> str:
    """``debian``, ``fedora``, ``suse``, ``arch``, ``macos``, ``windows`` or empty."""
    distro = facts.text("system", "distro")
    words = {distro, *facts.text("system", "distro_like").split()}
    for name, members in (
        ("debian", {"debian", "ubuntu"}),
        ("fedora", {"fedora", "rhel", "centos"}),
        ("suse", {"suse", "opensuse"}),
        ("arch", {"arch"}),
    ):
        if words & members:
            return name
    return facts.text("system", "os") if facts.text("system", "os") in ("macos", "windows") else ""


def install_python(facts: HostFacts, minor: str) -> tuple[Fix, ...]:
    """Ways to get Python ``minor`` here; the system's own package first where there is one."""
    by_uv = Fix(
        f"Let uv fetch Python {minor} (30 MB, into your home folder)",
        commands=(("uv", "python", "install", minor),),
    )
    command: tuple[str, ...] = ()
    match family(facts):
        case "debian":
            key = (facts.text("system", "distro"), facts.text("system", "distro_version"))
            if _DEBIAN_PYTHONS.get(key) == minor:
                command = ("sudo", "apt-get", "install", f"python{minor}")
        case "fedora":
            command = ("sudo", "dnf", "install", f"python{minor}")
        case "suse":
            command = ("sudo", "zypper", "install", f"python{minor.replace('.', '')}")
        case "macos":
            return (Fix(f"Install Python {minor}", commands=(("brew", "install", f"python@{minor}"),)), by_uv)
    if not command:
        return (by_uv,)
    return (by_uv, Fix(f"Install Python {minor} for all users", Risk.PRIVILEGED, (command,)))


def install_docker(facts: HostFacts) -> Fix:
    """The way Docker's own documentation gives for this system."""
    if family(facts) == "macos":
        return Fix("Install Docker Desktop, then start it", commands=(("brew", "install", "--cask", "docker-desktop"),))
    if family(facts) == "windows" or facts.number("system", "wsl"):
        return Fix(
            "Install Docker Desktop in Windows, and switch on its integration with this distribution",
            Risk.PRIVILEGED,
            (("winget.exe", "install", "Docker.DockerDesktop"),),
        )
    return Fix(
        "Install Docker Engine with Compose by Docker's script; read it first",
        Risk.PRIVILEGED,
        (("curl", "-fsSL", "https://get.docker.com", "-o", "get-docker.sh"), ("sudo", "sh", "get-docker.sh")),
    )


# The shipped profile of each target.
_PROFILES = {
    Target.STANDALONE: "standalone-quickstart",
    Target.COMPOSE: "laptop-lite",
    Target.KIND: "kind-dev",
    Target.MICROK8S: "microk8s-team",
    Target.KUBEADM: "kubeadm-homeserver",
    Target.CONTEXT: "any-cluster",
}


def launch_in(folder: str, target: Target | None) -> tuple[str, ...]:
    """The command that puts a stack of this target into another folder."""
    return ("airflow-wizard", "up", "--profile", _PROFILES[target or Target.STANDALONE], "--dir", folder)


def home_folder(facts: HostFacts) -> str:
    """A folder below the person's home."""
    return f"{facts.text('system', 'home') or '/home/YOU'}/airflow-demo"


def without_containers() -> Fix:
    """Another target that needs no engine."""
    return Fix("Or run Airflow without containers", commands=(("airflow-wizard", "check", "--target", "standalone"),))


def fetch_tool(name: str) -> Fix:
    """By the wizard itself, into a folder of its own: no root, and the file is checked by its published digest."""
    return Fix(f"Fetch {name} into the wizard's own folder", commands=(("airflow-wizard", "tools", "get", name),))


def install_tool(facts: HostFacts, name: str, snap: tuple[str, ...] = ()) -> Fix:
    """By Homebrew or snap.

    Args:
        facts: of the host.
        name: package name.
        snap: arguments after ``snap install NAME``; empty when there is no such snap.
    """
    if family(facts) == "macos" or not snap:
        return Fix(f"Install {name}", commands=(("brew", "install", name),))
    return Fix(f"Install {name}", Risk.PRIVILEGED, (("sudo", "snap", "install", name, *snap),))
