"""The API of one cluster as plain JSON: asked too often for a command each, too much for model objects."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from airflow_wizard.engines.kube_proxy import KubeProxy
from airflow_wizard.errors import EngineUnreachableError, WizardError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Object = dict[str, Any]
_MOST = 256 * 1024 * 1024
# What the proxy says when it has no answer of the cluster's to pass on.
_NO_ANSWER = (502, 503, 504)
# Seconds in which a refusal is no answer: an API server that has only just come back does not know who may do what.
_UNSURE_SECONDS = 15.0


class ApiRefusedError(WizardError):
    """The cluster answered, but not with what was asked for.

    Attributes:
        status: HTTP status; 401 (who are you), 403 (you may not), 404, 409, 410 (too old), 422, …
        reason: Kubernetes' own word, for example ``Forbidden``; may be empty.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(
            message,
            why="the cluster answered, and refused",
            next="airflow-wizard check --target context names the rights that are needed",
        )
        self.status = status
        self.reason = reason


class NoClusterError(EngineUnreachableError):
    """Nobody answers where the cluster should be."""


class KubeApi:
    """A cluster, asked through kubectl. Cheap to make: nothing is started before the first question.

    Safe for several threads: each question has a connection of its own.
    """

    def __init__(
        self, kubectl: Sequence[str], *, timeout: float = 10.0, wait: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Nothing is started yet.

        Args:
            kubectl: the command with its ``--kubeconfig`` and ``--context``.
            timeout: seconds for each read.
            wait: told why the cluster does not answer; True when it waited, and another try is worth it.
        """
        self._wait = wait
        self.kubectl = tuple(kubectl)
        self.timeout = timeout
        self._proxy = KubeProxy(kubectl)
        self._lock = threading.Lock()
        self._closed = False
        self._away_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the proxy; streams that are open end with it."""
        self._closed = True
        with self._lock:
            self._proxy.close()

    def get(self, path: str, **query: str) -> Object:
        """One object or list.

        Args:
            path: from ``/api`` or ``/apis`` on.
            query: parameters, for example ``labelSelector``.

        Raises:
            ApiRefusedError: the cluster refused.
            NoClusterError: it does not answer.
        """
        return self._json("GET", path, query)

    def find(self, path: str, **query: str) -> Object | None:
        """As `get`; None where there is no such thing."""
        try:
            return self._json("GET", path, query)
        except ApiRefusedError as error:
            if error.status == 404:
                return None
            raise

    def items(self, path: str, *, page: int = 500, **query: str) -> list[Object]:
        """Everything in a list, read page by page; raises as `get`."""
        found: list[Object] = []
        query = {**query, "limit": str(page)}
        while True:
            answer = self._json("GET", path, query)
            found += answer.get("items") or []
            following = (answer.get("metadata") or {}).get("continue")
            if not following:
                return found
            query["continue"] = str(following)

    def post(self, path: str, body: Mapping[str, Any]) -> Object:
        """Create something, or ask a question that is asked by creating (``selfsubjectaccessreviews``)."""
        return self._json("POST", path, {}, body)

    def text(self, path: str, **query: str) -> str:
        """An answer that is no JSON, such as a log; raises as `get`."""
        with self.stream(path, timeout=self.timeout, hangup=None, **query) as answer:
            return _read(answer, self).decode("utf-8", "replace")

    @contextlib.contextmanager
    def stream(
        self, path: str, *, timeout: float | None, hangup: Hangup | None = None, **query: str
    ) -> Iterator[http.client.HTTPResponse]:
        """The open answer to a GET, to be read as it comes; raises as `get`.

        Args:
            path: as for `get`.
            timeout: seconds that a read may wait; None waits for ever.
            hangup: ends it from another thread.
            query: parameters.
        """
        connection, answer = self._ask("GET", path, query, None, timeout)
        if hangup is not None:
            hangup.holds(connection.raw)
        try:
            yield answer
        finally:
            if hangup is not None:
                hangup.lets_go()
            answer.close()
            connection.close()

    def lines(self, path: str, *, hangup: Hangup, **query: str) -> Iterator[bytes]:
        """Lines of an answer that goes on (a watch, a followed log) until it ends or is hung up; raises as `get`."""
        connection, answer = self._ask("GET", path, query, None, None)
        hangup.holds(connection.raw)
        try:
            while line := answer.readline():
                yield line
        except (OSError, http.client.HTTPException, ValueError):
            return  # hung up, or the connection broke: an end like another
        finally:
            hangup.lets_go()
            connection.close()

    def _json(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None) -> Object:
        while True:
            try:
                return self._settled(method, path, query, body)
            except NoClusterError as error:
                if not self._wait(error.what):
                    raise

    def _settled(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Object:
        try:
            return self._once(method, path, query, body)
        except NoClusterError:
            self._away_at = time.monotonic()
            raise
        except ApiRefusedError as error:
            if error.status in (401, 403) and time.monotonic() - self._away_at < _UNSURE_SECONDS:
                raise self._silent(f"it has only just come back, and refuses: {one_line(error, limit=200)}") from error
            raise

    def _once(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Object:
        connection, answer = self._ask(method, path, query, body, self.timeout)
        try:
            found = json.loads(_read(answer, self))
        except (ValueError, RecursionError) as error:
            raise NoClusterError(f"what answers for {self.words} does not speak Kubernetes") from error
        finally:
            connection.close()
        if not isinstance(found, dict):
            raise NoClusterError(f"what answers for {self.words} does not speak Kubernetes")
        return found

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None, timeout: float | None
    ) -> tuple[_Connection, http.client.HTTPResponse]:
        connection = _Connection(self._socket(), self.timeout)
        address = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json, */*", "Connection": "close"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, address, body=data, headers=headers)
            answer = connection.getresponse()
            refused = answer.read(1 << 20) if answer.status >= 400 else None
            if refused is None:
                # One that was refused is closed already, and has no socket any more.
                connection.raw.settimeout(timeout)
        except TimeoutError as error:
            connection.close()
            raise self._silent(f"no answer within {self.timeout:.0f} s") from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._silent(str(error) or type(error).__name__) from error
        if refused is not None:
            connection.close()
            raise self._refusal(answer.status, refused)
        return connection, answer

    def _socket(self) -> str:
        with self._lock:
            if self._closed:
                raise self._silent("it was closed")
            if not self._proxy.alive:
                self._proxy.close()
                return self._proxy.start()
            return self._proxy.socket

    def _refusal(self, status: int, body: bytes) -> Exception:
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict) and said.get("kind") == "Status":
            return ApiRefusedError(
                status, str(said.get("reason") or ""), one_line(str(said.get("message") or ""), limit=600)
            )
        text = one_line(body.decode("utf-8", "replace"), limit=400)
        # The proxy's own words: the cluster was not reached, or kubectl could not sign in.
        if status in (*_NO_ANSWER, 500):
            return self._silent(text or f"HTTP {status}")
        return ApiRefusedError(status, "", text or f"HTTP {status}")

    def _silent(self, reason: str) -> NoClusterError:
        return NoClusterError(
            f"the cluster does not answer ({self.words}): {reason}",
            why="nothing can be seen or changed there",
            next=f"see what kubectl says: {' '.join(self.kubectl)} get --raw /readyz",
        )

    @property
    def signs_in(self) -> bool:
        """Whether kubectl is running a program of the kubeconfig at this moment, which is to sign it in."""
        return self._proxy.has_children

    @property
    def words(self) -> str:
        """How the cluster is named in messages."""
        given = dict(zip(self.kubectl, self.kubectl[1:], strict=False))
        return f"context {given['--context']}" if "--context" in given else "the current context"


class Hangup:
    """Ends an open stream from another thread, at once."""

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self._lock = threading.Lock()
        self.asked = False

    def holds(self, sock: socket.socket | None) -> None:
        """The stream's socket; hung up at once where that was asked for before."""
        with self._lock:
            self._sock = sock
        if self.asked:
            self.up()

    def lets_go(self) -> None:
        """The stream has ended by itself."""
        with self._lock:
            self._sock = None

    def up(self) -> None:
        """End it."""
        self.asked = True
        with self._lock:
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    # http.client forgets its socket as soon as the answer is the last one on it; the answer goes on being read.
    raw: socket.socket

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = self.raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.raw.settimeout(self.timeout)
        self.raw.connect(self._path)


def _read(answer: http.client.HTTPResponse, api: KubeApi) -> bytes:
    try:
        body = answer.read(_MOST)
    except (OSError, http.client.HTTPException) as error:
        raise NoClusterError(f"the answer for {api.words} broke off") from error
    return body
