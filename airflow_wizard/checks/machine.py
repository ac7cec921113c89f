"""Checks of the machine itself: system, processors, memory, clock, locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.hints import family
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

GIB = 1024**3
MIB = 1024**2
ON_HOST = frozenset({Target.STANDALONE, Target.MICROK8S, Target.KUBEADM})
# Wheels of Airflow's compiled dependencies and the official images exist for these two.
_ARCHITECTURES = ("x86_64", "aarch64")
# Four processes of Airflow 3 with one API worker, measured as PSS after a DAG run: 1.1 to 1.2 GB.
STANDALONE_MEMORY = int(1.2 * GIB)
STANDALONE_COMFORT = 2 * GIB
# kubeadm preflight: ControlPlaneNumCPU and ControlPlaneMem (MB of 1024²).
KUBEADM_CPUS, KUBEADM_MEMORY = 2, 1700 * MIB
# What Canonical recommends for a node with workloads.
MICROK8S_MEMORY = 4 * GIB
# Kubernetes, TLS and signed tokens tolerate about a minute.
CLOCK_TOLERANCE = 60


def usable_cpus(case: Case) -> float | None:
    """The smaller of the processors there are and the cgroup's quota."""
    known = [n for key in ("count", "quota") if (n := case.facts.number("cpu", key)) is not None]
    return min(known) if known else None


def _system(case: Case) -> Finding:
    facts = case.facts
    arch, wsl = facts.text("system", "arch"), facts.number("system", "wsl") or 0
    name = " ".join(filter(None, (facts.text("system", "distro"), facts.text("system", "distro_version"))))
    found = f"{name or facts.text('system', 'os')}, {arch}" + (f", WSL {wsl:.0f}" if wsl else "")
    if facts.text("system", "os") == "windows":
        return case.fail(
            "Windows without WSL",
            "Linux, macOS or WSL 2",
            "Airflow needs a POSIX system: it does not start on Windows itself, in any version.",
            Fix("Install WSL 2 with Ubuntu, then start the wizard in it", Risk.PRIVILEGED, (("wsl", "--install"),)),
        )
    if wsl == 1:
        return case.warn(
            found,
            "WSL 2",
            "WSL 1 has no Linux kernel: no containers run in it, and file locks of SQLite are not dependable.",
            Fix("Convert it (in PowerShell)", Risk.DISRUPTIVE, (("wsl", "--set-version", "Ubuntu", "2"),)),
        )
    if arch not in _ARCHITECTURES:
        return case.warn(
            found,
            " or ".join(_ARCHITECTURES),
            "Airflow's images and compiled dependencies are not published for this processor; they are built here.",
            Fix("See whether a compiler is there to build them", commands=(("cc", "--version"),)),
        )
    return case.ok(found)


def _cpu(case: Case) -> Finding:
    # kubeadm looks at the machine, which a control group around the wizard says nothing about.
    count = case.facts.number("cpu", "count") if case.is_for(Target.KUBEADM) else usable_cpus(case)
    if count is None:
        return case.unknown("the number of processors is not in the facts")
    found = f"{count:g} core{'' if count == 1 else 's'}"
    if case.is_for(Target.KUBEADM):
        needed = f"{KUBEADM_CPUS}"
        if count < KUBEADM_CPUS:
            return case.fail(
                found, needed, "kubeadm's own preflight refuses fewer (NumCPU).", _other_target("standalone")
            )
        return case.ok(found, needed)
    if count < 1:
        return case.fail(
            found,
            "1, better 2",
            "A control group gives this process less than one core: Airflow's heartbeats would come too late.",
            Fix("See the limit", commands=(("cat", "/sys/fs/cgroup/cpu.max"),)),
        )
    if count < 2:
        return case.warn(
            found,
            "2",
            "Scheduler, DAG processor and tasks share one core: starting takes two to three times as long.",
            Fix("Run one task at a time", answers=(("parallelism", 1),), id="cpu.parallelism"),
        )
    return case.ok(found, "2")


def _other_target(name: str) -> Fix:
    return Fix(f"See whether {name} fits instead", commands=(("airflow-wizard", "check", "--target", name),))


def _memory(case: Case) -> Finding:
    total, available = case.facts.number("memory", "total"), case.facts.number("memory", "available")
    limit = case.facts.number("memory", "limit")
    if total is None or available is None:
        return case.unknown("the amount of memory is not in the facts")
    most = min(total, limit or total)
    free = min(available, most)
    found = f"{human_bytes(free)} available of {human_bytes(most)}"
    if limit is not None and limit < total:
        found += " (control group)"
    if case.is_for(Target.KUBEADM):
        if total < KUBEADM_MEMORY:
            why = "kubeadm's own preflight refuses less (Mem)."
            return case.fail(found, human_bytes(KUBEADM_MEMORY), why, _other_target("standalone"))
        return case.ok(found, human_bytes(KUBEADM_MEMORY))
    if case.is_for(Target.MICROK8S):
        if total < MICROK8S_MEMORY:
            why = "Kubernetes itself takes about 1 GB; Airflow's pods would be killed under load."
            return case.warn(found, human_bytes(MICROK8S_MEMORY), why, _other_target("standalone"))
        return case.ok(found, human_bytes(MICROK8S_MEMORY))
    return _standalone_memory(case, found, most, free)


