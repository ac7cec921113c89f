"""Keep the components of one Airflow stack running. Part of the stack: works without airflow-wizard.

    ./stack start      in the background, survives the terminal
    ./stack run        in the foreground, Ctrl-C stops everything
    ./stack stop       ends every component and what they started
    ./stack restart X  ends component X and starts it again at once
    ./stack stop-unit X   ends component X, until start-unit X or the next start
    ./stack start-unit X  starts component X again
    ./stack status     what runs, as JSON
    ./stack rest PATH  calls the REST API with the stack's login: [METHOD] PATH [JSON]

Reads supervisor.json (what to run) and .env (secrets); writes run/supervisor.json (what was observed) and
logs/components/*.log.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

from .layout import CONTROL, HERE, LOCK, LOGS, RUN, UnusableError, known_sessions, load_config, read_state
from .loop import GRACE_SECONDS, Supervisor
from .processes import end_all, is_alive
from .rest import call


def running_pid() -> int:
    """Process id of the running supervisor, 0 when none runs."""
    state = read_state()
    pid = state.get("pid")
    if isinstance(pid, int) and is_alive(pid, int(state.get("ticks") or 0)) and locked():
        return pid
    return 0


def locked() -> bool:
    """True when a supervisor holds the lock."""
    try:
        with LOCK.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def refuse_half_installed() -> None:
    """See that what the components run is there; it would be started again and again for nothing.

    Raises:
        UnusableError: it is not, or supervisor.json cannot be used.
    """
    for component in load_config()["components"]:
        argv = component["argv"]
        # Components run with the Python that runs this.
        if argv[1:2] == ["-m"] and len(argv) > 2 and importlib.util.find_spec(argv[2]) is None:
            raise UnusableError(
                f"{argv[2]} is not installed in {HERE / 'venv'}: the launch was not finished; "
                "`airflow-wizard up --name NAME` continues it"
            )


def command_run() -> int:
    """Supervise in the foreground."""
    refuse_half_installed()
    RUN.mkdir(mode=0o700, exist_ok=True)
    handle = LOCK.open("a")
    for _ in range(20):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.05)
    else:
        sys.stderr.write("already running\n")
        return 0
    os.umask(0o077)
    return Supervisor(load_config()).run()


def command_start() -> int:
    """Supervise in the background; returns once it runs."""
    pid = running_pid()
    if pid:
        sys.stdout.write(f"already running, pid {pid}\n")
        return 0
    refuse_half_installed()
    RUN.mkdir(mode=0o700, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "supervisor.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", __package__ or "supervisor", "run"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=HERE,
        )
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline and child.poll() is None:
        if running_pid():
            sys.stdout.write(f"started, pid {child.pid}\n")
            return 0
        time.sleep(0.02)
    sys.stderr.write(f"did not start; see {LOGS / 'supervisor.log'}\n")
    return 1


def command_stop() -> int:
    """End everything of this stack, also what a killed supervisor left behind."""
    pid = running_pid()
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS + 10.0
        while locked() and time.monotonic() < deadline:
            time.sleep(0.05)
    left = end_all(stack_id(), known_sessions(), 5.0)
    sys.stdout.write("stopped\n" if pid or left else "was not running\n")
    return 0


def stack_id() -> str:
    """The mark of this stack's processes; from what was observed where supervisor.json is damaged."""
    try:
        return str(load_config()["stack_id"])
    except UnusableError:
        return str(read_state().get("stack_id", ""))


def command_unit(verb: str, names: list[str]) -> int:
    """Restart, stop or start components by name."""
    pid = running_pid()
    if not pid:
        sys.stderr.write("not running; start it first\n")
        return 1
    known = [component["name"] for component in load_config()["components"]]
    if strange := [name for name in names if name not in known]:
        sys.stderr.write(f"there is no {strange[0]}; choose among: {', '.join(known)}\n")
        return 2
    CONTROL.write_text("".join(f"{verb} {name}\n" for name in names), encoding="utf-8")
    os.kill(pid, signal.SIGUSR1)
    return 0


def command_status() -> int:
    """Print the state file's content, with what is really alive."""
    state = read_state()
    state["running"] = bool(running_pid())
    sys.stdout.write(json.dumps(state, indent=2) + "\n")
    return 0


def command_rest(words: list[str]) -> int:
    """Call the API: [METHOD] PATH [JSON]."""
    method = words.pop(0) if not words[0].startswith("/") else "GET"
    path = words.pop(0) if words else "/"
    return call(str(load_config().get("url", "")), method, path, words[0] if words else "")


def main(arguments: list[str]) -> int:
    """Dispatch. Returns the exit code."""
    try:
        return dispatch(arguments)
    except UnusableError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def dispatch(arguments: list[str]) -> int:
    """Run the command that was asked for.

    Raises:
        UnusableError: the stack's files do not allow it.
    """
    commands = {"run": command_run, "start": command_start, "stop": command_stop, "status": command_status}
    verb = arguments[0] if arguments else ""
    if verb in commands:
        return commands[verb]()
    if verb in ("restart", "stop-unit", "start-unit") and len(arguments) > 1:
        return command_unit(verb.removesuffix("-unit"), arguments[1:])
    if verb == "rest" and len(arguments) > 1:
        return command_rest(arguments[1:])
    sys.stderr.write((__doc__ or "") + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
