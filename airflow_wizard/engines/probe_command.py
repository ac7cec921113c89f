"""Ask a program one question and come back in time. For host probes only: short, read-only, never a shell."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.paths import tools_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Said:
    """What a program answered.

    Attributes:
        code: exit code; None when it never ended by itself.
        out: standard output.
        err: standard error.
        problem: empty, ``missing`` (no such program), ``denied`` (not executable for us) or ``timeout``.
    """

    code: int | None
    out: str = ""
    err: str = ""
    problem: str = ""

    @property
    def ok(self) -> bool:
        """It ran and exited 0."""
        return self.code == 0

    @property
    def reason(self) -> str:
        """Why there is no useful answer; empty when there is one."""
        if self.ok:
            return ""
        lines = (self.err or self.out).strip().splitlines()
        return self.problem or (lines[-1] if lines else f"exit code {self.code}")


def find(name: str) -> str | None:
    """Absolute path of a program on PATH, or among those the wizard has fetched; None for neither."""
    found = shutil.which(name) or shutil.which(name, path=str(tools_dir()))
    return os.path.abspath(found) if found else None  # noqa: PTH100 - resolve() would hide a snap or a shim


def ask(argv: Sequence[str], *, timeout: float, env: Mapping[str, str] | None = None) -> Said:
    """Run ``argv`` without a terminal and return what it said.

    Args:
        argv: the program and its arguments.
        timeout: seconds; then the program and its children are ended.
        env: variables on top of ours. Messages are always asked for in English, so that they can be recognised.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", **(env or {})},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except FileNotFoundError:
        return Said(None, problem="missing")
    except OSError as error:
        return Said(None, err=str(error), problem="denied" if isinstance(error, PermissionError) else str(error))
    with process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            return Said(None, problem="timeout")
    return Said(process.returncode, out, err)


def _end(process: subprocess.Popen[str]) -> None:
    # The whole session: a shim (pyenv, snap) starts the real program as a child that keeps the pipes open.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=1)
