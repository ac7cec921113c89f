"""What the measurements share in one run: a place, how often, and the launches that took a while."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.bench.processes import PROGRAM, clean_env, end

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = "standalone-quickstart"


@dataclass(frozen=True, slots=True)
class Launch:
    """One ``up --json`` to its end.

    Attributes:
        name: of the stack.
        folder: of the stack.
        seconds: wall time of the whole command.
        done: step → seconds from the start of the command until the step was done.
        last: the last event.
    """

    name: str
    folder: Path
    seconds: float
    done: dict[str, float]
    last: dict[str, Any]

    @property
    def supervisor(self) -> int:
        """Its pid, as the supervisor wrote it."""
        return int(json.loads((self.folder / "run" / "supervisor.json").read_text(encoding="utf-8"))["pid"])


@dataclass
class Session:
    """One run of the bench.

    Attributes:
        place: an empty folder that goes at the end.
        pairs: how often quick things are measured.
        long_pairs: how often whole launches are.
        changes: how many kills and starts of a container are waited for.
        flood: seconds for which the logs of many containers are followed.
        soak: minutes for which an idle dashboard is looked at.
    """

    place: Path
    pairs: int
    long_pairs: int
    changes: int = 200
    flood: int = 60
    soak: float = 2.0
    current: Launch | None = None
    launches: list[Launch] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """For every process that is measured."""
        return clean_env(self.place / "home")

    def launch(self) -> Launch:
        """Launches a stack from nothing to proven; the one before is destroyed first."""
        self.destroy()
        name = f"bench-{len(self.launches)}"
        folder = self.place / name
        argv = [PROGRAM, "up", "--profile", PROFILE, "--name", name, "--dir", str(folder), "--yes", "--json"]
        argv += ["--set", f"port={free_port()}"]
        done: dict[str, float] = {}
        last: dict[str, Any] = {}
        began = time.perf_counter()
        # Known before it runs, so that an interruption in the middle of it is cleaned up too.
        self.current = Launch(name, folder, 0.0, done, last)
        with (self.place / f"{name}.err").open("wb") as errors:
            child = subprocess.Popen(argv, env=self.env, stdout=subprocess.PIPE, stderr=errors, text=True)
            try:
                for line in child.stdout or ():
                    last = json.loads(line)
                    if last.get("event") == "step" and last["state"] == "done":
                        done[last["id"]] = time.perf_counter() - began
                child.wait()
            except BaseException:
                child.terminate()
                child.wait()
                raise
        if last.get("event") != "proven":
            raise RuntimeError(f"the launch was not proven: {last}")
        self.current = Launch(name, folder, time.perf_counter() - began, done, last)
        self.launches.append(self.current)
        return self.current

    def running(self) -> Launch:
        """A stack that runs: the last launched one, or a new one."""
        return self.current or self.launch()

    def destroy(self) -> None:
        """Takes the running stack away; when the wizard cannot, its processes at least."""
        launch, self.current = self.current, None
        if launch is None or not launch.folder.exists():
            return
        argv = [PROGRAM, "destroy", launch.name, "--confirm", launch.name, "--yes", "--json"]
        gone = subprocess.run(argv, env=self.env, capture_output=True, text=True, check=False)
        if gone.returncode != 0:
            with contextlib.suppress(OSError, ValueError, KeyError):
                end(launch.supervisor)
            raise RuntimeError(f"destroy failed: {gone.stderr[-2000:]}")


def free_port() -> int:
    """A port of this machine's own address that nobody listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
