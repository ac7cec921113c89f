"""Checks of what the engine can give: its memory, processors, disk and settings, not those of the laptop around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.docker import CONTAINERS
from airflow_wizard.checks.hints import home_folder, launch_in
from airflow_wizard.checks.machine import GIB, MIB
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.finding import Finding

# airflow-init of the official compose file warns below 4000 MiB, 2 processors and 10 GiB.
MEMORY_COMFORT, CPU_COMFORT, DISK_COMFORT = 4000 * MIB, 2, 10 * GIB
# A virtual machine set to 2 GB reports a little less than 2 GiB; decimal gigabytes keep it on the right side.
MEMORY_LEAST = 2 * 1000**3
# Control plane, Airflow's chart and one pod per task; a virtual machine set to 6 GB reports a little less.
KIND_COMFORT = 6 * 1000**3
# Two images unpacked: 1.6 GB for Airflow, 0.5 GB for PostgreSQL, and room to write.
DISK_LEAST = 3 * GIB
# Equality would miss one of the two values in the wild (1073741816 and 2147483584).
NOFILE_TRAP = 2**24


def _when_reachable(judge: Callable[[Case], Finding]) -> Callable[[Case], Finding]:
    def judged(case: Case) -> Finding:
        if case.facts.value("docker", "reachable") is True:
            return judge(case)
        if case.target is None and case.facts.text("docker", "error_kind") == "not_installed":
            return case.info("no engine", "Only needed for Compose and kind.")
        return case.unknown("the engine could not be asked", causes=("docker.engine",))

    return judged


def _memory(case: Case) -> Finding:
    memory = case.facts.number("docker", "memory")
    if not memory:
        return case.unknown("the engine did not say")
    found, needed = human_bytes(memory), "4 GB, better 8"
    small = Fix("Use the smallest topology", answers=(("executor", "LocalExecutor"),), id="engine.local-executor")
    if memory < MEMORY_LEAST:
        why = "The containers need 2.1 GB at the least: the kernel would kill one after the other."
        return case.fail(found, needed, why, more_memory(case), small)
    if case.is_for(Target.KIND):
        if memory < KIND_COMFORT:
            why = "Kubernetes takes 1 GB, Airflow's chart 3 GB, each task a pod of its own: pods would be evicted."
            return case.warn(found, human_bytes(KIND_COMFORT), why, more_memory(case), small)
        return case.ok(found, human_bytes(KIND_COMFORT))
    if memory < MEMORY_COMFORT:
        why = "Below 4 GB the scheduler is killed under load, and the page keeps restarting."
        return case.warn(found, needed, why, more_memory(case), small)
    return case.ok(found, needed)


def more_memory(case: Case) -> Fix:
    """How to give more memory to the engine, which depends on who runs it."""
    match case.facts.text("docker", "provider"):
        case "desktop" if case.facts.number("system", "wsl") or case.facts.text("system", "os") == "windows":
            return Fix(
                "In Windows, set memory=8GB under [wsl2] in %UserProfile%\\.wslconfig, then restart WSL",
                Risk.DISRUPTIVE,
                (("wsl.exe", "--shutdown"),),
            )
        case "desktop":
            return Fix("Docker Desktop: Settings, Resources, Memory: 8 GB, then Apply and restart", Risk.DISRUPTIVE)
        case "colima":
            return Fix("Give colima 8 GB", Risk.DISRUPTIVE, (("colima", "stop"), ("colima", "start", "--memory", "8")))
        case "orbstack":
            return Fix("Give OrbStack 8 GB", Risk.DISRUPTIVE, (("orb", "config", "set", "memory_mib", "8192"),))
        case "rancher":
            return Fix(
                "Give Rancher Desktop 8 GB",
                Risk.DISRUPTIVE,
                (("rdctl", "set", "--virtual-machine.memory-in-gb", "8"),),
            )
        case _:
            return Fix(
                "See what uses the machine's memory", commands=(("free", "-h"), ("docker", "stats", "--no-stream"))
            )


def _cpu(case: Case) -> Finding:
    cpus = case.facts.number("docker", "cpus")
    if not cpus:
        return case.unknown("the engine did not say")
    found = f"{cpus:.0f} core{'' if cpus == 1 else 's'}"
    if cpus < CPU_COMFORT:
        return case.warn(
            found,
            f"{CPU_COMFORT}",
            "All containers share one core: starting takes minutes and heartbeats come late.",
            Fix("Use the smallest topology", answers=(("executor", "LocalExecutor"),), id="engine.local-executor"),
        )
    return case.ok(found, f"{CPU_COMFORT}")


def _disk(case: Case) -> Finding:
    free = case.facts.number("docker", "root_free")
    root = one_line(case.facts.text("docker", "root_dir"))
    if free is None:
        return case.unknown(f"{root or 'its folder'} is not on this machine's own disk")
    found = f"{human_bytes(free)} free on {root}"
    prune = Fix(
        "Remove what no container uses (images, build cache)",
        Risk.DESTRUCTIVE,
        (("docker", "system", "df"), ("docker", "system", "prune")),
    )
    if free < DISK_LEAST:
        return case.fail(found, "10 GB", "The images alone take 2.1 GB unpacked.", prune)
    if free < DISK_COMFORT:
        return case.warn(found, "10 GB", "Images, logs and the database grow; a full disk stops everything.", prune)
    return case.ok(found, "10 GB")


def _cgroup(case: Case) -> Finding:
    version = case.facts.text("docker", "cgroup_version")
    if version == "2":
        return case.ok(f"v2, {case.facts.text('docker', 'cgroup_driver')}")
    if version != "1":
        return case.unknown("the engine did not say")
    if not case.is_for(Target.KIND):
        return case.info("v1", "Compose works with it; Kubernetes 1.35 and newer does not.")
    unify = Fix(
        "Boot with control groups v2",
        Risk.PRIVILEGED,
        (("sudo", "grubby", "--update-kernel=ALL", "--args=systemd.unified_cgroup_hierarchy=1"), ("sudo", "reboot")),
    )
    if case.facts.value("docker", "rootless") is True:
        return case.fail("v1, rootless", "v2", "kind refuses a rootless engine on control groups v1.", unify)
    return case.warn(
        "v1",
        "v2",
        "Kubernetes gives v1 up: from 1.35 on the kubelet starts only when it is told to, as kind.yaml does.",
        unify,
    )


def _nofile(case: Case) -> Finding:
    docker = case.facts.get("docker")
    if docker is not None and docker.known and case.facts.value("docker", "reachable") is not True:
        return case.unknown("the engine could not be asked", causes=("docker.engine",))
    limit = case.facts.number("nofile", "limit")
    if limit is None:
        return case.unknown("the limit is not in the facts")
    found = "unlimited" if limit < 0 else f"{limit:.0f}"
    if 0 <= limit < NOFILE_TRAP:
        return case.ok(found)
    return case.warn(
        f"{found} open files",
        f"less than {NOFILE_TRAP}",
        "Airflow's and Celery's daemons walk through every possible file number at start: "
        "a container then takes all memory or hangs for minutes.",
        Fix(
            "Give the service a limit: [Service] LimitNOFILE=1024:524288",
            Risk.PRIVILEGED,
            (
                ("sudo", "systemctl", "edit", "containerd"),
                ("sudo", "systemctl", "daemon-reload"),
                ("sudo", "systemctl", "restart", "containerd", "docker"),
            ),
        ),
    )


def _snap(case: Case) -> Finding:
    if case.facts.value("docker", "snap") is not True:
        return case.ok("not a snap")
    home, folder = case.facts.text("system", "home"), case.facts.text("folder", "path")
    if home and folder.startswith(f"{home.rstrip('/')}/"):
        return case.info("Docker is a snap", "It sees only files below your home folder; the stack is there.")
    return case.warn(
        "Docker is a snap",
        "Docker's own package",
        "It sees only files below your home folder; temporary folders and other disks look empty in containers.",
        Fix(
            "Keep the stack below your home folder",
            commands=(launch_in(home_folder(case.facts), case.target),),
        ),
        Fix(
            "Replace it; its volumes and images are lost",
            Risk.DESTRUCTIVE,
            (("sudo", "snap", "remove", "docker"),),
        ),
    )


def _platform(case: Case) -> Finding:
    wanted = case.facts.text("docker", "default_platform")
    arch = case.facts.text("docker", "arch")
    same = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}.get(arch, "")
    if not wanted or wanted.startswith(same or wanted):
        return case.ok(arch or "the engine's own")
    return case.warn(
        f"DOCKER_DEFAULT_PLATFORM={one_line(wanted)} on {arch}",
        "the engine's own platform",
        "Images of another processor are emulated: many times slower, and kind's nodes do not start.",
        Fix("Let the engine choose", commands=(("unset", "DOCKER_DEFAULT_PLATFORM"),)),
    )


def _selinux(case: Case) -> Finding:
    mode = case.facts.text("selinux", "mode")
    if mode != "enforcing":
        return case.ok(mode)
    return case.info(mode, "Folders mounted into containers need a label (:z), or they look empty.")


CHECKS = (
    Check(
        "engine.memory",
        "Engine memory",
        "What the engine can give, which on a Mac or Windows is less than the machine has.",
        ("docker",),
        _when_reachable(_memory),
        CONTAINERS,
        also=("system",),
        overview=True,
    ),
    Check("engine.cpu", "Engine CPU", "What the engine can give.", ("docker",), _when_reachable(_cpu), CONTAINERS),
    Check("engine.disk", "Engine disk", "Where images land.", ("docker",), _when_reachable(_disk), CONTAINERS),
    Check("engine.cgroup", "cgroup", "Newer Kubernetes needs v2.", ("docker",), _when_reachable(_cgroup), CONTAINERS),
    Check(
        "engine.nofile",
        "Open files",
        "Containers inherit the engine's limit.",
        ("nofile",),
        _nofile,
        CONTAINERS,
        also=("docker",),
    ),
    Check(
        "engine.snap",
        "Docker package",
        "A snap sees only part of the disk.",
        ("docker",),
        _snap,
        CONTAINERS,
        also=("system", "folder"),
    ),
    Check(
        "engine.platform",
        "Platform",
        "Images must fit the processor.",
        ("docker",),
        _when_reachable(_platform),
        CONTAINERS,
    ),
    Check(
        "selinux.mode",
        "SELinux",
        "It decides what containers may read.",
        ("selinux",),
        _selinux,
        frozenset({Target.COMPOSE}),
    ),
)
