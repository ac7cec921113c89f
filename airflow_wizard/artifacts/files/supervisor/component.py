"""One long-running Airflow process and its history."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

from .layout import HERE, LOGS, read_env
from .processes import MARK, PR_SET_PDEATHSIG, prctl

STEADY_SECONDS = 60.0
BACKOFF_LIMIT = 60.0


def load_env(config: dict[str, Any]) -> dict[str, str]:
    """The environment of every component: this process's, without foreign Airflow settings, plus our files."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW__", "AIRFLOW_CTX_", "_AIRFLOW_"))}
    env.pop("PYTHONPATH", None)
    env.pop("PYTHONHOME", None)
    env.update(read_env())
    env["AIRFLOW_HOME"] = str(HERE)
    env["PATH"] = str(HERE / "venv" / "bin") + os.pathsep + env.get("PATH", os.defpath)
    env["VIRTUAL_ENV"] = str(HERE / "venv")
    env["PYTHONUNBUFFERED"] = "1"
    env["NO_COLOR"] = "1"
    env[MARK] = str(config["stack_id"])
    return env


class Component:
    """One long-running Airflow process and its history."""

    def __init__(self, name: str, argv: list[str]) -> None:
        self.name = name
        self.argv = argv
        self.pid = 0
        self.state = "waiting"
        self.since = time.time()
        self.restarts = -1
        self.exit_code: int | None = None
        self.next_try = 0.0
        self.backoff = 1.0
        self.asked = False
        self.wanted = True
        self.kill_at = 0.0
        self.log_from = 0

    def start(self, env: dict[str, str]) -> None:
        """Start it in a session of its own, so that it and all its workers can be ended together."""
        LOGS.mkdir(parents=True, exist_ok=True)
        # Airflow 2 refuses to start beside a file that names a process, even one that only inherited the number.
        for stale in HERE.glob(f"airflow-{self.name}*.pid"):
            stale.unlink()
        log = os.open(LOGS / f"{self.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        parent = os.getpid()
        try:
            self.log_from = os.fstat(log).st_size
            pid = os.fork()
            if pid == 0:
                become(self.argv, env, log, parent)
        finally:
            os.close(log)
        self.pid = pid
        self.state = "running"
        self.since = time.time()
        self.restarts += 1

    def ended(self, code: int) -> None:
        """Take note of its end and plan the next start."""
        lived = time.time() - self.since
        self.exit_code = code
        self.pid = 0
        self.kill_at = 0.0
        self.since = time.time()
        if self.asked or lived > STEADY_SECONDS:
            self.backoff = 1.0
        self.next_try = time.time() + (0.0 if self.asked else self.backoff)
        if not self.asked:
            self.backoff = min(self.backoff * 2, BACKOFF_LIMIT)
        self.state = "backoff" if self.wanted else "stopped"
        self.asked = False

    def signal(self, number: int) -> None:
        """Signal the whole process group."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def describe(self) -> dict[str, Any]:
        """Plain values for the state file."""
        return {
            "pid": self.pid or None,
            "state": self.state,
            "since": self.since,
            "restarts": max(self.restarts, 0),
            "exit_code": self.exit_code,
            "next_try": self.next_try if self.state == "backoff" else None,
            "argv": self.argv,
            # Size of its log when it was started: what stands before is of earlier runs.
            "log_from": self.log_from,
        }


def become(argv: list[str], env: dict[str, str], log: int, parent: int) -> None:
    """In the forked child: turn into the component. Never returns."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        # Should the supervisor be killed outright, its children are told to stop instead of living on unseen.
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(HERE)
        os.execvpe(argv[0], argv, env)  # noqa: S606 - an argument list, never a shell
    except OSError as error:
        os.write(log, f"cannot run {argv[0]}: {error}\n".encode())
    os._exit(127)
