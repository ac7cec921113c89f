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


class UnusableError(Exception):
    """The stack cannot run as its files are; the text is the one line a person reads."""


def load_config() -> dict[str, Any]:
    """What to run, from supervisor.json.

    Raises:
        UnusableError: it is missing or damaged.
    """
    path = HERE / "supervisor.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        texts = [config["stack_id"], config["fingerprint"], config.get("url", "")]
        for component in config["components"]:
            texts += [component["name"], component["argv"][0], *component["argv"]]
        damage = "" if all(isinstance(text, str) for text in texts) else "a value is not text"
    except OSError as error:
        damage = error.strerror or str(error)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        damage = f"{type(error).__name__}: {error}"
    if damage:
        shown = " ".join(damage.split())[:200]
        raise UnusableError(f"{path} cannot be used: {shown}; `airflow-wizard up --name NAME` writes it again")
    return dict(config)


def read_env() -> dict[str, str]:
    """The KEY=VALUE lines of .env; empty when there is none. Bytes that are not UTF-8 are passed on as they are."""
    try:
        lines = (HERE / ".env").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {key.strip(): value for key, sign, value in pairs if sign and key.strip()}


def read_state() -> dict[str, Any]:
    """What the supervisor last observed; empty when it never ran or the file is damaged."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
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
