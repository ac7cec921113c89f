"""A program of its own: keeps a port forward alive after the wizard has ended. Run as ``python -m``, see `forwarding`.

kubectl's port forward leads to one pod, and ends when that pod is replaced; one that hangs answers nobody and does not
end. Both are started again.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PROBE_EVERY, _PROBE_SECONDS, _PROBES = 15.0, 5.0, 3
_BACKOFF = (0.5, 10.0)
# One that was there for so long was not in vain: its pod went, or refused a connection.
_STEADY = 2.0
_LOG_LIMIT = 1 << 20


class Keeper:
    """One forward: the command that makes it, and where it listens."""

    def __init__(self, folder: Path, address: str, port: int, argv: list[str]) -> None:
        self._state = folder / "forward.json"
        self._log = folder / "forward.log"
        self._where = (address, port)
        self._argv = argv
        self._child: subprocess.Popen[bytes] | None = None
        self._ending = False
        self._restarts = -1

    def run(self) -> int:
        """Until it is told to end, or its folder is gone."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        self._tell()  # first of all: who wants to end it has to know whom
        pause = _BACKOFF[0]
        while not self._ending and self._state.parent.is_dir():
            began = time.monotonic()
            self._once()
            if time.monotonic() - began > _STEADY:
                pause = _BACKOFF[0]
            self._pause(pause)
            pause = min(pause * 2, _BACKOFF[1])
        self._state.unlink(missing_ok=True)
        return 0

    def _pause(self, seconds: float) -> None:
        """In pieces: a sleep goes on after a signal."""
        until = time.monotonic() + seconds
        while not self._ending and time.monotonic() < until:
            time.sleep(0.05)

    def _once(self) -> None:
        self._restarts += 1
        with contextlib.suppress(OSError):
            if self._log.stat().st_size > _LOG_LIMIT:
                self._log.unlink()
        with open(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:  # noqa: PTH123
            try:
                self._child = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            except OSError as error:
                log.write(f"{self._argv[0]}: {error}\n".encode())
                return
            self._tell()
            self._watch(self._child)

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        """Until it ends; one that answers nobody any more is ended."""
        silent = 0
        while not self._ending and self._state.parent.is_dir():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=_PROBE_EVERY)
                return
            silent = 0 if self._answers() else silent + 1
            if silent >= _PROBES:
                break
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=2.0)
            return
        child.kill()

    def _answers(self) -> bool:
        """Whether anything comes back; what it says does not matter."""
        connection = http.client.HTTPConnection(*self._where, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _tell(self) -> None:
        child = self._child.pid if self._child else None
        restarts = max(self._restarts, 0)
        state = {"pid": os.getpid(), "child": child, "argv": self._argv, "restarts": restarts, "at": time.time()}
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps(state) + "\n", encoding="utf-8")
        fresh.replace(self._state)

    def _end(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._ending = True
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.terminate()


def main(words: list[str]) -> int:
    """``FOLDER ADDRESS PORT COMMAND…``; ends at once, where nobody keeps the same forward leaving a keeper behind."""
    folder = Path(words[0])
    os.umask(0o077)
    with (folder / "forward.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        if os.fork():
            os._exit(0)  # the lock goes on with the other one
        return Keeper(folder, words[1], int(words[2]), words[3:]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
