"""A server of our own on this machine: answers by path, or misbehaves as it is told."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the server got it; headers by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]
    body: object


@dataclass
class Server:
    """Where it listens, and what came in."""

    url: str
    seen: list[Seen] = field(default_factory=list)


Reply: TypeAlias = "tuple[int, object] | bytes"
"""Status and JSON body (bytes are sent as they are); plain bytes are the whole answer, headers included."""


@contextmanager
def serving(answer: Callable[[Seen], Reply]) -> Iterator[Server]:
    """A server whose answers ``answer`` decides."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        server_version = "Stranger/1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            request = Seen(
                self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw or b"null")
            )
            seen.append(request)
            reply = answer(request)
            if isinstance(reply, bytes):
                self.wfile.write(reply)
                return
            status, body = reply
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 - as in the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the library
            del format, args

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            del request, client_address  # a client that hung up is what some tests are about

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A bare TCP listener; ``talk`` is what it does with a connection. Yields its address."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                try:
                    talk(connection)
                except OSError:
                    connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in held:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            thread.join()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
