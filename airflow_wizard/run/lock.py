"""One wizard at a time on one stack. The kernel holds the lock, so a killed wizard never leaves one behind."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Self

from airflow_wizard.artifacts.manifest import private_folder
from airflow_wizard.atomic import explain
from airflow_wizard.errors import LockedError
from airflow_wizard.run.masks import Masker
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class StackLock:
    """Exclusive lock on a stack's folder, as a context manager. Threads of one process exclude each other too.

    Args:
        folder: the stack's folder; it and its private folder are made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fd: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            LockedError: another wizard has it; says which.
            WizardError: the file system refused.
        """
        path = private_folder(self._folder) / "lock"
        try:
            self._fd = self._take(path)
        except OSError as error:
            raise explain(error, path, "lock") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back. The file stays: removing it would let two others each lock a different one."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _take(self, path: Path) -> int:
        while True:
            # Not inherited by what we start (O_CLOEXEC): the supervisor outlives us and must not hold our lock.
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(fd, path):
                    _sign(fd)
                    return fd
            except BlockingIOError as error:
                holder = _holder(fd)
                os.close(fd)
                raise _locked(self._folder, *holder) from error
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)  # a destroy removed the folder between our open and our lock


def _is_still(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return False


def _sign(fd: int) -> None:
    command = Masker().mask(shlex.join(sys.argv))
    data = json.dumps({"pid": os.getpid(), "command": one_line(command, limit=400)}).encode()
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, data, 0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise  # a full disk costs only the name of the holder; stopping a stack must still be possible


def _holder(fd: int) -> tuple[int | None, str]:
    try:
        data = json.loads(os.pread(fd, 4096, 0))
        return int(data["pid"]), one_line(data["command"], limit=200)
    except (OSError, ValueError, KeyError, TypeError):
        return None, ""


def _locked(folder: Path, pid: int | None, command: str) -> LockedError:
    who = f"pid {pid}: {command}" if pid is not None else "another airflow-wizard"
    wait = f"wait until it ends, or end it: kill {pid}" if pid is not None else "wait until it ends"
    return LockedError(
        f"Another wizard is working on the stack in {folder} ({who})",
        why="Two at once would undo each other's steps.",
        next=f"{wait}; then repeat the command",
    )
