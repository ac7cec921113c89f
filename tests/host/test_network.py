"""The package index and the clock, asked of a server of the test."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from airflow_wizard.engines import web_probe
from airflow_wizard.host.probe import Ask, Unseen
from airflow_wizard.host.probes import network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.host.facts import Json

ASK = Ask(Path("/nowhere"))


class _Index(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    head: ClassVar[int] = 0
    offset: ClassVar[float] = 0.0
    date: ClassVar[str] = ""
    seen: ClassVar[list[tuple[str, str, str]]] = []

    def _answer(self, status: int) -> None:
        self.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
        self.send_response_only(status)
        self.send_header("Date", self.date or formatdate(time.time() + self.offset, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self._answer(self.head or self.status)

    def do_GET(self) -> None:
        self._answer(self.status)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Index]]:
    """An index that uv is told to use; with a login in its address."""

    class Mine(_Index):
        seen: ClassVar[list[tuple[str, str, str]]] = []

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Mine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://me:S3CRET@127.0.0.1:{server.server_port}/index/")
        yield Mine
        server.shutdown()
        thread.join()


def pypi() -> dict[str, Json]:
    value = network.index_and_clock(ASK)["pypi"]
    assert isinstance(value, dict)
    return value


def test_the_index_that_uv_will_ask_is_asked_with_its_login_and_without_showing_it(index: type[_Index]) -> None:
    value = pypi()
    assert (value["reachable"], value["status"], value["configured_by"]) == (True, 200, "UV_DEFAULT_INDEX")
    assert index.seen == [("HEAD", "/index/apache-airflow/", "Basic bWU6UzNDUkVU")]
    assert "S3CRET" not in str(value)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_index_that_refuses_is_not_reachable(index: type[_Index], status: int) -> None:
    index.status = status
    value = pypi()
    assert (value["reachable"], value["status"]) == (False, status)
    assert str(status) in str(value["reason"])


def test_an_index_that_knows_no_head_is_asked_by_get(index: type[_Index]) -> None:
    index.head = 405
    assert pypi()["reachable"] is True
    assert [method for method, _, _ in index.seen] == ["HEAD", "GET"]


@pytest.mark.parametrize("offset", [-300.0, 0.0, 4000.0])
def test_the_clock_is_compared_with_the_answer(index: type[_Index], offset: float) -> None:
    index.offset = offset
    clock = network.index_and_clock(ASK)["clock"]
    assert isinstance(clock, dict)
    assert float(str(clock["skew_seconds"])) == pytest.approx(-offset, abs=5)


def test_a_date_that_is_none_leaves_the_clock_unseen(index: type[_Index]) -> None:
    index.date = "yesterday"
    assert isinstance(network.index_and_clock(ASK)["clock"], Unseen)


def test_nobody_there_is_said_in_words(dead_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{dead_port}/index")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    seen = network.index_and_clock(ASK)
    value, clock = seen["pypi"], seen["clock"]
    assert isinstance(value, dict)
    assert (value["reachable"], value["status"], value["reason"]) == (False, None, "Connection refused")
    assert isinstance(clock, Unseen)


def test_a_proxy_in_the_environment_is_used(index: type[_Index], monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    address = os.environ["UV_DEFAULT_INDEX"].split("@")[1].split("/")[0]
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://index.invalid/index")
    monkeypatch.setenv("http_proxy", f"http://{address}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert pypi()["reachable"] is True
    assert index.seen[0][1] == "http://index.invalid/index/apache-airflow/"


def test_an_address_that_is_no_web_address_is_said() -> None:
    assert web_probe.reach("file:///etc/passwd", timeout=1).reason == "not an http address"


def test_nothing_is_asked_when_uv_is_told_to_stay_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9")
    seen = network.index_and_clock(ASK)
    pypi = seen["pypi"]
    assert isinstance(pypi, dict)
    assert (pypi["reachable"], pypi["offline"], pypi["configured_by"]) == (False, True, "UV_OFFLINE")
    assert isinstance(seen["clock"], Unseen)
