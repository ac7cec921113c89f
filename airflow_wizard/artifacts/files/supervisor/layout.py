"""Where the supervisor reads and writes, and its own log lines."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
RUN = HERE / "run"
STATE = RUN / "supervisor.json"
LOCK = RUN / "supervisor.lock"
CONTROL = RUN / "control"
LOGS = HERE / "logs" / "components"


def load_config() -> dict[str, Any]:
    """What to run, from supervisor.json."""
    config: dict[str, Any] = json.loads((HERE / "supervisor.json").read_text(encoding="utf-8"))
    return config


def read_env() -> dict[str, str]:
    """The KEY=VALUE lines of .env; empty when there is none."""
    try:
        lines = (HERE / ".env").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {key.strip(): value for key, sign, value in pairs if sign and key.strip()}


def read_state() -> dict[str, Any]:
    """What the supervisor last observed; empty when it never ran or the file is damaged."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def known_sessions() -> list[int]:
    """Sessions of the components as the state file has them; what is left of a killed supervisor is found by them."""
    sessions = read_state().get("sessions")
    return [s for s in sessions if isinstance(s, int)] if isinstance(sessions, list) else []


def say(text: str) -> None:
    """One line in the supervisor's own log."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    sys.stdout.write(f"[{stamp}] {text}\n")
    sys.stdout.flush()
