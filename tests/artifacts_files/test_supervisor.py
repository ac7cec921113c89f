"""The stack's supervisor, for real, with tiny programs in place of Airflow's components."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest

import airflow_wizard
from airflow_wizard.engines import supervised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SOURCE = Path(airflow_wizard.__file__).parent / "artifacts" / "files" / "supervisor"
SLEEP = "import time; print('up', flush=True); time.sleep(600)"
PATIENCE = 20.0
T = TypeVar("T")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc and asks for PDEATHSIG")


class Stack:
    """A folder with the real supervisor, and components of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack_id = f"test-{os.urandom(6).hex()}"
        folder.mkdir()
        shutil.copytree(SOURCE, folder / "supervisor", ignore=shutil.ignore_patterns("__pycache__"))

    def components(self, programs: Mapping[str, str], **settings: object) -> None:
        """What to keep running: Python code by name."""
        config = {
            **settings,
            "stack_id": self.stack_id,
            "fingerprint": "print",
            "components": [{"name": n, "argv": [sys.executable, "-c", code]} for n, code in programs.items()],
        }
        (self.folder / "supervisor.json").write_text(json.dumps(config), encoding="utf-8")

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``./stack …`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "supervisor", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )

    def state(self) -> supervised.SupervisorState:
        """As the wizard sees it."""
        return supervised.read_supervisor(str(self.folder))

    def component(self, name: str) -> supervised.ComponentState:
        """One component as the wizard sees it."""
        return next(c for c in self.state().components if c.name == name)

    def pids(self) -> set[int]:
        """Everything of the stack that is alive."""
        return {p.pid for p in supervised.processes_of(str(self.folder))}

    def kill(self) -> set[int]:
        """Kills everything of the stack; returns what that was."""
        found = self.pids()
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def log(self, name: str) -> str:
        """A component's log."""
        return supervised.log_file(str(self.folder), name).read_text(encoding="utf-8")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path / "a stack ä")
    yield made
    until(lambda: not made.kill())


def until(look: Callable[[], T]) -> T:
    """The first truthy thing that is seen."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_starts_tells_and_stops(stack: Stack) -> None:
    stack.components({"web": SLEEP, "beat": SLEEP})
    assert not stack.state().running
    assert stack.call("start").returncode == 0
    until(lambda: all(c.state == "running" for c in stack.state().components))
    until(lambda: "up" in stack.log("web"))
    state = stack.state()
    assert state.running
    until(lambda: len(stack.pids()) == 3)
    assert (stack.folder / "logs" / "components" / "web.log").stat().st_mode & 0o077 == 0
    told = json.loads(stack.call("status").stdout)
    assert told["running"] is True
    assert set(told["components"]) == {"web", "beat"}

    assert "already running" in stack.call("start").stdout
    assert stack.state().pid == state.pid
    assert "already running" in stack.call("run").stderr

    assert stack.call("stop").stdout == "stopped\n"
    assert stack.pids() == set()
    after = stack.state()
    assert (after.running, after.ended_well) == (False, True)
    assert stack.call("stop").stdout == "was not running\n"


def test_what_dies_is_started_again_later_each_time_and_its_log_goes_on(stack: Stack) -> None:
    stack.components({"good": SLEEP, "bad": "import sys; print('tried', flush=True); sys.exit(3)"})
    stack.call("start")
    until(lambda: stack.component("bad").restarts >= 1 and stack.component("bad").state == "backoff")
    bad = stack.component("bad")
    assert bad.exit_code == 3
    assert stack.log("bad").count("tried") == bad.restarts + 1
    log = stack.log("supervisor")
    assert "bad: ended with 3, starting again in 1 s" in log
    assert "bad: ended with 3, starting again in 2 s" in log
    assert stack.component("good").restarts == 0


def test_a_restart_that_was_asked_for_waits_for_nothing(stack: Stack) -> None:
    stack.components({"web": SLEEP})
    stack.call("start")
    first = until(lambda: stack.component("web").pid)
    until(lambda: "up" in stack.log("web"))
    assert stack.call("restart", "web").returncode == 0
    second = until(lambda: {stack.component("web").pid} - {first, None})
    assert _alive(*second)
    until(lambda: stack.log("web").count("up") == 2)


def test_a_restart_does_not_wait_for_ever_for_what_ignores_it(stack: Stack) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
    stack.components({"scheduler": deaf}, grace_seconds=0.5)
    stack.call("start")
    until(lambda: "up" in stack.log("scheduler"))
    first = stack.component("scheduler").pid
    assert stack.call("restart", "scheduler").returncode == 0
    until(lambda: stack.component("scheduler").pid not in {first, None, 0})
    until(lambda: stack.log("scheduler").count("up") == 2)
    assert "scheduler: did not end within 0.5 s, killed" in stack.log("supervisor")


# It forks a worker that hides as Airflow's do: another title, no environment, deaf to TERM.
FAMILY = """
import os, signal, sys, time
if os.fork() == 0:
    os.execve(sys.executable, [sys.executable, "-c", "import signal, time; "
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('worker', flush=True); time.sleep(600)"], {})
print("up", flush=True)
time.sleep(600)
"""


def test_stop_ends_a_grandchild_that_hides_and_does_not_listen(stack: Stack) -> None:
    stack.components({"web": FAMILY})
    stack.call("start")
    until(lambda: "worker" in stack.log("web"))
    family = stack.pids()
    assert len(family) == 3
    assert stack.call("stop").stdout == "stopped\n"
    assert not [pid for pid in family if _alive(pid)]


def test_a_killed_supervisor_takes_its_children_along_and_the_next_one_cleans_up(stack: Stack) -> None:
    stack.components({"web": FAMILY, "beat": SLEEP})
    stack.call("start")
    until(lambda: "worker" in stack.log("web") and "up" in stack.log("beat"))
    children = [c.pid for c in stack.state().components if c.pid]
    family = stack.pids()
    supervisor = stack.state().pid
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    # The kernel tells the children; the deaf grandchild is what is left over.
    until(lambda: not any(_alive(pid) for pid in children))
    state = stack.state()
    assert (state.running, state.ended_well, state.pid) == (False, False, None)
    left = until(stack.pids)
    assert len(left) == 1

    assert stack.call("start").returncode == 0
    until(lambda: all(c.state == "running" for c in stack.state().components))
    assert not any(_alive(pid) for pid in family)
    assert "ended 1 processes that an earlier supervisor left behind" in stack.log("supervisor")


def _alive(pid: int | None) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_secrets_reach_the_component_by_its_environment_alone(stack: Stack) -> None:
    (stack.folder / ".env").write_text("# comment\nAIRFLOW__CORE__FERNET_KEY=a=b\n", encoding="utf-8")
    code = "import os; print(os.environ['AIRFLOW__CORE__FERNET_KEY'], os.environ['AIRFLOW_HOME'], flush=True)"
    stack.components({"web": f"{code}\n{SLEEP}"})
    stack.call("start")
    until(lambda: "up" in stack.log("web"))
    assert stack.log("web").startswith(f"a=b {stack.folder}\n")
    pid = stack.component("web").pid
    assert pid is not None
    assert not [word for word in psutil.Process(pid).cmdline() if "a=b" in word]


def test_a_program_that_cannot_be_run_is_told_in_its_log(stack: Stack) -> None:
    stack.components({"web": SLEEP})
    config = json.loads((stack.folder / "supervisor.json").read_text(encoding="utf-8"))
    config["components"][0]["argv"] = ["venv/bin/python"]
    (stack.folder / "supervisor.json").write_text(json.dumps(config), encoding="utf-8")
    stack.call("start")
    until(lambda: stack.component("web").exit_code == 127)
    assert "cannot run venv/bin/python: " in stack.log("web")


DAMAGED = ["", "{", "[]", "null", '{"stack_id": 1}', "[" * 100_000, '{"components": 3}']
# One process is given them all, one after the other: most of what one costs is its start.
GIVEN = """
import contextlib, io, json, pathlib, sys
from supervisor.__main__ import main
for text in json.load(sys.stdin):
    pathlib.Path("supervisor.json").write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main([sys.argv[1]])
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@pytest.mark.parametrize("verb", ["start", "run"])
def test_a_damaged_description_ends_in_one_line(stack: Stack, verb: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", GIVEN, verb],
        cwd=stack.folder,
        input=json.dumps(DAMAGED),
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert ran.stderr == ""
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(said) == len(DAMAGED)
    for code, out, err in said:
        assert (code, out) == (1, "")
        assert err.count("\n") == 1
        assert "supervisor.json cannot be used" in err


def test_a_damaged_description_does_not_keep_a_stack_from_stopping(stack: Stack) -> None:
    stack.components({"web": SLEEP})
    stack.call("start")
    until(lambda: "up" in stack.log("web"))
    (stack.folder / "supervisor.json").write_text("{", encoding="utf-8")
    stopped = stack.call("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert not stack.pids()


@pytest.mark.parametrize("verb", ["start", "run"])
def test_what_is_not_installed_is_not_tried_for_ever(stack: Stack, verb: str) -> None:
    stack.components({"web": SLEEP})
    path = stack.folder / "supervisor.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["components"][0]["argv"] = [sys.executable, "-m", "no_such_airflow", "scheduler"]
    path.write_text(json.dumps(config), encoding="utf-8")
    ran = stack.call(verb)
    assert ran.returncode == 1
    assert "no_such_airflow is not installed" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not stack.state().running


def test_an_env_file_that_is_not_utf8_is_passed_on(stack: Stack) -> None:
    (stack.folder / ".env").write_bytes(b"NAME=caf\xe9\n")
    stack.components({"web": f"import os; print(os.environb[b'NAME'], flush=True)\n{SLEEP}"})
    stack.call("start")
    until(lambda: "up" in stack.log("web"))
    assert r"b'caf\xe9'" in stack.log("web")


def test_where_the_lines_of_a_run_begin_is_known(stack: Stack) -> None:
    stack.components({"web": SLEEP})
    stack.call("start")
    until(lambda: "up" in stack.log("web"))
    stack.call("stop")
    size = len(stack.log("web").encode())
    stack.call("start")
    until(lambda: stack.log("web").count("up") == 2)
    assert stack.component("web").log_from == size
