"""Ending a launch in the middle of one of its steps."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    import subprocess

    from tests.e2e.wizard import Wizard


def launch_until(
    wizard: Wizard, words: tuple[str, ...], step: str, *, into: float, how: signal.Signals
) -> tuple[int, list[dict[str, object]]]:
    """Run a launch (``words``), wait until a step has run for ``into`` seconds (or is over), then signal.

    Returns:
        Exit code and events.
    """
    process = wizard.start(*words)
    assert process.stdout is not None
    events: list[dict[str, object]] = []
    for line in process.stdout:
        events.append(json.loads(line))
        if events[-1].get("id") == step and events[-1]["state"] == "started":
            timer = threading.Timer(into, _signal, args=(process, how))
            timer.start()
            events += [json.loads(rest) for rest in process.stdout if rest.endswith("\n")]
            timer.cancel()
            break
    process.communicate(timeout=120)
    return process.returncode, events


def _signal(process: subprocess.Popen[str], how: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(how)
