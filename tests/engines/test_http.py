"""One request and everything a stranger on that port may do to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines.http import Answer, NoAnswerError, request
from tests.engines.loopback import free_port, listening, serving

if TYPE_CHECKING:
    import socket


def test_a_request_and_its_answer() -> None:
    with serving(lambda _: (201, {"a": "ä"})) as server:
        answer = request("POST", f"{server.url}/p/q?x=1%202", headers={"X-Own": "1"}, body={"k": [1]})
    assert (answer.status, answer.json()) == (201, {"a": "ä"})
    assert answer.headers["server"].startswith("Stranger/1")
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/p/q?x=1%202", {"k": [1]})
    assert seen.headers["x-own"] == "1"
    assert seen.headers["connection"] == "close"
    assert seen.headers["content-type"] == "application/json"


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with serving(lambda _: (200, {})) as server:
        assert request("GET", f"{server.url}/").status == 200


def test_a_redirect_is_told_and_not_followed() -> None:
    """Following it would carry the login to wherever it points."""
    reply = b"HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda _: reply) as server:
        assert request("GET", f"{server.url}/").status == 302


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a": '])
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    assert Answer(200, body, {}).json() is None


def test_nobody_listens() -> None:
    with pytest.raises(NoAnswerError, match="nothing listens there"):
        request("GET", f"http://127.0.0.1:{free_port()}/")


def test_an_answer_that_is_not_http() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example.org ESMTP\r\n")
        connection.close()

    with listening(talk) as url, pytest.raises(NoAnswerError, match=r"does not speak HTTP|reset"):
        request("GET", url + "/")


def test_silence_is_given_up() -> None:
    with listening(lambda _: None) as url, pytest.raises(NoAnswerError, match="no answer within"):
        request("GET", url + "/", timeout=0.1)


def test_a_connection_that_is_closed_at_once() -> None:
    with listening(lambda connection: connection.close()) as url, pytest.raises(NoAnswerError):
        request("GET", url + "/", timeout=1)


def test_a_stream_that_never_ends_is_given_up() -> None:
    """Server-sent events: each read succeeds, the body is never whole."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while True:
            connection.sendall(b": still here\n\n")
            time.sleep(0.02)

    began = time.monotonic()
    with listening(talk) as url, pytest.raises(NoAnswerError):
        request("GET", url + "/", timeout=0.1)
    assert time.monotonic() - began < 2


def test_a_body_larger_than_any_of_ours_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_wizard.engines.http._MOST", 100_000)
    with serving(lambda _: (200, b"x" * 300_000)) as server:
        assert len(request("GET", f"{server.url}/").body) == 100_000
