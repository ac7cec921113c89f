from __future__ import annotations

import fcntl
import hashlib
import hmac
import http.server
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from airflow_wizard.status.snapshot import Health, StackState
from airflow_wizard.workflows import watching
from airflow_wizard.workflows.secrets import read_secrets
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_wizard.run.registry import StackRecord


@pytest.fixture
def stack(tmp_path: Path) -> StackRecord:
    return made_stack(tmp_path / "demo")


def test_a_stack_that_does_not_run_is_stopped(stack: StackRecord) -> None:
    seen = watching.snapshot(stack)
    assert seen.state is StackState.STOPPED
    assert [u.id for u in seen.units] == ["api-server", "scheduler", "dag-processor", "triggerer", "supervisor"]
    assert seen.airflow is None


class Airflow(http.server.BaseHTTPRequestHandler):
    """Answers as the identity plugin and the health page of a stack would, with the token it was given."""

    token = ""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        body: object = {"metadatabase": {"status": "healthy"}}
        if url.path.endswith("/identity"):
            nonce = parse_qs(url.query)["nonce"][0]
            body = {"proof": hmac.new(self.token.encode(), nonce.encode(), hashlib.sha256).hexdigest()}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        pass


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Callable[[str], StackRecord]]:
    """Makes a stack that claims to run, at whose address something answers with a token."""
    handler = type("Handler", (Airflow,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack = made_stack(tmp_path / "demo", port=server.server_address[1])
        state = {"pid": os.getpid(), "stack_id": "x", "fingerprint": "x"}
        entry = {"pid": os.getpid(), "state": "running", "since": 1.0, "restarts": 0, "exit_code": None}
        (tmp_path / "demo" / "run" / "supervisor.json").write_text(
            json.dumps(state | {"components": {"api-server": entry, "scheduler": entry}}), encoding="utf-8"
        )

        def answer(token: str) -> StackRecord:
            handler.token = token  # type: ignore[attr-defined]
            return stack

        with (tmp_path / "demo" / "run" / "supervisor.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield answer
        server.shutdown()
        thread.join()


def test_only_the_one_that_holds_our_token_is_believed(answering: Callable[[str], StackRecord]) -> None:
    stranger = answering("somebody-else")
    seen = watching.snapshot(stranger, sample=0)
    assert seen.airflow is None
    assert seen.state is StackState.DEGRADED
    assert seen.units[0].health is Health.UNHEALTHY
    assert "another" in seen.units[0].reason

    ours = answering(read_secrets(Path(stranger.folder))["AIRFLOW_WIZARD_IDENTITY"])
    seen = watching.snapshot(ours, sample=0)
    assert seen.airflow is not None
    assert seen.units[0].health is Health.HEALTHY
    assert seen.units[0].memory


def test_a_cpu_share_needs_two_looks(answering: Callable[[str], StackRecord]) -> None:
    watcher = watching.Watcher(answering(""))
    assert watcher.snapshot().units[0].cpu is None
    end = threading.Event()
    spinner = threading.Thread(target=lambda: [None for _ in iter(end.is_set, True)], daemon=True)
    spinner.start()
    end.wait(0.5)
    share = watcher.snapshot().units[0].cpu
    end.set()
    assert share is not None
    assert 0 < share <= os.cpu_count() * 1.5  # type: ignore[operator]
