"""``kubectl proxy`` on a private socket: whatever signs kubectl in (certificates, tokens, plug-ins) signs us in."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.errors import EngineUnreachableError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# Its end of the pipe closes with us, however we end; then kubectl is ended too. The outputs belong to kubectl alone, so
# that they end with it.
_GUARD = '"$@" & child=$!; exec >/dev/null 2>&1; read -r _; kill "$child"'
_PATIENCE = 10.0


def _listens(path: str) -> bool:
    # It is in the folder a moment before anybody listens on it.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        return trial.connect_ex(path) == 0


class KubeProxy:
    """One running proxy. Start it with `start`, let go of it with `close`."""

    def __init__(self, kubectl: Sequence[str]) -> None:
        self._argv = (*kubectl, "proxy")
        self._folder = ""
        self._child: subprocess.Popen[str] | None = None
        self.socket = ""

    @property
    def alive(self) -> bool:
        """Whether it was started and is still there."""
        return self._child is not None and self._child.poll() is None and os.path.exists(self.socket)  # noqa: PTH110

    @property
    def has_children(self) -> bool:
        """Whether kubectl has started a program that runs now."""
        import psutil

        if self._child is None:
            return False
        with contextlib.suppress(psutil.Error):
            return any(kubectl.children() for kubectl in psutil.Process(self._child.pid).children())
        return False

    def start(self) -> str:
        """Start it and wait until it listens; returns the path of the socket, which only this user can open.

        Raises:
            EngineUnreachableError: kubectl is missing, or its configuration names no such cluster.
        """
        # mkdtemp makes it 0700; the path of a socket may be 104 bytes at most.
        self._folder = tempfile.mkdtemp(prefix="aw-kube-")
        self.socket = str(Path(self._folder) / "s")
        argv = [*self._argv, f"--unix-socket={self.socket}"]
        try:
            self._child = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "guard", *argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
                errors="replace",
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError as error:
            self.close()
            raise self._failed(error.strerror or str(error)) from error
        said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(self._child, said), daemon=True).start()
        heard: list[str] = []
        end = time.monotonic() + _PATIENCE
        while not _listens(self.socket):
            with contextlib.suppress(queue.Empty):
                line = said.get(timeout=0.005)
                if line is None:
                    self.close()
                    raise self._failed(next((one_line(x) for x in reversed(heard) if x.strip()), "it ended at once"))
                heard.append(line)
            if time.monotonic() > end:
                self.close()
                raise self._failed(f"it does not listen after {_PATIENCE:.0f} s")
        return self.socket

    @staticmethod
    def _read(child: subprocess.Popen[str], said: queue.SimpleQueue[str | None]) -> None:
        # Read to the end: a full pipe would stop it.
        if child.stdout is not None:
            with contextlib.suppress(OSError, ValueError), child.stdout:
                for line in child.stdout:
                    said.put(line)
        said.put(None)

    def _failed(self, reason: str) -> EngineUnreachableError:
        return EngineUnreachableError(
            f"kubectl cannot be used: {reason.removeprefix('error: ')}",
            why="everything that is asked of the cluster is asked through it",
            next=f"see what it says: {' '.join((*self._argv[:-1], 'version'))}",
        )

    def close(self) -> None:
        """End it; quick, and safe to repeat."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(OSError):
                os.killpg(child.pid, signal.SIGTERM)
            with contextlib.suppress(OSError):
                if child.stdin:
                    child.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=1.0)
        folder, self._folder = self._folder, ""
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
