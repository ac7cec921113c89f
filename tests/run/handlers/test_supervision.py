"""Starting, stopping and restarting, with the real supervisor and tiny components."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import supervised
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import ActOnProcess, CheckPort, StartSupervisor, StopSupervisor
from tests.engines.loopback import free_port
from tests.run.handlers.context import Heard
from tests.run.handlers.stack import SLEEP, make_stack, pids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A stack of one component; nothing of it outlives the test."""
    made = tmp_path / "a stack"
    make_stack(made, web=SLEEP)
    yield made
    for pid in pids(made):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_start_once_follow_a_new_configuration_and_stop(folder: Path) -> None:
    heard = Heard()
    start = StartSupervisor(str(folder), "one")
    assert heard.done(start) == ""
    heard.do(start)
    first = supervised.read_supervisor(str(folder)).pid
    assert heard.done(start) == f"running, pid {first}"
    assert heard.commands == ["./stack start", "exit 0"]

    make_stack(folder, "two", web=SLEEP)
    changed = StartSupervisor(str(folder), "two")
    assert heard.done(changed) == "", "it runs with what was configured before"
    heard.do(changed)
    second = supervised.read_supervisor(str(folder))
    assert second.pid not in {None, first}
    assert second.fingerprint == "two"
    assert heard.done(changed)

    stop = StopSupervisor(str(folder))
    assert heard.done(stop) == ""
    assert heard.do(stop).startswith("ended ")
    assert pids(folder) == set()
    assert heard.done(stop) == "nothing runs"


def test_stop_ends_what_runs_even_when_its_script_is_gone(folder: Path) -> None:
    """A stack that was half made, or half removed by hand."""
    Heard().do(StartSupervisor(str(folder), "one"))
    family = pids(folder)
    assert len(family) >= 2
    (folder / "stack").unlink()
    Heard().do(StopSupervisor(str(folder)))
    assert pids(folder) == set()


def test_a_restart_brings_another_process_under_the_same_name(folder: Path) -> None:
    Heard().do(StartSupervisor(str(folder), "one"))
    state = supervised.read_supervisor(str(folder))
    assert Heard().done(ActOnProcess(str(folder), "web", "restart")) == ""
    Heard().do(ActOnProcess(str(folder), "web", "restart"))
    after = supervised.read_supervisor(str(folder))
    assert after.pid == state.pid
    assert {c.pid for c in after.components} & {c.pid for c in state.components} == set()


def test_a_restart_of_what_does_not_run_says_so(folder: Path) -> None:
    with pytest.raises(StepFailedError, match="the stack does not run") as caught:
        Heard().do(ActOnProcess(str(folder), "web", "restart"))
    assert caught.value.next == "airflow-wizard start"


def test_one_component_is_stopped_and_started_and_the_others_do_not_notice(folder: Path) -> None:
    make_stack(folder, web=SLEEP, other=SLEEP)
    Heard().do(StartSupervisor(str(folder), "one"))

    def now() -> dict[str, tuple[str, int | None, int]]:
        return {c.name: (c.state, c.pid, c.restarts) for c in supervised.read_supervisor(str(folder)).components}

    before, heard = now(), Heard()
    stop, start = (ActOnProcess(str(folder), "web", verb) for verb in ("stop", "start"))
    assert (heard.done(stop), heard.done(start)) == ("", f"runs, pid {before['web'][1]}")
    heard.do(stop)
    assert now() == {"web": ("stopped", None, 0), "other": before["other"]}
    assert heard.done(stop) == "it does not run"
    assert heard.commands == ["./stack stop-unit web", "exit 0"]
    heard.do(start)
    assert now()["web"][0] == "running"
    assert now()["other"] == before["other"]


def test_a_supervisor_of_an_older_version_refuses_instead_of_stopping_everything(folder: Path) -> None:
    main = folder / "supervisor" / "__main__.py"
    main.write_text(main.read_text().replace('("restart", "stop-unit", "start-unit")', '("restart",)'))
    Heard().do(StartSupervisor(str(folder), "one"))
    before = pids(folder)
    with pytest.raises(StepFailedError, match="exit 2"):
        Heard().do(ActOnProcess(str(folder), "web", "stop"))
    assert pids(folder) == before


def test_a_start_that_cannot_work_shows_the_supervisors_own_words(folder: Path) -> None:
    (folder / "supervisor.json").write_text("{")
    with pytest.raises(StepFailedError) as caught:
        Heard().do(StartSupervisor(str(folder), "one"))
    assert any("JSONDecodeError" in line for line in caught.value.evidence)
    assert "supervisor.log" in caught.value.next


def test_a_free_port_is_free_and_a_taken_one_names_who_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    assert Heard().do(CheckPort(str(tmp_path), "127.0.0.1", port)) == "free"
    monkeypatch.setattr("airflow_wizard.run.handlers.supervision._PORT_PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", port)):
        action = CheckPort(str(tmp_path), "127.0.0.1", port)
        assert Heard().done(action) == "", "somebody else's, however it looks"
        with pytest.raises(StepFailedError) as caught:
            Heard().do(action)
    assert str(port) in caught.value.what
    assert f"pid {os.getpid()}" in caught.value.what
    assert f"--set port={port + 1}" in caught.value.next


def test_the_last_port_has_no_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_wizard.run.handlers.supervision._PORT_PATIENCE", 0.1)
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", 65535)):
        with pytest.raises(StepFailedError) as caught:
            Heard().do(CheckPort(str(tmp_path), "127.0.0.1", 65535))
        assert "65536" not in caught.value.next


LISTEN = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", {port}))
print("up", flush=True)
time.sleep(600)
"""


def test_a_port_that_this_stack_holds_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    port = free_port()
    make_stack(folder, web=LISTEN.format(port=port))
    try:
        Heard().do(StartSupervisor(str(folder), "one"))
        for _ in range(200):
            if "up" in supervised.log_tail(str(folder), "web"):
                break
            Heard().context().pause(0.02)
        assert Heard().done(CheckPort(str(folder), "127.0.0.1", port)) == "held by this stack"
    finally:
        Heard().do(StopSupervisor(str(folder)))
    assert pids(folder) == set()
