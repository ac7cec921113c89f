"""The few documented answers of Airflow's REST API (v1 and v2) that proof and status rely on, served on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.engines.loopback import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engines.loopback import Reply, Seen, Server

HEALTH = {"v1": "/health", "v2": "/api/v2/monitor/health"}


def beat(age: float = 1.0) -> str:
    """A heartbeat of that age, as Airflow writes it."""
    return (datetime.now(UTC) - timedelta(seconds=age)).isoformat()


def healthy(**changed: object) -> dict[str, object]:
    """A health body in which everything beats, apart from ``changed``."""
    parts: dict[str, object] = {"metadatabase": {"status": "healthy"}}
    for name in ("scheduler", "triggerer", "dag_processor"):
        parts[name] = {"status": "healthy", f"latest_{name}_heartbeat": beat()}
    return {**parts, **changed}


@dataclass
class FakeAirflow:
    """What it knows, and how it misbehaves.

    Attributes:
        api: ``v1`` or ``v2``.
        replies: fixed answers by "METHOD path"; they come before everything else.
        health: its health bodies, one a request; the last one stays.
    """

    api: str = "v2"
    identity: str = "identity-token"
    password: str = "login-of-the-stack"
    token: str = "eyJ.fake.token"
    replies: dict[str, Reply] = field(default_factory=dict)
    health: list[object] = field(default_factory=lambda: [healthy()])
    dags: dict[str, str] = field(default_factory=dict)
    run_states: list[tuple[str, str]] = field(default_factory=lambda: [("success", "success")])
    log: str = ""

    def answer(self, seen: Seen) -> Reply:
        """What it says to a request."""
        url = urlsplit(seen.path)
        if fixed := self.replies.get(f"{seen.method} {url.path}"):
            return fixed
        if url.path == "/airflow-wizard/identity":
            nonce = parse_qs(url.query)["nonce"][0]
            proof = hmac.new(self.identity.encode(), nonce.encode(), hashlib.sha256).hexdigest()
            return 200, {"stack_id": "abc", "proof": proof}
        if url.path == HEALTH[self.api]:
            body = self.health.pop(0) if len(self.health) > 1 else self.health[0]
            return (200, body) if not isinstance(body, int) else (body, {"detail": "broken"})
        if url.path == "/auth/token" and self.api == "v2":
            good = seen.body == {"username": "admin", "password": self.password}
            return (201, {"access_token": self.token}) if good else (401, {"detail": "Invalid credentials"})
        if not self._allowed(seen):
            return 401, {"detail": "Unauthorized"}
        return self._resource(seen.method, url.path.removeprefix(f"/api/{self.api}"))

    def _allowed(self, seen: Seen) -> bool:
        pair = base64.b64encode(f"admin:{self.password}".encode()).decode()
        wanted = f"Bearer {self.token}" if self.api == "v2" else f"Basic {pair}"
        return seen.headers.get("authorization") == wanted

    def _resource(self, method: str, path: str) -> Reply:  # noqa: PLR0911 - a table of answers
        match [method, *path.strip("/").split("/")]:
            case ["GET", "pools"]:
                return 200, {"pools": [], "total_entries": 0}
            case ["GET", "importErrors"]:
                return 200, {"import_errors": []}
            case ["GET", "dags", name] if name in self.dags:
                return 200, {"dag_id": name, "fileloc": self.dags[name]}
            case ["DELETE", "dags", name] if name in self.dags:
                del self.dags[name]
                return 204, b""
            case ["POST", "dags", name, "dagRuns"] if name in self.dags:
                return 200, {"state": "queued"}
            case ["GET", "dags", _, "dagRuns", _]:
                return 200, {"state": self.run_states[0][0]}
            case ["GET", "dags", _, "dagRuns", _, "taskInstances"]:
                state = self.run_states.pop(0) if len(self.run_states) > 1 else self.run_states[0]
                return 200, {"task_instances": [{"task_id": "say", "state": state[1] or None, "try_number": 1}]}
            case ["GET", "dags", _, "dagRuns", _, "taskInstances", _, "logs", _]:
                return 200, {"content": self.log}
        return 404, {"detail": "not found"}


@contextmanager
def running(airflow: FakeAirflow) -> Iterator[Server]:
    """It serves until the end of the block."""
    with serving(airflow.answer) as server:
        yield server