def _standalone_memory(case: Case, found: str, most: float, free: float) -> Finding:
    needed = human_bytes(STANDALONE_COMFORT)
    see = Fix("See what uses it", commands=(("ps", "aux"),))
    limit = case.facts.number("memory", "limit")
    if limit is not None and limit < STANDALONE_MEMORY:
        return case.fail(
            found,
            human_bytes(STANDALONE_MEMORY),
            "A control group gives this process less than Airflow's processes take: the kernel would kill them.",
            Fix("See which group it is, then raise its limit", commands=(("cat", "/proc/self/cgroup"),)),
        )
    if most + (case.facts.number("memory", "swap") or 0) < STANDALONE_MEMORY:
        return case.fail(
            found,
            human_bytes(STANDALONE_MEMORY),
            "Airflow's processes alone take that much: the kernel would kill one after the other.",
            Fix(
                "Add 2 GB of swap: slow, but nothing is killed",
                Risk.PRIVILEGED,
                (
                    ("sudo", "fallocate", "-l", "2G", "/swapfile"),
                    ("sudo", "chmod", "600", "/swapfile"),
                    ("sudo", "mkswap", "/swapfile"),
                    ("sudo", "swapon", "/swapfile"),
                ),
            ),
            see,
        )
    if free < STANDALONE_COMFORT:
        return case.warn(
            found,
            f"{needed} available",
            "Airflow takes about 1.2 GB, each running task 100 to 200 MB more. Below that tasks may be killed.",
            Fix("Run two tasks at a time at most", answers=(("parallelism", 2),), id="memory.parallelism"),
            see,
        )
    return case.ok(found, needed)


def _clock(case: Case) -> Finding:
    skew = case.facts.number("clock", "skew_seconds")
    if skew is None:
        return case.unknown("could not be compared")
    where = case.facts.text("clock", "compared_with")
    if abs(skew) <= CLOCK_TOLERANCE:
        return case.ok("in time")
    direction = "ahead" if skew > 0 else "behind"
    set_it: tuple[str, ...] = ("sudo", "timedatectl", "set-ntp", "true")
    if family(case.facts) == "macos":
        set_it = ("sudo", "sntp", "-sS", "time.apple.com")
    elif case.facts.number("system", "wsl"):
        set_it = ("sudo", "hwclock", "-s")  # the clock of WSL stands still while Windows sleeps
    return case.warn(
        f"{abs(skew):.0f} s {direction}",
        f"within {CLOCK_TOLERANCE} s",
        "Certificates and tokens look expired or not yet valid, and runs start at the wrong time.",
        Fix("Set the clock from the network", Risk.PRIVILEGED, (set_it,)),
        evidence=(f"compared with {where}",),
    )


def _locale(case: Case) -> Finding:
    if case.facts.value("locale", "utf8") is True:
        return case.ok(case.facts.text("locale", "encoding") or "UTF-8")
    lang = case.facts.text("locale", "lang") or "not set"
    return case.warn(
        f"{case.facts.text('locale', 'encoding')} (LANG {lang})",
        "UTF-8",
        "DAG files, names and logs with other than English letters would be garbled or refused.",
        Fix("Set it for this session", commands=(("export", "LANG=C.UTF-8", "LC_ALL=C.UTF-8"),)),
    )


CHECKS = (
    Check("system.supported", "System", "What Airflow can run on.", ("system",), _system, overview=True),
    Check(
        "cpu.enough",
        "CPU",
        "Scheduler, DAG processor and tasks want a core each.",
        ("cpu",),
        _cpu,
        ON_HOST,
        overview=True,
    ),
    Check(
        "memory.enough",
        "Memory",
        "Airflow's processes are killed by the kernel when there is too little.",
        ("memory",),
        _memory,
        ON_HOST,
        overview=True,
    ),
    Check(
        "clock.skew",
        "Clock",
        "Tokens and certificates are valid for a span of time.",
        ("clock",),
        _clock,
        also=("system",),
        overview=True,
    ),
    Check(
        "locale.utf8",
        "Text encoding",
        "Names and logs may hold any letter.",
        ("locale",),
        _locale,
        frozenset({Target.STANDALONE}),
        overview=True,
    ),
)
