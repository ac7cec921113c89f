"""A forward is kept by a program of its own: started again when it ends, ended when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from airflow_wizard.engines import forwarding
from tests.engines.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISTEN = (
    "import socket, sys, time\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
    "print('Forwarding from here', flush=True)\n"
)


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Look until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[str]:
    """Of a stack; no keeper outlives the test."""
    yield str(tmp_path)
    assert forwarding.stop(str(tmp_path))


def gone(pid: int) -> bool:
    """Whether a process is no more; where process 1 reaps nobody it stays a zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def told(folder: str) -> dict[str, Any]:
    """What the keeper noted last."""
    found: dict[str, Any] = json.loads((Path(folder) / ".airflow-wizard" / "forward.json").read_text())
    return found


def command(port: int, then: str) -> tuple[str, ...]:
    """Something that listens, and then does this."""
    return (sys.executable, "-c", LISTEN + then, str(port))


def test_one_that_ends_is_started_again_and_all_of_it_ends_when_told(folder: str) -> None:
    port = free_port()
    argv = command(port, "time.sleep(0 if not __import__('os').path.exists('again') else 600)")
    assert forwarding.read(folder) is None
    forwarding.start(folder, "127.0.0.1", port, argv)
    until(lambda: (kept := forwarding.read(folder)) and kept.restarts >= 1)
    (open(f"{folder}/again", "w")).close()  # noqa: PTH123
    until(lambda: forwarding.listens("127.0.0.1", port))
    kept = forwarding.read(folder)
    assert kept is not None
    assert kept.argv == argv
    assert "Forwarding from here" in forwarding.last_lines(folder)
    child = told(folder)["child"]
    assert forwarding.stop(folder)
    until(lambda: not forwarding.listens("127.0.0.1", port))
    until(lambda: gone(kept.pid) and gone(child))
    assert forwarding.read(folder) is None
    assert not (Path(folder) / ".airflow-wizard" / "forward.json").exists()


def test_a_second_keeper_of_the_same_ends_at_once(folder: str) -> None:
    port = free_port()
    forwarding.start(folder, "127.0.0.1", port, command(port, "time.sleep(600)"))
    until(lambda: forwarding.listens("127.0.0.1", port))
    kept = forwarding.read(folder)
    argv = [sys.executable, "-m", "airflow_wizard.engines.forward_keeper", f"{folder}/.airflow-wizard"]
    assert subprocess.run([*argv, "127.0.0.1", str(port), "false"], check=False, timeout=30).returncode == 0
    assert forwarding.read(folder) == kept


def test_one_whose_command_is_missing_is_known_and_ends_in_the_middle_of_its_pause(folder: str) -> None:
    """Else nobody could end it, or would have to wait until it tries again."""
    forwarding.start(folder, "127.0.0.1", free_port(), ("no-such-program",))
    until(lambda: any("no-such-program" in line for line in forwarding.last_lines(folder)))
    kept = forwarding.read(folder)
    assert kept is not None
    assert kept.pid
    began = time.monotonic()
    assert forwarding.stop(folder)
    assert time.monotonic() - began < forwarding._END_SECONDS


def test_what_a_killed_keeper_left_tells_nothing(folder: str) -> None:
    port = free_port()
    forwarding.start(folder, "127.0.0.1", port, ("sleep", "600"))
    until(lambda: (kept := forwarding.read(folder)) and kept.pid)
    kept = forwarding.read(folder)
    assert kept is not None
    until(lambda: told(folder)["child"])
    child = told(folder)["child"]
    os.kill(kept.pid, signal.SIGKILL)
    until(lambda: forwarding.read(folder) is None)
    assert forwarding.stop(folder), "nobody is there to be ended"
    os.kill(child, signal.SIGKILL)
