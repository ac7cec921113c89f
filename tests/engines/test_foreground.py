from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from airflow_wizard.engines.foreground import run_in_foreground

if TYPE_CHECKING:
    from pathlib import Path


def test_a_command_has_the_terminal_and_its_end_is_told(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    # Ctrl-C is the command's own: it reaches both, and ends only what runs in the terminal.
    code, seconds = run_in_foreground(("sh", "-c", "kill -INT $PPID; pwd > here; exit 3"), cwd=str(tmp_path))
    assert code == 3
    assert seconds > 0
    assert (tmp_path / "here").read_text().strip() == str(tmp_path)
    assert signal.getsignal(signal.SIGINT) is before


def test_one_that_cannot_be_started_ends_as_a_shell_would_tell_it(tmp_path: Path) -> None:
    assert run_in_foreground(("/no/such/program",), cwd=str(tmp_path))[0] == 127
