"""The Docker engine, asked through the real SDK; at the other end of the socket is a server of the test."""

from __future__ import annotations

import hashlib
import json
import socket
import socketserver
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar

import pytest

from airflow_wizard.engines import docker_endpoint
from airflow_wizard.engines.docker_info import described, docker_facts, from_snap, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

_INFO = {
    "MemTotal": 3863232512,
    "NCPU": 4,
    "OperatingSystem": "Docker Desktop",
    "Name": "docker-desktop",
    "Architecture": "aarch64",
    "CgroupVersion": "2",
    "CgroupDriver": "cgroupfs",
    "SecurityOptions": ["name=seccomp,profile=unconfined", "name=rootless"],
    "Driver": "overlayfs",
    "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
    "DockerRootDir": "/var/lib/docker",
    "Warnings": None,
}
_VERSION = {"Version": "28.5.1", "ApiVersion": "1.51", "MinAPIVersion": "1.24"}


class _Engine(BaseHTTPRequestHandler):
    """Answers the two requests we make, as Engine API 1.51 does."""

    answers: ClassVar[dict[str, object]] = {"/info": _INFO, "/version": _VERSION}

    def do_GET(self) -> None:
        body = json.dumps(next((v for k, v in self.answers.items() if self.path.endswith(k)), {})).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for a UNIX socket (about 100 bytes)."""
    with TemporaryDirectory(prefix="aw") as name:
        yield Path(name)


@pytest.fixture
def engine(short: Path) -> Iterator[str]:
    """Address of an engine."""
    path = short / "d.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), _Engine) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"unix://{path}"
        server.shutdown()
        thread.join()


def test_an_engine_that_answers_is_described(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine)
    facts = docker_facts(5.0)
    wanted = {
        "reachable": True,
        "error_kind": "",
        "endpoint": engine,
        "context": "",
        "version": "28.5.1",
        "api_version": "1.51",
        "min_api": "1.24",
        "memory": 3863232512,
        "cpus": 4,
        "provider": "desktop",
        "rootless": True,
        "containerd_store": True,
        "cgroup_version": "2",
        "warnings": [],
    }
    assert {key: facts[key] for key in wanted} == wanted


def test_the_context_in_the_configuration_is_followed(engine: str, isolated: Path) -> None:
    _context(isolated / ".docker", "colima", engine)
    facts = docker_facts(5.0)
    assert (facts["reachable"], facts["context"], facts["endpoint"]) == (True, "colima", engine)


def test_a_socket_nobody_listens_on_means_not_running(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = short / "docker"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{short}/none.sock")
    monkeypatch.setenv("PATH", str(short))
    facts = docker_facts(1.0)
    assert (facts["reachable"], facts["error_kind"], facts["command"]) == (False, "not_running", str(program))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert docker_facts(1.0)["error_kind"] == "not_installed"


def test_a_socket_of_somebody_else_means_permission(engine: str) -> None:
    Path(engine.removeprefix("unix://")).chmod(0)
    # The administrator may open every socket, so the question is asked as nobody.
    script = (
        "import os, sys; from airflow_wizard.engines.docker_endpoint import knock;"
        "os.getuid() or os.setuid(65534); print(knock(sys.argv[1], 1.0))"
    )
    said = subprocess.run([sys.executable, "-c", script, engine], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "permission"


def test_an_engine_that_never_answers_is_given_up(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    path = short / "mute.sock"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen(5)  # takes connections and says nothing
        assert stat.S_ISSOCK(path.stat().st_mode)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        facts = docker_facts(1.0)
    assert (facts["reachable"], facts["error_kind"]) == (False, "timeout")


def test_precedence_of_the_address(tmp_path: Path) -> None:
    folder = tmp_path / ".docker"
    assert docker_endpoint.endpoint({}, tmp_path).host == docker_endpoint.DEFAULT_HOST
    _context(folder, "orbstack", "unix:///orb.sock")
    _context(folder, "other", "ssh://box", current=False)
    assert docker_endpoint.endpoint({}, tmp_path).host == "unix:///orb.sock"
    assert docker_endpoint.endpoint({"DOCKER_CONTEXT": "other"}, tmp_path).host == "ssh://box"
    both = docker_endpoint.endpoint({"DOCKER_CONTEXT": "other", "DOCKER_HOST": "tcp://build:2375"}, tmp_path)
    assert (both.host, both.context, both.configured) == ("tcp://build:2375", "", "other")


def test_a_context_that_is_gone_is_a_problem_of_its_own(isolated: Path) -> None:
    folder = isolated / ".docker"
    folder.mkdir()
    (folder / "config.json").write_text('{"currentContext": "gone"}')
    facts = docker_facts(1.0)
    assert (facts["error_kind"], facts["context"]) == ("context", "gone")


@pytest.mark.parametrize("text", ["{", "[]", '{"currentContext": 7}', "null"])
def test_a_broken_configuration_means_the_default(tmp_path: Path, text: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(text)
    assert docker_endpoint.endpoint({}, tmp_path).context == "default"


@pytest.mark.parametrize(
    ("system", "name", "who"),
    [
        ("Docker Desktop", "docker-desktop", "desktop"),
        ("OrbStack", "orbstack", "orbstack"),
        ("Alpine Linux v3.22", "lima-rancher-desktop", "rancher"),
        ("Ubuntu 24.04.3 LTS", "colima-work", "colima"),
        ("Debian GNU/Linux 12 (bookworm)", "box", "linux"),
    ],
)
def test_provider(system: str, name: str, who: str) -> None:
    assert provider(system, name) == who


def test_an_engine_that_says_little_is_described_with_what_there_is() -> None:
    facts = described({}, {})
    assert (facts["version"], facts["memory"], facts["cgroup_version"], facts["rootless"]) == (None, None, "", False)


def _context(folder: Path, name: str, host: str, *, current: bool = True) -> None:
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if current:
        (folder / "config.json").write_text(json.dumps({"currentContext": name}))


@pytest.mark.parametrize(
    ("command", "root", "snap"),
    [
        ("/snap/bin/docker", "", True),
        ("/var/lib/snapd/snap/bin/docker", "", True),
        ("/usr/bin/docker", "/var/snap/docker/common/var-lib-docker", True),
        ("/usr/bin/docker", "/var/lib/docker", False),
        ("", "", False),
    ],
)
def test_a_snap_is_recognised(command: str, root: str, snap: bool) -> None:
    assert from_snap(command, root) is snap


def test_a_tcp_address_is_knocked_at_unless_a_proxy_stands_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_door = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert docker_endpoint.knock(open_door, 1.0) == ""
    assert docker_endpoint.knock(open_door, 1.0) == "not_running"
    assert docker_endpoint.knock("tcp://127.0.0.1", 1.0) == ""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    assert docker_endpoint.knock(open_door, 1.0) == ""
