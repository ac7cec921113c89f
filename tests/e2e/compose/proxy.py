"""A door to the engine that can be shut: a unix socket which passes on, counts what is asked, hangs or is cut."""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = "/var/run/docker.sock"
_REQUEST = re.compile(rb"(?:\A|\r\n\r\n)([A-Z]+) (?:/v[0-9.]+)?(/[^ ?]*)[^ ]* HTTP/1\.1\r\n")
_CHUNK = 1 << 18


class EngineProxy:
    """Stands between the wizard and the engine, in a thread of its own.

    Attributes:
        host: for ``DOCKER_HOST``.
        asked: what was asked, as ``GET /containers/json``, in order.
    """

    def __init__(self, path: Path, engine: str = ENGINE) -> None:
        self.host = f"unix://{path}"
        self.asked: list[str] = []
        self._path, self._engine = path, engine
        self._lock = threading.Lock()
        self._others: dict[socket.socket, socket.socket] = {}
        self._asking: set[socket.socket] = set()
        self._hung: list[socket.socket] = []
        self._hangs = False
        self._ended = False
        self._wake, self._woken = socket.socketpair()
        self._listener: socket.socket | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self.open()
        self._thread = threading.Thread(target=self._run, daemon=True, name="engine-proxy")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._wake.send(b"x")
        self._thread.join(10)
        self.shut()
        for one in (self._wake, self._woken):
            one.close()
        self._selector.close()

    def open(self) -> None:
        """Let everybody in (again)."""
        with self._lock:
            self._hangs = False
            if self._listener is None:
                self._path.unlink(missing_ok=True)
                self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._listener.bind(str(self._path))
                self._listener.listen(128)
                self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake.send(b"x")

    def cut(self) -> None:
        """End every conversation; new ones are possible at once."""
        with self._lock:
            for one in [*self._others, *self._hung]:
                self._forget(one)

    def shut(self) -> None:
        """End every conversation and let nobody in: the engine is away."""
        with self._lock:
            if self._listener is not None:
                self._selector.unregister(self._listener)
                self._listener.close()
                self._listener = None
                self._path.unlink(missing_ok=True)
        self.cut()

    def hang(self) -> None:
        """Accept whoever comes and say nothing more to anybody, as an engine does that is stuck."""
        with self._lock:
            self._hangs = True

    def count(self, what: str) -> int:
        """How often something was asked, such as ``GET /containers/json``."""
        return self.asked.count(what)

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select():
                found = key.fileobj
                assert isinstance(found, socket.socket)
                if found is self._woken:
                    found.recv(4096)
                    continue
                with self._lock:
                    if found is self._listener:
                        self._accept(found)
                    elif found in self._others:
                        self._pass_on(found)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            if self._hangs:
                self._hung.append(client)
                return
            engine = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            engine.connect(self._engine)
            self._others |= {client: engine, engine: client}
            self._asking.add(client)
            for one in (client, engine):
                self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        try:
            data = one.recv(_CHUNK)
            if one in self._asking:
                self.asked += [f"{verb.decode()} {path.decode()}" for verb, path in _REQUEST.findall(data)]
            if data and not self._hangs:
                self._others[one].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._forget(one)

    def _forget(self, one: socket.socket) -> None:
        for side in (one, self._others.pop(one, None)):
            if side is None:
                continue
            self._others.pop(side, None)
            self._asking.discard(side)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(side)
            with contextlib.suppress(ValueError):
                self._hung.remove(side)
            # The other end is told at once, also where a thread of this process still waits on it.
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()
