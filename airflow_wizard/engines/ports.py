"""Can a port be listened on, and who holds it."""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psutil

_REASONS = {
    errno.EADDRINUSE: "in use",
    errno.EACCES: "not permitted",
    errno.EADDRNOTAVAIL: "no such address",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens on a port; each part is None when this user may not see it."""

    pid: int | None
    command: str | None
    user: str | None


def why_not_free(address: str, port: int) -> str:
    """Empty when a server could listen on ``address:port`` now, else why not.

    The test is what a server does: bind with SO_REUSEADDR (so that a connection in TIME_WAIT is no obstacle)
    and listen (two sockets can be bound to one port on Linux as long as neither listens).
    """
    reason = _try(address, port)
    # BSD and macOS let a specific address be bound while another program listens on the wildcard.
    if not reason and sys.platform == "darwin":
        reason = _try("::" if ":" in address else "0.0.0.0", port)  # noqa: S104 - a test, closed at once
    return reason


def _try(address: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as server:
            if sys.platform == "win32":
                # There SO_REUSEADDR would let us steal a port that somebody listens on.
                server.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
            server.listen(1)
    except socket.gaierror:
        return _REASONS[errno.EADDRNOTAVAIL]
    except (OSError, OverflowError) as error:
        number = error.errno if isinstance(error, OSError) else None
        return _REASONS.get(number or 0, str(error))
    return ""


def holders(ports: Iterable[int]) -> dict[int, Holder]:
    """Who listens on each of ``ports``; a port that nobody is seen on is left out."""
    wanted = set(ports)
    found: dict[int, Holder] = {}
    for port, pid in _listeners(wanted):
        if port in found and (pid is None or found[port].pid is not None):
            continue
        found[port] = _holder(pid)
    owners = _owners(wanted)
    for port, user in owners.items():
        seen = found.get(port)
        if seen is None or seen.user is None:
            found[port] = Holder(seen.pid if seen else None, seen.command if seen else None, user)
    return found


def _listeners(wanted: set[int]) -> list[tuple[int, int | None]]:
    import psutil

    try:
        return [
            (c.laddr.port, c.pid)
            for c in psutil.net_connections(kind="tcp")
            if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port in wanted
        ]
    except (psutil.Error, OSError):
        pass  # macOS shows the table of all processes to root only; our own are still visible one by one
    mine: list[tuple[int, int | None]] = []
    for process in psutil.process_iter():
        try:
            mine += [
                (c.laddr.port, process.pid)
                for c in process.net_connections(kind="tcp")
                if c.status == psutil.CONN_LISTEN and c.laddr.port in wanted
            ]
        except (psutil.Error, OSError):
            continue
    return mine


def _holder(pid: int | None) -> Holder:
    import psutil

    if pid is None:
        return Holder(None, None, None)
    try:
        process = psutil.Process(pid)
        return Holder(pid, _command(process), _user(process))
    except psutil.Error:
        return Holder(pid, None, None)


def _command(process: psutil.Process) -> str:
    """The program and, for an interpreter, what it runs; never the rest, which may hold a password."""
    import psutil

    name = process.name()
    try:
        line = process.cmdline()
    except psutil.Error:
        return name
    if len(line) < 2 or not Path(line[0]).name.startswith(("python", "node", "ruby", "java")):
        return name
    if line[1] in ("-m", "-jar") and len(line) > 2:
        return f"{name} {line[1]} {line[2]}"
    return name if line[1].startswith("-") else f"{name} {Path(line[1]).name}"


def _user(process: psutil.Process) -> str | None:
    import psutil

    try:
        return process.username()
    except (psutil.Error, KeyError):
        return None


def _owners(wanted: set[int]) -> dict[int, str]:
    """The user behind a listening socket, from the kernel's own table, which everybody may read (Linux)."""
    owners: dict[int, str] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            parts = line.split()
            port = int(parts[1].rpartition(":")[2], 16)
            if parts[3] == "0A" and port in wanted:  # 0A is TCP_LISTEN
                owners[port] = _name_of(int(parts[7]))
    return owners


def belongs_to(pid: int, folder: Path) -> bool:
    """Whether a process was started for the stack in ``folder``; False when this user may not see it.

    Airflow's servers rewrite their own command line and, with it, their environment, so their parents are asked
    as well: the stack's supervisor is started with paths inside the folder.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        return any(_names(p, folder) for p in (process, *process.parents()))
    except psutil.Error:
        return False


def _names(process: psutil.Process, folder: Path) -> bool:
    import psutil

    try:
        if _inside(process.environ().get("AIRFLOW_HOME", ""), folder):
            return True
    except psutil.Error:
        pass
    try:
        return any(_inside(word, folder) for word in process.cmdline())
    except psutil.Error:
        return False


def _inside(path: str, folder: Path) -> bool:
    return path.startswith(str(folder)) and Path(path).is_relative_to(folder)


def _name_of(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
