"""The loop: start, watch, restart, stop."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import time
from typing import Any

from .component import Component, load_env
from .layout import CONTROL, LOGS, STATE, known_sessions, say
from .processes import PR_SET_CHILD_SUBREAPER, end_all, prctl, reap, start_ticks

LOG_LIMIT = 20 * 1024 * 1024
# The scheduler waits for its executor on SIGTERM; 12 s were seen on two busy cores with Airflow 3.3.
GRACE_SECONDS = 20.0


class Supervisor:
    """The loop: start, watch, restart, stop. Everything it knows is in the state file after each change."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.grace = float(config.get("grace_seconds", GRACE_SECONDS))
        self.env = load_env(config)
        self.components = [Component(c["name"], c["argv"]) for c in config["components"]]
        self.stopping = False
        self.sessions = known_sessions()
        self.wake, self.poke = os.pipe()
        for end in (self.wake, self.poke):
            os.set_blocking(end, False)
            os.set_inheritable(end, False)

    def save(self) -> None:
        """Write the state file in one piece."""
        text = json.dumps(
            {
                "schema": 1,
                "stack_id": self.config["stack_id"],
                "fingerprint": self.config["fingerprint"],
                "pid": os.getpid(),
                "ticks": start_ticks(os.getpid()),
                "stopping": self.stopping,
                "sessions": self.sessions,
                "components": {c.name: c.describe() for c in self.components},
            }
        )
        part = STATE.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(STATE)

    def run(self) -> int:
        """Until told to stop. Returns the exit code."""
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        leftovers = end_all(self.config["stack_id"], self.sessions, 5.0)
        self.sessions = []
        if leftovers:
            say(f"ended {len(leftovers)} processes that an earlier supervisor left behind")
        signal.set_wakeup_fd(self.poke)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.on_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        selector = selectors.DefaultSelector()
        selector.register(self.wake, selectors.EVENT_READ)
        next_rotation = time.monotonic()
        while not self.stopping:
            self.start_due()
            self.save()
            selector.select(self.patience())
            with contextlib.suppress(BlockingIOError):
                os.read(self.wake, 4096)
            self.take_ended()
            self.obey()
            self.insist()
            if time.monotonic() >= next_rotation:
                rotate_logs()
                next_rotation = time.monotonic() + 60.0
        self.stop_all()
        return 0

    def on_stop(self, number: int, _frame: object) -> None:
        """Signal handler: leave the loop."""
        say(f"received {signal.Signals(number).name}, stopping")
        self.stopping = True

    def start_due(self) -> None:
        """Start what waits for its turn."""
        for component in self.components:
            if component.state in ("waiting", "backoff") and time.time() >= component.next_try:
                component.start(self.env)
                self.sessions.append(component.pid)
                say(f"{component.name}: started, pid {component.pid}")

    def patience(self) -> float:
        """Seconds until something is due."""
        due = [c.next_try - time.time() for c in self.components if c.state == "backoff"]
        due += [c.kill_at - time.time() for c in self.components if c.pid and c.kill_at]
        return max(0.0, min([60.0, *due]))

    def take_ended(self) -> None:
        """Note every component that ended."""
        ended = reap()
        for component in self.components:
            if component.pid in ended:
                # Workers of a dead parent would hold its port and its database connections.
                end_all("", [component.pid], 0.5)
                self.sessions.remove(component.pid)
                code = ended[component.pid]
                component.ended(code)
                wait = max(0.0, component.next_try - time.time())
                then = f"starting again in {wait:.0f} s" if component.wanted else "as it was asked to"
                say(f"{component.name}: ended with {code}, {then}")

    def obey(self) -> None:
        """Carry out what `restart`, `stop-unit` and `start-unit` asked for."""
        try:
            lines = CONTROL.read_text(encoding="utf-8").splitlines()
            CONTROL.unlink()
        except OSError:
            return
        asked = {name: verb for verb, _, name in (line.partition(" ") for line in lines)}
        for component in self.components:
            verb = asked.get(component.name, "")
            if verb not in ("restart", "stop", "start"):
                continue
            say(f"{component.name}: {verb} asked for")
            component.wanted = verb != "stop"
            component.next_try = 0.0
            if not component.pid:
                component.state = "waiting" if component.wanted else "stopped"
            elif verb != "start" or component.asked:
                component.asked = True
                component.kill_at = component.kill_at or time.time() + self.grace
                # To the process alone: a scheduler whose workers were told as well may wait for them for ever.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(component.pid, signal.SIGTERM)

    def insist(self) -> None:
        """Kill what was asked to restart and has not ended in time."""
        for component in self.components:
            if component.pid and component.kill_at and time.time() >= component.kill_at:
                say(f"{component.name}: did not end within {self.grace:g} s, killed")
                component.kill_at = 0.0
                component.signal(signal.SIGKILL)

    def stop_all(self) -> None:
        """TERM to every group, then KILL to whatever is left, workers and tasks included."""
        for component in self.components:
            if component.pid:
                component.state = "stopping"
                # A terminal's Ctrl-C never reaches them (own sessions), so each is told once, here.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(component.pid, signal.SIGTERM)
        self.save()
        deadline = time.monotonic() + self.grace
        while any(c.pid for c in self.components) and time.monotonic() < deadline:
            if self.note_stopped():
                self.save()
            time.sleep(0.05)
        for component in self.components:
            component.signal(signal.SIGKILL)
        end_all(self.config["stack_id"], self.sessions, 2.0)
        self.note_stopped()
        self.sessions = []
        self.save()
        say("stopped")

    def note_stopped(self) -> bool:
        """Note who is gone while stopping; True when somebody went."""
        ended = reap()
        for component in self.components:
            if component.pid and component.pid in ended:
                component.exit_code = ended[component.pid]
                component.signal(signal.SIGKILL)
                component.pid = 0
                component.state = "stopped"
                component.since = time.time()
        return bool(ended)


def rotate_logs() -> None:
    """Keep one older copy of a log that grew too large; writers append, so cutting it short is safe."""
    for log in LOGS.glob("*.log"):
        with contextlib.suppress(OSError):
            if log.stat().st_size > LOG_LIMIT:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)
