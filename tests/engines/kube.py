"""A cluster of a test's own: its API on a socket, and a ``kubectl`` that leads to it and notes what it is told."""

from __future__ import annotations

import contextlib
import json
import shlex
import socketserver
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from airflow_wizard.cluster import Cluster, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

Object = dict[str, Any]
PODS, SECRETS = "/api/v1/namespaces/airflow/pods", "/api/v1/namespaces/airflow/secrets"
NODES, NAMESPACE = "/api/v1/nodes", "/api/v1/namespaces/airflow"
SETS, DEPLOYMENTS = (f"/apis/apps/v1/namespaces/airflow/{kind}" for kind in ("statefulsets", "deployments"))
JOBS, CLASSES = "/apis/batch/v1/namespaces/airflow/jobs", "/apis/storage.k8s.io/v1/storageclasses"

# `proxy` puts the API's own socket where the caller looks for it; everything else is noted, answered, and done.
_SCRIPT = """\
#!/bin/sh
for word; do case $word in --unix-socket=*)
  [ ! -e {here}/broken ] || {{ cat {here}/broken >&2; exit 1; }}
  echo $$ >{here}/proxy; ln -s {here}/api "${{word#*=}}"; exec sleep 600 ;;
esac; done
{{ printf '%s\\037' "${{0##*/}}" "$@"; printf '\\n'; }} >>{here}/calls
case " $* " in *' -f - '*) cat >>{here}/typed ;; esac
case "$*" in
{branches}
esac
"""


@dataclass
class FakeCluster:
    """What is in it, by the path of its list; how it refuses; and what kubectl and Helm were told.

    Attributes:
        folder: of the programs; they are put on PATH.
        objects: by path of a list, without its name.
        logs: by (pod, container, previous).
        refused: (status, reason, message) by the beginning of a path.
        away: why it cannot be reached; empty when it can.
        effects: what a command does to it, by words of that command.
        asked: paths of all questions.
        over: ends every log that is followed.
    """

    folder: Path
    objects: dict[str, list[Object]] = field(default_factory=dict)
    logs: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    refused: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    away: str = ""
    effects: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _replies: list[tuple[str, str]] = field(default_factory=list)
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def commands(self) -> list[str]:
        """Every command so far, as a person would type it."""
        return [shlex.join(words) for words in self.argvs]

    @property
    def argvs(self) -> list[list[str]]:
        with contextlib.suppress(FileNotFoundError):
            lines = (self.folder / "calls").read_text(encoding="utf-8").split("\x1f\n")
            return [line.split("\x1f") for line in lines if line]
        return []

    @property
    def typed(self) -> Object:
        """What kubectl was given on its standard input."""
        found: Object = json.loads((self.folder / "typed").read_text(encoding="utf-8"))
        return found

    def program(self, name: str) -> None:
        """Put one more program on PATH that notes what it is told."""
        branches = "\n".join((f"*{shlex.quote(words)}*) {does} ;;") for words, does in self._replies)
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.write_text(_SCRIPT.format(here=shlex.quote(str(self.folder)), branches=branches), encoding="utf-8")
        path.chmod(0o755)

    def says(self, words: str, text: str = "", code: int = 0, *, more: str = "") -> None:
        """Answer a command with these words in it by this text and exit code; ``more`` is shell."""
        self._replies.insert(0, (words, f"printf %s {shlex.quote(text)}; {more or ':'}; exit {code}"))
        for name in ("kubectl", "helm", "docker", "kind", "kubeadm", "microk8s"):
            self.program(name)

    def put(self, path: str, *objects: Object) -> None:
        """Make this the whole list."""
        self.objects[path] = list(objects)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, object]:
        """Status and body."""
        with self._lock:
            self._happen()
        self.asked.append(path)
        if self.away:
            return 502, self.away.encode()
        for beginning, (status, reason, message) in self.refused.items():
            if path.startswith(beginning):
                return status, {"kind": "Status", "reason": reason, "message": message}
        if path.endswith("/log"):
            key = (path.split("/")[-2], query["container"], query.get("previous") == "true")
            return (200, self.logs[key].encode()) if key in self.logs else (400, {"kind": "Status", "message": "none"})
        if path in self.objects:
            return 200, {"items": [o for o in self.objects[path] if _has(o, query.get("labelSelector", ""))]}
        place, _, name = path.rpartition("/")
        found = next((o for o in self.objects.get(place, []) if o["metadata"]["name"] == name), None)
        if found is not None:
            return 200, found
        # A list of nothing is a list; one thing that is not there is not.
        is_list = name in {p.rpartition("/")[2] for p in (PODS, SECRETS, SETS, DEPLOYMENTS, JOBS, CLASSES, NODES)}
        is_list = is_list or name in {"persistentvolumeclaims", "namespaces"}
        return (200, {"items": []}) if is_list else (404, {"kind": "Status", "reason": "NotFound", "message": path})

    def _happen(self) -> None:
        commands = self.commands
        for command in commands[self._seen :]:
            for words, effect in self.effects:
                if words in command:
                    effect()
        self._seen = len(commands)


def _has(one: Object, selector: str) -> bool:
    labels = one["metadata"].get("labels") or {}
    pairs = (pair.partition("=") for pair in selector.split(",") if pair)
    return all(labels.get(key) == value for key, _, value in pairs)


@contextlib.contextmanager
def cluster_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    """A cluster for one test; its programs come first on PATH, and none of this machine's is behind them."""
    # The path of a socket is short; that of a test's own folder is not.
    with tempfile.TemporaryDirectory(prefix="aw-") as name:
        fake = FakeCluster(Path(name))
        fake.says("\x00")
        monkeypatch.setenv("PATH", f"{name}:/usr/bin:/bin")

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                query = dict(parse_qsl(where.query))
                status, body = fake.answer(where.path, query)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                follows = status == 200 and query.get("follow") == "true"
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    if not follows:
                        self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                    if follows:
                        fake.over.wait(30)

            def address_string(self) -> str:
                return "a socket"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the library
                del format, args

        with socketserver.ThreadingUnixStreamServer(str(fake.folder / "api"), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            try:
                yield fake
            finally:
                fake.over.set()
                server.shutdown()


def made(name: str, **more: object) -> Object:
    """Something of the release ``demo``: labels as the chart sets them."""
    labels = {"release": "demo", "component": name}
    return {"metadata": {"name": name, "uid": f"uid-{name}", "labels": labels}, **more}


def release_in(folder: Path, *components: str, kubeconfig: str = "") -> Release:
    """The release ``demo`` in the namespace ``airflow``."""
    return Release(str(folder), Cluster("mine", kubeconfig), "airflow", "demo", components)
