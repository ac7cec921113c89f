"""What the Docker engine says about itself: the SDK's ``info`` and ``version``, two requests, nothing is started."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.engines import probe_command
from airflow_wizard.engines.docker_endpoint import endpoint, home, knock

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


def docker_facts(timeout: float) -> dict[str, Plain]:
    """The engine in effect: reachable or why not (``error_kind``), and what it is made of.

    ``error_kind`` is ``not_installed``, ``not_running``, ``permission``, ``timeout``, ``context`` or ``error``.
    """
    where = endpoint(os.environ, home())
    command = probe_command.find("docker")
    facts: dict[str, Plain] = {
        "reachable": False,
        "endpoint": _bare(where.host),
        "context": where.context,
        "configured_context": where.configured,
        "command": command,
        "snap": from_snap(command or ""),
        "default_platform": os.environ.get("DOCKER_DEFAULT_PLATFORM", ""),
    }
    problem = "context" if where.problem else knock(where.host, timeout)
    if problem == "not_running" and command is None:
        problem = "not_installed"
    if problem:
        return {**facts, "error_kind": problem, "error": where.problem or f"{_bare(where.host)}: {problem}"}
    info, version, kind, reason = _ask(where.host, timeout)
    if kind:
        return {**facts, "error_kind": kind, "error": reason}
    seen = described(info, version)
    snap = from_snap(command or "", str(seen["root_dir"]))
    return {**facts, "reachable": True, "error_kind": "", "error": "", **seen, "snap": snap}


def _ask(host: str, timeout: float) -> tuple[Mapping[str, Plain], Mapping[str, Plain], str, str]:
    if host.startswith("ssh://"):
        return _ask_command(timeout)  # the SDK would want paramiko; the docker command brings its own ssh
    import docker
    import requests
    from docker.errors import DockerException

    try:
        # from_env also reads DOCKER_TLS_VERIFY and DOCKER_CERT_PATH; the address is the one we knocked at.
        client = docker.from_env(timeout=max(1, round(timeout)), environment={**os.environ, "DOCKER_HOST": host})
        try:
            return client.info(), client.version(), "", ""
        finally:
            client.close()
    except (DockerException, requests.RequestException, OSError) as error:
        return {}, {}, *_refusal(str(error))


# Of what the SDK and the libraries below it say: (sign, kind, in short).
_REFUSALS = (
    ("permission denied", "permission", "permission denied"),
    ("connection refused", "not_running", "connection refused"),
    ("name or service not known", "not_running", "its name is not known"),
    ("name resolution", "not_running", "its name cannot be looked up"),
    ("no route to host", "not_running", "no route to it"),
    ("timed out", "timeout", "no answer in time"),
)


def _refusal(text: str) -> tuple[str, str]:
    """(kind, reason) of what the SDK raised, which is three exceptions in one another, with addresses of objects."""
    low = text.lower()
    return next(((kind, short) for sign, kind, short in _REFUSALS if sign in low), ("error", text))


def _ask_command(timeout: float) -> tuple[Mapping[str, Plain], Mapping[str, Plain], str, str]:
    said = probe_command.ask(["docker", "info", "--format", "{{json .}}"], timeout=timeout)
    if not said.ok:
        return {}, {}, "timeout" if said.problem == "timeout" else "error", said.reason
    try:
        info = json.loads(said.out)
    except ValueError:
        return {}, {}, "error", "docker info did not answer in JSON"
    return info, {"Version": info.get("ServerVersion")}, "", ""


def described(info: Mapping[str, Plain], version: Mapping[str, Plain]) -> dict[str, Plain]:
    """The keys we keep of ``docker info`` and ``docker version``. Pure."""
    security = _texts(info.get("SecurityOptions"))
    root = str(info.get("DockerRootDir") or "")
    system = str(info.get("OperatingSystem") or "")
    return {
        "version": version.get("Version") or info.get("ServerVersion"),
        "api_version": version.get("ApiVersion"),
        "min_api": version.get("MinAPIVersion"),
        "memory": info.get("MemTotal"),
        "cpus": info.get("NCPU"),
        "os": system,
        "name": info.get("Name"),
        "kernel": info.get("KernelVersion"),
        "arch": info.get("Architecture"),
        "cgroup_version": str(info.get("CgroupVersion") or ""),
        "cgroup_driver": info.get("CgroupDriver"),
        "rootless": any("name=rootless" in str(s) for s in security),
        "storage_driver": info.get("Driver"),
        "containerd_store": "io.containerd.snapshotter" in json.dumps(info.get("DriverStatus") or []),
        "root_dir": root,
        "provider": provider(system, str(info.get("Name") or "")),
        "warnings": list(_texts(info.get("Warnings"))),
    }


def from_snap(command: str, root: str = "") -> bool:
    """Whether Docker is a snap. Programs in /snap/bin are links to snap itself, so the link's own path counts."""
    return command.startswith(("/snap/", "/var/lib/snapd/")) or root.startswith("/var/snap/")


def provider(system: str, name: str) -> str:
    """Who runs the engine: ``desktop``, ``orbstack``, ``rancher``, ``colima``, or ``linux`` for a plain engine."""
    for prefix, who in (("Docker Desktop", "desktop"), ("OrbStack", "orbstack"), ("Rancher Desktop", "rancher")):
        if system.startswith(prefix):
            return who
    if name.startswith("colima"):
        return "colima"
    if name.startswith("lima-rancher-desktop"):
        return "rancher"
    return "orbstack" if "orbstack" in name else "linux"


def _texts(value: Plain) -> list[Plain]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _bare(host: str) -> str:
    """The address without a user name or password in it."""
    scheme, sep, rest = host.partition("://")
    return f"{scheme}{sep}{rest.rpartition('@')[2]}" if sep else host
