"""A cluster for tests: lists, watches and logs as its API gives them, without a network."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from typing import TYPE_CHECKING, Any, cast

from airflow_wizard.engines.kube_api import ApiRefusedError, KubeApi, NoClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.engines.kube_api import Hangup

Told = dict[str, Any]


def made(name: str, version: int, **more: object) -> Told:
    """Something of a list."""
    return {"metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}, **more}


class FakeCluster:
    """Answers what it was told to answer, in order.

    Attributes:
        pages: answers to lists; an error is raised.
        asked: each question: (path, parameters).
        watches: one queue for each watch that is open: lines, an error to end with, or None for a plain end.
    """

    timeout = 5.0

    def __init__(self) -> None:
        self.pages: list[Told | Exception] = []
        self.watches: queue.SimpleQueue[queue.SimpleQueue[Told | Exception | None]] = queue.SimpleQueue()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.away = False
        self.logs: dict[tuple[str, bool], list[bytes | Exception | None]] = {}
        self.news = threading.Event()

    @property
    def api(self) -> KubeApi:
        """As those who ask it know it."""
        return cast("KubeApi", self)

    def get(self, path: str, **query: str) -> Told:
        self.asked.append((path, query))
        if self.away:
            raise NoClusterError("the cluster does not answer")
        answer = self.pages.pop(0) if self.pages else {"metadata": {"resourceVersion": "1"}, "items": []}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lines(self, path: str, *, hangup: Hangup, **query: str) -> Iterator[bytes]:
        self.asked.append((path, query))
        if self.away:
            raise NoClusterError("the cluster does not answer")
        told: queue.SimpleQueue[Told | Exception | None] = queue.SimpleQueue()
        hangup.holds(None)
        self.watches.put(told)
        while (line := told.get()) is not None:
            if isinstance(line, Exception):
                raise line
            yield json.dumps(line).encode()

    @contextlib.contextmanager
    def stream(self, path: str, *, timeout: float | None, hangup: Hangup, **query: str) -> Iterator[_Log]:
        del timeout, hangup
        self.asked.append((path, query))
        key = (query["container"], query.get("previous") == "true")
        if self.away:
            raise NoClusterError("the cluster does not answer")
        if key not in self.logs:
            raise ApiRefusedError(400, "BadRequest", "previous terminated container not found")
        yield _Log(self.logs[key], follow=query.get("follow") == "true", news=self.news)


class _Log:
    """One answer with a log: what is there; with ``follow`` what comes until None (its end) or an error (it is cut)."""

    def __init__(self, parts: list[bytes | Exception | None], *, follow: bool, news: threading.Event) -> None:
        self._parts = parts
        self._follow = follow
        self._news = news
        self._at = 0

    def read1(self, _size: int) -> bytes:
        while True:
            if self._at < len(self._parts):
                part = self._parts[self._at]
                self._at += 1
                if isinstance(part, bytes):
                    return part
                if not self._follow:
                    continue
                if part is None:
                    return b""
                self._parts.remove(part)  # cut once, whole for whoever comes again
                raise part
            if not self._follow or self._news.wait(5.0) is False:
                return b""
            self._news.clear()
