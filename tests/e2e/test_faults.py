"""What goes wrong on real machines: each fault is a clear message, an exit code of the table, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.faults_helpers import (
    ESCAPES,
    STANDALONE,
    digests,
    env_without,
    foreign_server,
    nothing_was_made,
    password_of,
    quiet,
    silent_listener,
    small_disk,
    told,
    up,
    wizard_with,
)
from tests.e2e.wizard import free_port, processes_in, stack_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.wizard import Wizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system, which only root may")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No network for the installer, and nothing in its cache."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "no-cache"))


@pytest.fixture
def half_made(wizard: Wizard, offline: None) -> Path:
    """Folder of a stack called demo whose launch stopped at the installation: files, state, journal, registry."""
    del offline
    assert up(wizard, "demo", "--ignore-check", "all").code == 1
    return stack_folder(wizard, "demo")


# The port


def test_a_silent_program_on_the_port_is_named_and_nothing_is_begun(wizard: Wizard) -> None:
    with silent_listener() as port:
        message = told(up(wizard, "taken", port=port), 3)
    assert f"pid {os.getpid()}" in message
    assert "python" in message or "pytest" in message
    nothing_was_made(wizard, "taken")


def test_a_foreign_server_on_the_port_is_named_and_never_sent_the_login(wizard: Wizard) -> None:
    with foreign_server() as (port, received):
        assert f"pid {os.getpid()}" in told(up(wizard, "taken", port=port), 3)
        nothing_was_made(wizard, "taken")
        message = told(up(wizard, "taken", "--ignore-check", "all", port=port), 1)
        assert f"pid {os.getpid()}" in message
        assert "--set port=" in message
        password = password_of(stack_folder(wizard, "taken")).encode()
        assert not [request for request in received if password in request or b"/auth/" in request]
    assert wizard.run("destroy", "taken", "--confirm", "taken").code == 0
    nothing_was_made(wizard, "taken")


def test_a_hostile_process_title_is_shown_harmless(wizard: Wizard) -> None:
    code = (
        "import socket, sys\n"
        "s = socket.create_server(('127.0.0.1', 0))\n"
        "print(s.getsockname()[1], flush=True)\n"
        "sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, ESCAPES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert f"pid {child.pid}" in told(up(wizard, "taken", port=int(child.stdout.readline())), 3)
    finally:
        child.communicate("")


# The folder


@pytest.mark.parametrize("below", ["", "/below"])
@pytest.mark.parametrize("command", ["up", "up --ignore-check all", "write"])
def test_a_file_where_the_folder_should_be(wizard: Wizard, tmp_path: Path, command: str, below: str) -> None:
    place = tmp_path / "place"
    place.write_text("mine")
    first, *flags = command.split()
    if first == "write":
        run = wizard.run("write", *STANDALONE, "--out", f"{place}{below}")
    else:
        run = up(wizard, "demo", "--dir", f"{place}{below}", *flags)
    assert str(place) in told(run, 1, 3)
    assert place.read_text() == "mine"
    assert wizard.run("stacks", "--json").json() == []


@needs_root
@pytest.mark.parametrize("command", ["up", "up --ignore-check all", "write"])
def test_a_read_only_folder(wizard: Wizard, tmp_path: Path, command: str) -> None:
    first, *flags = command.split()
    with small_disk(tmp_path / "disk", "size=1m", "ro") as disk:
        place = str(disk / "demo")
        if first == "write":
            run = wizard.run("write", *STANDALONE, "--out", place)
        else:
            run = up(wizard, "demo", "--dir", place, *flags)
        assert "ead-only file system" in told(run, 1, 3)
        assert not list(disk.iterdir())
    assert wizard.run("stacks", "--json").json() == []


def test_spaces_other_letters_and_a_relative_folder_launch_to_proven(wizard: Wizard, tmp_path: Path) -> None:
    given = "ärger ordner/air flow"
    folder = tmp_path / given
    run = up(wizard, "odd", "--dir", given, "--json", cwd=tmp_path)
    try:
        assert run.events()[-1]["event"] == "proven", run.err
        (stack,) = wizard.run("stacks", "--json").json()
        assert stack["folder"] == str(folder)
        # From anywhere else: what was relative is not any more.
        status = wizard.run("status", "odd", "--json").json()
        assert status["state"] == "running"
        assert status["airflow"]["scheduler"]["status"] == "healthy"
        assert wizard.run("stop", "odd", "--yes").code == 0
        assert processes_in(folder) == []
    finally:
        gone = wizard.run("destroy", "odd", "--confirm", "odd", "--yes")
    assert gone.code == 0
    assert processes_in(folder) == []
    assert not (folder / "venv").exists()
    assert wizard.run("stacks", "--json").json() == []


@needs_root
def test_a_full_disk(wizard: Wizard, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=20m") as disk:
        place = disk / "demo"
        assert "1.5 GB" in told(up(wizard, "demo", "--dir", str(place)), 3)
        assert not place.exists()

        message = told(up(wizard, "demo", "--dir", str(place), "--ignore-check", "disk.free"), 1)
        assert "the disk is full" in message
        assert "df -h" in message
        written = digests(place)
        assert ".env" in written

        with pytest.raises(OSError, match="No space"):
            (disk / "rest").write_bytes(bytes(20 << 20))
        message = told(up(wizard, "demo", "--dir", str(place), "--ignore-check", "disk.free"), 1)
        assert "df -h" in message
        kept = digests(place)
        assert {name: kept.get(name) for name in written if "/" not in name} == {
            name: value for name, value in written.items() if "/" not in name
        }
        assert json.loads((place / ".airflow-wizard" / "state.json").read_text())["name"] == "demo"

        # A disk that is full can still be freed.
        assert wizard.run("destroy", "demo", "--confirm", "demo").code == 0
        assert not place.exists() or not digests(place)
    assert wizard.run("stacks", "--json").json() == []


# The network


def test_offline_is_said_and_the_same_command_would_go_on(wizard: Wizard, offline: None) -> None:
    del offline
    message = told(up(wizard, "demo", "--ignore-check", "all"), 1)
    assert "index cannot be reached" in message
    assert "same command" in message
    assert processes_in(stack_folder(wizard, "demo")) == []


def test_an_index_that_cannot_be_reached(wizard: Wizard, monkeypatch: pytest.MonkeyPatch, offline: None) -> None:
    del offline
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/none")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    assert "http://127.0.0.1:9/none" in told(up(wizard, "demo"), 3)
    nothing_was_made(wizard, "demo")
    assert "index cannot be reached" in told(up(wizard, "demo", "--ignore-check", "all"), 1)


# State


DAMAGE = b"\xff\xfe{broken \x1b[31m"
READING = (
    ("status", "demo"),
    ("stacks",),
    ("credentials", "demo"),
    ("logs", "demo"),
    ("doctor", "demo"),
    ("destroy", "demo", "--dry-run"),
)


def damaged(wizard: Wizard, folder: Path) -> Iterator[Path]:
    yield folder / ".airflow-wizard" / "state.json"
    yield folder / ".airflow-wizard" / "manifest.json"
    yield folder / ".airflow-wizard" / "journal.jsonl"
    yield folder / ".env"
    yield folder / "supervisor.json"
    yield wizard.home / "state" / "stacks" / "demo.json"


def test_reading_past_a_damaged_file_of_state_loses_nothing(wizard: Wizard, half_made: Path) -> None:
    """Every file of state, one after the other; each command either does its work or says what, why and next."""
    for file in damaged(wizard, half_made):
        good = file.read_bytes()
        file.write_bytes(DAMAGE)
        before = digests(half_made)
        for words in READING:
            run = wizard.run(*words)
            quiet(run)
            if run.code in (1, 3, 4, 5) and "Why:" in run.err:
                assert file.name in told(run), (file.name, words)
            if words == ("stacks",):
                assert "demo" in run.out + run.err, "a stack whose entry is damaged is not simply gone"
        assert digests(half_made) == before, file.name
        assert file.read_bytes() == DAMAGE
        file.write_bytes(good)


def test_launching_again_over_damaged_state(wizard: Wizard, half_made: Path) -> None:
    """What can be made again is; what cannot (the keys) stops the launch; what the person wrote stays."""
    dag = half_made / "dags" / "mine.py"
    dag.write_text("# my DAG")
    config = half_made / "airflow.cfg"
    config.write_text(config.read_text() + "\n# my line\n")
    password = password_of(half_made)
    for file in damaged(wizard, half_made):
        good = file.read_bytes()
        file.write_bytes(DAMAGE)
        message = told(up(wizard, "demo", "--ignore-check", "all"))
        assert "index cannot be reached" in message or file.name in message, message
        assert dag.read_text() == "# my DAG"
        assert "# my line" in config.read_text(), f"an edit was lost after {file.name} was damaged"
        file.write_bytes(good)
        assert password_of(half_made) == password


def test_unreadable_keys_do_not_keep_a_stack_from_being_removed(wizard: Wizard, half_made: Path) -> None:
    (half_made / ".env").write_bytes(DAMAGE)
    assert quiet(wizard.run("stop", "demo", "--yes"))
    gone = wizard.run("destroy", "demo", "--confirm", "demo")
    assert gone.code == 0, gone.err
    nothing_was_made(wizard, "demo")


# Two at once


def test_the_second_wizard_on_a_stack_waits_its_turn(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "no-cache"))
    with silent_listener() as index:  # the installer waits for an answer for as long as it is let
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{index}/none")
        first = wizard.start(*wizard.up("--name", "demo", "--ignore-check", "all"))
        try:
            _read_until(first, "install")
            folder = stack_folder(wizard, "demo")
            _wait_until_it_writes_no_more(folder / ".airflow-wizard" / "commands.log")
            before = digests(folder)
            for words in (
                wizard.up("--name", "demo", "--ignore-check", "all"),
                ("stop", "demo", "--yes"),
                ("destroy", "demo", "--confirm", "demo"),
            ):
                run = wizard.run(*(word for word in words if word != "--json"))
                assert f"pid {first.pid}" in told(run, 1)
            assert digests(folder) == before
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGINT)
            out, err = first.communicate(timeout=60)
    assert first.returncode == 130, err
    assert json.loads(out.splitlines()[-1])["event"] == "failed"
    assert processes_in(folder) == []
    assert wizard.run("destroy", "demo", "--confirm", "demo").code == 0


def _read_until(run: subprocess.Popen[str], step: str) -> None:
    assert run.stdout is not None
    for line in run.stdout:
        event = json.loads(line)
        if event.get("id") == step and event["state"] == "started":
            return
    raise AssertionError(f"{step} was never reached")


def _wait_until_it_writes_no_more(commands: Path) -> None:
    """The command of the step is written down before it is run; from then on the first wizard only waits for it."""
    end = time.monotonic() + 60
    while "pip install" not in commands.read_text():
        assert time.monotonic() < end, commands.read_text()
        time.sleep(0.02)


# HOME


@pytest.mark.parametrize("home", [None, "", "/dev/null", "/nowhere/at/all"])
def test_without_a_usable_home(home: str | None, tmp_path: Path) -> None:
    away = [name for name in os.environ if name.startswith("XDG_")]
    env = env_without("HOME", "AIRFLOW_WIZARD_HOME", *away)
    if home is not None:
        env["HOME"] = home
    for words in (("--version",), ("--help",), ("stacks",), ("profiles",), ("plan", *STANDALONE)):
        run = wizard_with(env, *words, cwd=tmp_path)
        quiet(run)
        assert run.code == 0 or told(run), words


@needs_root
def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    away = [name for name in os.environ if name.startswith("XDG_")]
    with small_disk(tmp_path / "disk", "size=1m", "ro") as disk:
        env = env_without("AIRFLOW_WIZARD_HOME", *away, HOME=str(disk))
        place = tmp_path / "demo"
        port = f"port={free_port()}"
        told(wizard_with(env, "up", *STANDALONE, "--set", port, "--yes"), 1, 3)
        message = told(wizard_with(env, "up", *STANDALONE, "--set", port, "--dir", str(place), "--yes"), 1, 3)
        assert "AIRFLOW_WIZARD_HOME" in message
        told(wizard_with(env, "profiles", "save", "mine", "--profile", "laptop-lite"), 1)
        assert not list(disk.iterdir())
    assert not (place / "venv").exists()
