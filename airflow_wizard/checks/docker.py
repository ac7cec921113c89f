"""Checks of Docker's door: the engine answers, it is the one that was meant, Compose is one that is maintained."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_wizard.checks.hints import family, install_docker, without_containers
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding

CONTAINERS = frozenset({Target.COMPOSE, Target.KIND})
# kind's node provisioning asks for API 1.41 (private cgroup namespaces).
KIND_ENGINE = (20, 10, 0)
# What Airflow's official compose file asks for. Compose went from 2.40 to 5.0; there is no 3 and no 4.
COMPOSE_LEAST = (2, 14, 0)
# Distributions add suffixes (28.2.2-1~ubuntu.24.04, 2.40.3-desktop.1) that no version parser accepts.
_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


def numbers(version: str) -> tuple[int, int, int] | None:
    """The three leading numbers of a version; None when there are none."""
    match = _NUMBERS.match(version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _engine(case: Case) -> Finding:
    facts = case.facts
    if facts.value("docker", "reachable") is not True:
        return _unreachable(case)
    version = facts.text("docker", "version")
    parts = [version, f"API {facts.text('docker', 'api_version')}", facts.text("docker", "storage_driver")]
    if provider := facts.text("docker", "os"):
        parts.append(provider)
    if facts.value("docker", "rootless") is True:
        parts.append("rootless")
    found = one_line(", ".join(p for p in parts if p and p != "API "), limit=100)
    read = numbers(version)
    if case.is_for(Target.KIND) and read is not None and read < KIND_ENGINE:
        return case.fail(found, "20.10", "kind's nodes need private cgroup namespaces.", install_docker(facts))
    return case.ok(found)


def _unreachable(case: Case) -> Finding:
    facts = case.facts
    kind = facts.text("docker", "error_kind")
    where = one_line(facts.text("docker", "endpoint"))
    why = "Containers are started by the Docker engine."
    needed = "a Docker engine that answers"
    if kind == "not_installed":
        if case.target is None:
            return case.info("not installed", "Only needed for Compose and kind.", install_docker(facts))
        return case.fail("not installed", needed, why, install_docker(facts), without_containers())
    if kind == "permission":
        return case.fail(
            f"permission denied on {where}",
            "the right to talk to it",
            "The engine runs, but this user is not in the group that may use it.",
            Fix(
                "Join the docker group (its members can become root), then log in again or use newgrp",
                Risk.PRIVILEGED,
                (("sudo", "usermod", "-aG", "docker", facts.text("system", "user") or "YOU"), ("newgrp", "docker")),
            ),
            Fix(
                "Or set up an engine of your own, without root",
                commands=(("dockerd-rootless-setuptool.sh", "install"),),
            ),
            without_containers(),
        )
    if kind == "context":
        context = one_line(facts.text("docker", "context"))
        return case.fail(
            f"docker context {context} does not exist",
            needed,
            why,
            Fix("Go back to the default context", commands=(("docker", "context", "use", "default"),)),
        )
    if kind == "not_running":
        ways: tuple[Fix, ...] = (_start(case), without_containers())
        if not facts.text("docker", "context"):
            # The address was chosen by hand; it is wrong more often than that engine is down.
            ways = (Fix("Use the engine of this machine", commands=(("unset", "DOCKER_HOST"),)), *ways)
            return case.fail(f"nothing answers at {where}, which DOCKER_HOST names", needed, why, *ways)
        return case.fail(f"nothing answers at {where}", needed, why, *ways)
    return case.fail(
        f"{where}: {one_line(facts.text('docker', 'error'), limit=120) or kind}",
        needed,
        "The engine is there but does not answer as it should.",
        Fix("See what it says", commands=(("docker", "info"),)),
        _start(case),
    )


def _start(case: Case) -> Fix:
    context, endpoint = case.facts.text("docker", "context"), case.facts.text("docker", "endpoint")
    if "colima" in context or "/.colima/" in endpoint:
        return Fix("Start colima", commands=(("colima", "start"),))
    if "orbstack" in context or "/.orbstack/" in endpoint:
        return Fix("Start OrbStack", commands=(("orb", "start"),))
    if family(case.facts) == "macos":
        return Fix("Start Docker Desktop", commands=(("open", "-a", "Docker"),))
    if context == "desktop-linux":
        return Fix("Start Docker Desktop", commands=(("systemctl", "--user", "start", "docker-desktop"),))
    if case.facts.number("system", "wsl"):
        return Fix(
            "Start Docker Desktop in Windows, with its integration for this distribution switched on; "
            "or the engine inside WSL",
            Risk.PRIVILEGED,
            (("sudo", "service", "docker", "start"),),
        )
    return Fix("Start the engine", Risk.PRIVILEGED, (("sudo", "systemctl", "enable", "--now", "docker"),))


def _context(case: Case) -> Finding:
    context, configured = case.facts.text("docker", "context"), case.facts.text("docker", "configured_context")
    where = one_line(case.facts.text("docker", "endpoint"))
    if context:
        return case.ok(f"{one_line(context)} ({where})")
    if configured in ("", "default"):
        return case.ok(f"DOCKER_HOST ({where})")
    return case.warn(
        f"DOCKER_HOST ({where}), and context {one_line(configured)}",
        "one of them",
        "DOCKER_HOST wins and the context you chose is ignored: containers may run on another machine than you think.",
        Fix("Let the context decide", commands=(("unset", "DOCKER_HOST"),)),
        Fix("Or let DOCKER_HOST decide", commands=(("docker", "context", "use", "default"),)),
    )


def _compose(case: Case) -> Finding:
    kind, version = case.facts.text("compose", "kind"), case.facts.text("compose", "version")
    why = "The stack is a compose file; Airflow's own asks for 2.14."
    install = _install_compose(case)
    if kind == "none":
        if case.target is None:
            return case.info("not installed", "Only needed for Docker Compose.", install)
        problem, path = case.facts.text("compose", "problem"), case.facts.text("compose", "path")
        found = f"{one_line(path)} cannot be run: {one_line(problem)}" if problem else "not installed"
        return case.fail(found, "2.14", why, install)
    read = numbers(version)
    if kind == "v1" or (read is not None and read[0] == 1):
        return case.fail(
            f"{one_line(version)} (docker-compose, Python)",
            "2.14",
            "Compose 1 has had no update since July 2023 and does not understand the file.",
            install,
        )
    if read is None:
        return case.unknown(f"version {one_line(version) or 'unknown'} cannot be read")
    if read < COMPOSE_LEAST:
        return case.fail(one_line(version), "2.14", why, install)
    if kind == "standalone" and (path := case.facts.text("compose", "path")):
        return case.fail(
            f"{one_line(version)}, but not as a plugin ({one_line(path)})",
            "docker compose",
            "Compose is called as a part of docker; a program of its own is not found by it.",
            _link(case, path),
            install,
        )
    return case.ok(one_line(version), "2.14")


def _link(case: Case, path: str) -> Fix:
    plugins = f"{case.facts.text('system', 'home') or '/root'}/.docker/cli-plugins"
    commands = (("mkdir", "-p", plugins), ("ln", "-s", path, f"{plugins}/docker-compose"))
    return Fix("Let docker find it", commands=commands, id="compose.link")


def _install_compose(case: Case) -> Fix:
    facts = case.facts
    package = {"ubuntu": "docker-compose-v2"}.get(facts.text("system", "distro"), "docker-compose-plugin")
    match family(facts):
        case "debian":
            command: tuple[str, ...] = ("sudo", "apt-get", "install", package)
        case "fedora":
            command = ("sudo", "dnf", "install", "docker-compose-plugin")
        case "arch":
            command = ("sudo", "pacman", "-S", "docker-compose")
        case "macos":
            return Fix("Install the plugin", commands=(("brew", "install", "docker-compose"),))
        case _:
            return install_docker(facts)
    return Fix(
        "Install the plugin (from Docker's repository where the distribution has none)", Risk.PRIVILEGED, (command,)
    )


CHECKS = (
    Check(
        "docker.engine",
        "Docker engine",
        "Containers are started by it.",
        ("docker",),
        _engine,
        CONTAINERS,
        also=("system",),
        overview=True,
    ),
    Check("docker.context", "Docker context", "Which engine is meant.", ("docker",), _context, CONTAINERS),
    Check(
        "compose.version",
        "Compose",
        "The stack is a compose file.",
        ("compose",),
        _compose,
        frozenset({Target.COMPOSE}),
        also=("system",),
        overview=True,
    ),
)
