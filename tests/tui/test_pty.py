"""The program itself, in a real pseudo-terminal, by keystrokes alone."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

import pyte
import pytest
from ptyprocess import PtyProcess

from airflow_wizard.workflows.checking import record_facts
from airflow_wizard.workflows.flow import load_flow
from tests.tui.machine import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pty
ENTER, RIGHT, CTRL_C, CTRL_Z = b"\r", b"\x1b[C", b"\x03", b"\x1a"
LEFT_SCREEN, CURSOR = b"\x1b[?1049l", b"\x1b[?25h"


class Terminal:
    """A program, the terminal it runs in, and everything it ever wrote."""

    def __init__(self, argv: list[str], *, rows: int = 30, columns: int = 100) -> None:
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        self.process = PtyProcess.spawn(argv, env=env, dimensions=(rows, columns))
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        os.set_blocking(self.process.fd, False)

    def read(self) -> None:
        """Takes what was written meanwhile; where there is nothing, waits a moment for it."""
        select.select([self.process.fd], [], [], 0.02)
        while True:
            try:
                came = os.read(self.process.fd, 65536)
            except (BlockingIOError, OSError):
                return
            if not came:
                return
            self.written += came
            # pyte does not know private modes with a question mark and a dollar, which only ask.
            self.stream.feed(came)

    def wait_for(self, words: str, seconds: float = 20.0) -> str:
        """Waits until words stand on the screen."""
        end = time.monotonic() + seconds
        looked_at = -1
        while time.monotonic() < end:
            if len(self.written) != looked_at:
                looked_at = len(self.written)
                seen = "\n".join(self.screen.display)
                if words in seen:
                    return seen
            self.read()
        raise AssertionError(f"{words!r} was not seen:\n" + "\n".join(self.screen.display))

    def press(self, *keys: bytes) -> None:
        """Presses keys."""
        for key in keys:
            os.write(self.process.fd, key)

    def end(self, seconds: float = 10.0) -> int:
        """Waits for the end; returns the exit code."""
        limit = time.monotonic() + seconds
        while self.process.isalive():
            self.read()
            assert time.monotonic() < limit, "it does not end"
        self.read()
        return int(self.process.exitstatus if self.process.exitstatus is not None else -1)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    facts = tmp_path / "facts.json"
    record_facts(facts, FACTS)
    it = Terminal([sys.executable, "-m", "airflow_wizard", "--facts", str(facts)])
    yield it
    if it.process.isalive():
        it.process.terminate(force=True)
    it.process.close()


def restored(terminal: Terminal) -> bool:
    return LEFT_SCREEN in terminal.written and CURSOR in terminal.written


def test_by_keystrokes_from_the_first_screen_suspended_and_out_again(terminal: Terminal) -> None:
    terminal.wait_for("New Airflow")
    terminal.press(ENTER)
    terminal.wait_for("→ next")
    terminal.press(RIGHT)
    terminal.wait_for("kubeadm")
    terminal.process.setwinsize(24, 80)
    terminal.screen.resize(24, 80)
    terminal.wait_for("kubeadm")
    suspend_and_return(terminal)
    terminal.wait_for("kubeadm")
    terminal.written = b""
    terminal.press(b"q")
    assert terminal.end() == 0
    assert restored(terminal)
    flow = load_flow()
    assert flow is not None
    assert flow.screen == "target"


def suspend_and_return(terminal: Terminal) -> None:
    """Gives the shell its terminal back, and takes it again; what was written is forgotten."""
    terminal.press(CTRL_Z)
    end = time.monotonic() + 20
    # As a shell does: the terminal is the shell's when the process has stopped, not when the screen was left.
    while os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is None:
        terminal.read()
        assert time.monotonic() < end, "it was not suspended"
    terminal.read()
    assert restored(terminal)
    terminal.written = b""
    terminal.screen.reset()
    os.kill(terminal.process.pid, signal.SIGCONT)
    while b"\x1b[?1049h" not in terminal.written:
        terminal.read()
        assert time.monotonic() < end, "it did not come back"


def test_ctrl_c_saves_and_leaves(terminal: Terminal) -> None:
    terminal.wait_for("New Airflow")
    terminal.press(ENTER)
    terminal.wait_for(" checked")
    terminal.press(CTRL_C)
    assert terminal.end() == 0
    assert restored(terminal)
    assert load_flow() is not None


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_gives_the_terminal_back(terminal: Terminal, name: str) -> None:
    terminal.wait_for("New Airflow")
    os.kill(terminal.process.pid, getattr(signal, name))
    assert terminal.end() == 130
    assert restored(terminal)
    assert b"Traceback" not in terminal.written
