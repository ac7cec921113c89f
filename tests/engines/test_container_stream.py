"""One container's log read to its end, from an engine of our own that breaks off."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from airflow_wizard.engines.container_frames import Mark
from airflow_wizard.engines.container_stream import ContainerStream
from tests.engines.loopback import serving
from tests.engines.test_container_logs import chunk, line

if TYPE_CHECKING:
    import pytest

    from tests.engines.loopback import Seen

SECONDS = 20.0
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def follows(request: Seen) -> str:
    return parse_qs(urlsplit(request.path).query)["follow"][0]


def read_to_its_end(stream: ContainerStream, came: threading.Event) -> list[bytes]:
    found: list[bytes] = []
    stream.follow()
    while stream.ended is None:
        assert came.wait(SECONDS)
        came.clear()
        found += [data for _, data in stream.take()]
    stream.close()
    return found


def test_a_lost_connection_is_taken_up_at_once_and_nothing_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    replies = [
        HEAD + chunk(line(1, "one") + line(2, "two")),  # and no end
        HEAD + chunk(line(1, "one") + line(2, "two") + line(3, "three")) + END,
        HEAD + chunk(line(3, "three") + line(4, "four")) + END,
    ]
    with serving(lambda _: replies.pop(0)) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url.replace("http", "tcp"))
        came = threading.Event()
        found = read_to_its_end(ContainerStream("c", Mark(), came.set, "1.45"), came)
    assert found == [b"one", b"two", b"three", b"four"]
    assert list(map(follows, engine.seen)) == ["1", "1", "0"], "nobody asks for the version, or what runs"


def test_a_connection_on_which_nothing_comes_is_left_to_whoever_looks_at_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(lambda _: HEAD) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url.replace("http", "tcp"))
        came = threading.Event()
        assert read_to_its_end(ContainerStream("c", Mark(), came.set, "1.45"), came) == []
    assert list(map(follows, engine.seen)) == ["1", "0"]
