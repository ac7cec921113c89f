"""The program: signals, the fast path, and the one place that turns a bug into a short message."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from airflow_wizard.cli.root import OpenWizard

DEBUG_VARIABLE = "AIRFLOW_WIZARD_DEBUG"


def main() -> int:
    """Runs the command line given to this process and returns its exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        if sys.argv[1:] == ["--version"]:
            return _version()
        from airflow_wizard.cli.main import run

        result = run(sys.argv[1:])
        return result if isinstance(result, int) else _open(result)
    except KeyboardInterrupt:
        # Before or after the command line could say it itself.
        return 130
    except Exception as bug:  # noqa: BLE001 - the last line of defence: a bug ends in a message, not in a traceback
        return _bug(bug)


def _version() -> int:
    from airflow_wizard import __version__
    from airflow_wizard.cli.output import line

    line(f"airflow-wizard {__version__}")
    return 0


def _open(wanted: OpenWizard) -> int:
    from airflow_wizard.tui.pace import set_pace

    set_pace()
    from airflow_wizard.tui.app import Start, run_app

    code = run_app(Start(profile=wanted.profile, sets=wanted.sets, facts=wanted.facts, folder=wanted.folder))
    _end(code)
    return code


def _end(code: int) -> None:
    """Ends the process: the terminal is given back, the flow is saved, and what launches asked before one left.

    Taking the interpreter apart, and waiting for threads that wait for an engine, would be felt.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _bug(bug: Exception) -> int:
    if os.environ.get(DEBUG_VARIABLE) == "1":
        raise bug
    from airflow_wizard.cli.crash import report

    return report(bug)


if __name__ == "__main__":
    sys.exit(main())
