from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from airflow_wizard.status.hearing import Hearing
from airflow_wizard.status.place import Place
from airflow_wizard.status.rules import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 20.0


class SlowAirflow(http.server.BaseHTTPRequestHandler):
    """Proves who it is, and answers the health page when it may."""

    may = threading.Event()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.endswith("/identity"):
            nonce = parse_qs(url.query)["nonce"][0]
            body: object = {"proof": hmac.new(b"token", nonce.encode(), hashlib.sha256).hexdigest()}
        else:
            self.may.wait(SECONDS)
            body = {"metadatabase": {"status": "healthy"}}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        pass


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Where it answers."""
    (tmp_path / ".env").write_text("AIRFLOW_WIZARD_IDENTITY=token\n")
    SlowAirflow.may.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowAirflow) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Place("demo", "compose", str(tmp_path), f"http://127.0.0.1:{server.server_address[1]}", "v2", "/health")
        SlowAirflow.may.set()
        server.shutdown()
        thread.join()


def test_a_look_does_not_wait_for_an_airflow_that_takes_its_time(place: Place) -> None:
    hearing, came = Hearing(place, timeout=SECONDS), threading.Event()
    waiting = hearing.listen("web", came.set)
    assert (waiting.answer, waiting.health) == (Answer.UNREADABLE, None)
    assert not came.is_set()
    SlowAirflow.may.set()
    assert came.wait(SECONDS)
    heard = hearing.listen("web", came.set)
    assert heard.ours
    assert heard.health is not None
    # What one process said is not taken for the word of the next.
    SlowAirflow.may.clear()
    assert not hearing.listen("another", came.set).ours


def test_an_airflow_that_answers_is_heard_at_once(place: Place) -> None:
    SlowAirflow.may.set()
    assert Hearing(place).listen("web", pytest.fail).ours
    assert Hearing(place).ask("web").ours


def test_a_silence_that_goes_on_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_wizard.status.hearing._OFTEN", 0.0)
    monkeypatch.setattr("airflow_wizard.status.hearing._FIRST_PATIENCE", 0.01)
    monkeypatch.setattr("airflow_wizard.status.hearing._PATIENCE", 0.01)
    (tmp_path / ".env").write_text("AIRFLOW_WIZARD_IDENTITY=token\n")
    with socket.socket() as mute:  # takes the connection, and never says anything
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        hearing = Hearing(Place("demo", "compose", str(tmp_path), address, "v2", "/health"), timeout=0.2)
        news = threading.Semaphore(0)
        assert hearing.listen("web", news.release).answer is Answer.UNREADABLE
        assert news.acquire(timeout=SECONDS)
        assert hearing.listen("web", news.release).answer is Answer.SILENT
        for question in [t for t in threading.enumerate() if t.name == "hearing"]:
            question.join(SECONDS)
        assert hearing.listen("web", news.release).answer is Answer.SILENT
        for question in [t for t in threading.enumerate() if t.name == "hearing"]:
            question.join(SECONDS)
        assert not news.acquire(blocking=False)
