"""Driving the real command line, and looking at what it left behind."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")


def free_port() -> int:
    """A port on the loopback that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Run:
    """One finished call of the command line."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        """Standard output as one JSON value."""
        return json.loads(self.out)

    def events(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def honest(self) -> Run:
        """The same, after making sure that no traceback and no raw control character was shown."""
        assert "Traceback (most recent call last)" not in self.out + self.err
        assert not _CONTROL.search(self.out), self.out
        return self


@dataclass
class Wizard:
    """The command line with a home and a port of its own."""

    home: Path
    port: int = field(default_factory=free_port)

    @property
    def env(self) -> dict[str, str]:
        """Its environment."""
        return {**os.environ, "AIRFLOW_WIZARD_HOME": str(self.home)}

    def argv(self, *words: str) -> list[str]:
        """The exact command."""
        return [sys.executable, "-m", "airflow_wizard", *words]

    def run(self, *words: str, cwd: Path | None = None, timeout: float = 600.0) -> Run:
        """Run it to its end, without a terminal."""
        done = subprocess.run(
            self.argv(*words),
            env=self.env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr).honest()

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it; the caller reads its events and ends it."""
        return subprocess.Popen(
            self.argv(*words),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def up(self, *words: str, profile: str = "standalone-quickstart") -> tuple[str, ...]:
        """Words of a launch on this wizard's own port."""
        return ("up", "--profile", profile, "--set", f"port={self.port}", "--json", "--yes", *words)


def stack_folder(wizard: Wizard, name: str) -> Path:
    """Where a stack is put when no folder is named."""
    return wizard.home / "stacks" / name


def processes_in(folder: Path) -> list[psutil.Process]:
    """Every process that works in a folder, whoever started it."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == folder.resolve() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def listeners(processes: list[psutil.Process]) -> Iterator[tuple[str, int]]:
    """Addresses that any of the processes listens on."""
    for process in processes:
        for connection in process.net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                yield connection.laddr.ip, connection.laddr.port


def get(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> tuple[int, bytes]:
    """One HTTP request to this machine; never raises for a status."""
    request = urllib.request.Request(url, data=body, headers=headers or {})  # noqa: S310 - loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
