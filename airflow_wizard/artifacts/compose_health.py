"""Health checks of the containers: quick ones, so that a stack is known to be up when it is, and cheap ones.

Compose starts a service when the one before it is healthy, and the first check comes one interval after the start:
with the official 30 seconds that alone is most of a launch. ``start_interval`` asks often only until the first yes;
where it is not known, the interval itself is short.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from airflow_wizard.artifacts.yaml_text import Flow, Why

if TYPE_CHECKING:
    from airflow_wizard.artifacts.yaml_text import Node
    from airflow_wizard.host.facts import HostFacts

_ENGINE_LEAST = (25, 0)  # Engine 25.0 brought start_interval; older ones refuse the file
_COMPOSE_LEAST = (2, 21)
SCRIPTS = "/opt/airflow-wizard"


class Check(NamedTuple):
    """A check and how often it may be asked: while starting, and for good where nothing tells those two apart."""

    test: tuple[str, ...]
    starting: str
    steady: str
    always: str
    patience: str
    why: str = ""


# The server that runs the first-time setup listens on a socket only; asked by TCP it is not taken for the real one.
POSTGRES = Check(
    ("CMD", "pg_isready", "-h", "127.0.0.1", "-U", "airflow"), "500ms", "10s", "2s", "60s",
    "by TCP: during the first setup a passing server already answers on the socket",
)  # fmt: skip
REDIS = Check(("CMD", "redis-cli", "ping"), "500ms", "10s", "2s", "60s")
SCHEDULER_URL = "http://127.0.0.1:8974/health"
FLOWER_URL = "http://127.0.0.1:5555/healthcheck"


def page(url: str) -> Check:
    """An HTTP page that answers with success; never asked through a proxy."""
    test = ("CMD", "curl", "--fail", "--silent", "--output", "/dev/null", "--noproxy", "*", "--max-time", "8", url)
    return Check(test, "1s", "30s", "5s", "180s")


def heartbeat(job: str) -> Check:
    """A fresh heartbeat in the database, read without importing Airflow."""
    return Check(("CMD", "python", f"{SCRIPTS}/heartbeat.py", job), "2s", "30s", "10s", "180s")


def worker() -> Check:
    """The worker's answer over the broker, asked without importing Airflow."""
    return Check(("CMD", "python", f"{SCRIPTS}/heartbeat.py", "worker"), "5s", "60s", "30s", "180s")


def knows_start_interval(facts: HostFacts) -> bool:
    """Whether engine and Compose are known to understand ``start_interval``."""
    engine = _numbers(facts.text("docker", "version"))
    return engine >= _ENGINE_LEAST and _numbers(facts.text("compose", "version")) >= _COMPOSE_LEAST


def health(check: Check, facts: HostFacts) -> dict[str, Node]:
    """The ``healthcheck`` of a service."""
    test = Flow(check.test)
    often: dict[str, Node] = {"interval": check.always}
    if knows_start_interval(facts):
        often = {"interval": check.steady, "start_interval": check.starting}
    return {
        "test": Why(test, check.why) if check.why else test,
        **often,
        "timeout": "10s",
        "retries": 5,
        "start_period": check.patience,
    }


def _numbers(text: str) -> tuple[int, int]:
    # Versions come as 28.2.2, v2.40.3-desktop.1, 29.7.2-1~ubuntu.24.04~noble.
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
