"""Ports that are really held, by programs of the test's own."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import ports
from airflow_wizard.host.probe import Ask
from airflow_wizard.host.probes.ports import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow_wizard.host.facts import Json

_LISTENER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """(port, pid) of a program that listens and is called ``holder.py``."""
    script = tmp_path / "holder.py"
    script.write_text(_LISTENER)
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
        assert process.stdin is not None
        process.stdin.close()


def seen(ask: Ask, port: int) -> dict[str, Json]:
    result = probe(ask)["ports"]
    assert isinstance(result, dict)
    entry = result[str(port)]
    assert isinstance(entry, dict)
    return entry


def test_a_held_port_names_pid_command_and_user(held: tuple[int, int], tmp_path: Path) -> None:
    port, pid = held
    entry = seen(Ask(tmp_path / "stack", ports=(port,)), port)
    assert (entry["free"], entry["reason"], entry["pid"]) == (False, "in use", pid)
    assert str(entry["command"]).endswith("holder.py")
    assert entry["user"]
    assert entry["ours"] is False


def test_a_program_that_was_started_from_the_stack_is_ours(held: tuple[int, int], tmp_path: Path) -> None:
    port, _ = held
    assert seen(Ask(tmp_path, ports=(port,)), port)["ours"] is True
    assert seen(Ask(tmp_path.with_name(tmp_path.name[:-1]), ports=(port,)), port)["ours"] is False


def test_the_wildcard_is_taken_when_one_address_is(held: tuple[int, int], tmp_path: Path) -> None:
    port, _ = held
    assert seen(Ask(tmp_path / "stack", ports=(port,), bind="0.0.0.0"), port)["free"] is False  # noqa: S104 - a test, closed at once


def test_a_free_port_is_free_and_the_next_ten_are_told(tmp_path: Path, dead_port: int) -> None:
    low = min(dead_port, 65000)
    result = probe(Ask(tmp_path, ports=(low,)))["ports"]
    assert isinstance(result, dict)
    assert sorted(map(int, result)) == list(range(low, low + 11))
    assert seen(Ask(tmp_path, ports=(dead_port,)), dead_port)["free"] is True


def test_a_connection_that_was_just_closed_is_no_obstacle() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            peer, _ = server.accept()
            peer.close()  # closes first, so that its side waits in TIME_WAIT
    assert ports.why_not_free("127.0.0.1", port) == ""


@pytest.mark.parametrize(("address", "port"), [("203.0.113.7", 8080), ("127.0.0.1", 70000)])
def test_what_cannot_be_listened_on_says_why(address: str, port: int) -> None:
    assert ports.why_not_free(address, port)


def test_ports_at_the_end_of_the_range_are_not_invented(tmp_path: Path) -> None:
    result = probe(Ask(tmp_path, ports=(65530,)))["ports"]
    assert isinstance(result, dict)
    assert max(map(int, result)) == 65535
