"""Checks of where the stack will live: folder, disk, port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.hints import home_folder, launch_in
from airflow_wizard.checks.machine import GIB, MIB
from airflow_wizard.checks.model import Case, Check
from airflow_wizard.finding import Fix
from airflow_wizard.options.model import Target
from airflow_wizard.risk import Risk
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from airflow_wizard.finding import Finding
    from airflow_wizard.host.facts import Json

# The venv takes 200 to 400 MB, uv's cache the same once, and logs and the database grow.
STANDALONE_DISK, STANDALONE_COMFORT = int(1.5 * GIB), 3 * GIB
# Everything else is in the engine or the cluster; here are only the files of the stack.
FILES_DISK = 100 * MIB
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "v9fs", "fuse.sshfs", "virtiofs")
_GONE_ON_REBOOT = ("tmpfs", "ramfs")
DEFAULT_PORT = 8080


def _folder(case: Case) -> Finding:
    facts = case.facts
    path, reason = facts.text("folder", "path"), facts.text("folder", "reason")
    elsewhere = Fix("Use a folder of your own", commands=(launch_in(home_folder(facts), case.target),))
    if facts.value("folder", "writable") is not True:
        tested = facts.text("folder", "tested") or path
        return case.fail(
            f"{one_line(path)}: {one_line(reason) or 'cannot be written'}",
            "a folder that this user may write",
            "Configuration, secrets, DAGs and logs of the stack are written there.",
            elsewhere,
            Fix("See who may write it", commands=(("ls", "-ld", tested),)),
            evidence=(f"a temporary file could not be made in {one_line(tested)}",),
        )
    kind = facts.text("folder", "filesystem")
    if kind in _REMOTE and case.is_for(Target.STANDALONE):
        return case.warn(
            f"{one_line(path)} ({kind})",
            "a local disk",
            "SQLite's locks are not dependable on shared or Windows folders, and Airflow starts many times slower.",
            elsewhere,
        )
    if kind in _GONE_ON_REBOOT:
        return case.warn(
            f"{one_line(path)} ({kind})", "a disk", "It is kept in memory and gone after a restart.", elsewhere
        )
    return case.ok(f"{one_line(path)} {'is there' if facts.value('folder', 'exists') is True else 'can be made'}")


def _disk(case: Case) -> Finding:
    free = case.facts.number("disk", "free")
    if free is None:
        return case.unknown("free space is not in the facts")
    path = case.facts.text("disk", "mount") or case.facts.text("disk", "path")
    found = f"{human_bytes(free)} free on {one_line(path)}"
    standalone = case.is_for(Target.STANDALONE)
    least, comfort = (STANDALONE_DISK, STANDALONE_COMFORT) if standalone else (FILES_DISK, FILES_DISK)
    ways = (
        Fix(
            "Use a folder on another disk",
            commands=(("df", "-h"), launch_in("/OTHER/DISK/airflow-demo", case.target)),
        ),
        Fix("Empty uv's download cache", commands=(("uv", "cache", "prune"),)),
    )
    if free < least:
        return case.fail(
            found,
            human_bytes(least),
            "The installation takes 200 to 400 MB twice (venv and download cache), the database and logs come on top."
            if standalone
            else "The stack's files would be cut off.",
            *ways,
        )
    if free < comfort:
        return case.warn(
            found, human_bytes(comfort), "Logs and the database grow; a full disk stops the scheduler.", *ways
        )
    return case.ok(found, human_bytes(comfort))


def _port(case: Case) -> Finding:
    given = case.answers.get("port")
    port = given if isinstance(given, int) else DEFAULT_PORT
    seen = case.facts.value("ports", str(port))
    if not isinstance(seen, dict) or not isinstance(seen.get("free"), bool):
        return case.unknown(f"port {port} was not measured")
    address, reason = str(seen.get("address") or ""), str(seen.get("reason") or "in use")
    if seen["free"]:
        return case.ok(f"{address}:{port} is free")
    if seen.get("ours") is True:
        return case.ok(f"{address}:{port} is held by this very stack")
    if reason == "no such address":
        return case.fail(
            f"{one_line(address)} is not an address of this machine",
            "an address of this machine, 127.0.0.1 or 0.0.0.0",
            "Nothing can listen on an address that the machine does not have.",
            Fix("Listen on this machine only", answers=(("bind", "127.0.0.1"),), id="port.bind-local"),
        )
    free = _next_free(case.facts.value("ports"), port)
    ways = [Fix(f"Use port {free} instead", answers=(("port", free),), id="port.next-free")] if free else []
    if reason == "in use":
        holder = _holder(seen)
        pid = seen.get("pid")
        container = seen.get("container")
        if container:
            ways.append(_stop(one_line(container)))
        else:
            ways.append(_end(int(pid), holder) if isinstance(pid, int) else _who(port))
        return case.fail(
            f"{port} is held by {holder}", "a free port", "Airflow's web page and API listen there.", *ways
        )
    if not ways or port < 1024:
        ways.append(Fix("Use a port above 1023", answers=(("port", DEFAULT_PORT),), id="port.unprivileged"))
    return case.fail(
        f"{port}: {one_line(reason)}",
        "a free port above 1023",
        "Ports below 1024 are kept for the administrator on most systems.",
        *ways,
    )


def _holder(seen: dict[str, Json]) -> str:
    if container := seen.get("container"):
        project = seen.get("project")
        return f"container {one_line(container)}" + (f" of project {one_line(project)}" if project else "")
    command, pid, user = seen.get("command"), seen.get("pid"), seen.get("user")
    who = one_line(command, limit=60) if command else "another program"
    known = [f"pid {pid}"] if isinstance(pid, int) else []
    known += [f"user {one_line(user, limit=40)}"] if user else []
    return f"{who} ({', '.join(known)})" if known else who


def _next_free(ports: Json, after: int) -> int | None:
    if not isinstance(ports, dict):
        return None
    free = [
        int(name)
        for name, seen in ports.items()
        if name.isdecimal() and isinstance(seen, dict) and seen.get("free") is True
    ]
    return min((p for p in free if p > after), default=None)


def _end(pid: int, holder: str) -> Fix:
    return Fix(f"End {holder}, if it is yours", Risk.DISRUPTIVE, (("kill", str(pid)),))


def _stop(container: str) -> Fix:
    return Fix(f"Stop container {container}, if it is yours", Risk.DISRUPTIVE, (("docker", "stop", container),))


def _who(port: int) -> Fix:
    return Fix(
        "See which program it is (only the administrator may)",
        Risk.PRIVILEGED,
        (("sudo", "lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN"),),
    )


CHECKS = (
    Check(
        "folder.writable",
        "Folder",
        "The stack's files are written there.",
        ("folder",),
        _folder,
        also=("system",),
        overview=True,
    ),
    Check("disk.free", "Disk", "The installation, the database and logs need room.", ("disk",), _disk, overview=True),
    Check(
        "port.free",
        "Port",
        "Airflow's web page and API listen there.",
        ("ports",),
        _port,
        frozenset({Target.STANDALONE, Target.COMPOSE, Target.KIND}),
        overview=True,
    ),
)
