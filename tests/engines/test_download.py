"""Fetching a program: from a server of our own, with a certificate authority of our own."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import ssl
import subprocess
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines import download
from airflow_wizard.engines.download import DownloadError, digest_of, fetch
from airflow_wizard.engines.web_probe import trusted
from airflow_wizard.errors import InterruptedByUserError, WizardError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = b"#!/bin/sh\necho v1\n" * 4000
DIGEST = hashlib.sha256(PROGRAM).hexdigest()


def archive(member: str, content: bytes) -> bytes:
    kept = io.BytesIO()
    # Each call has to give the same bytes: gzip would put the time into them.
    with gzip.GzipFile(fileobj=kept, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
        # What a hostile archive would hold; nothing is unpacked by its name.
        outside = tarfile.TarInfo("../outside")
        tar.addfile(outside, io.BytesIO(b""))
    return kept.getvalue()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that is its own authority."""
    folder = tmp_path_factory.mktemp("authority")
    made = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem"),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    return folder


class Answers(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"to-program": "/program", "to-http": "http://localhost:1/program"}[name])
            self.end_headers()
            return
        bodies = {
            "program": PROGRAM,
            "other": b"x" * 100,
            "cut": PROGRAM,
            "page": b"<html>please sign in</html>",
            "digest": f"{DIGEST.upper()}  program\n".encode(),
            "bare": DIGEST.encode(),
            "tar": archive("linux-amd64/helm", PROGRAM),
        }
        if name not in bodies:
            self.send_error(404)
            return
        body = bodies[name]
        self.send_response(200)
        self.send_header("Content-Length", str(download.LARGEST + 1 if name == "huge" else len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if name == "cut" else body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Quiet(ThreadingHTTPServer):
    """A client that does not trust it breaks off, which is not worth a traceback."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing."""


@contextmanager
def served(authority: Path) -> Iterator[str]:
    server = Quiet(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.pem", authority / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server, trusted as a company's authority is."""
    monkeypatch.setenv("CURL_CA_BUNDLE", str(authority / "ca.pem"))
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    with served(authority) as url:
        yield url


def test_a_program_is_fetched_whole_and_can_be_run(site: str, tmp_path: Path) -> None:
    to, seen = tmp_path / "new" / "tool", list[tuple[int, int | None]]()
    assert digest_of(f"{site}/digest") == digest_of(f"{site}/bare") == DIGEST
    fetch(f"{site}/to-program", DIGEST, to, on_bytes=lambda count, whole: seen.append((count, whole)))
    assert to.read_bytes() == PROGRAM
    assert to.stat().st_mode & 0o777 == 0o755
    assert seen[-1] == (len(PROGRAM), len(PROGRAM))
    assert [path.name for path in to.parent.iterdir()] == ["tool"]


def test_one_file_of_an_archive_is_taken_and_nothing_else(site: str, tmp_path: Path) -> None:
    to = tmp_path / "bin" / "helm"
    whole = hashlib.sha256(_get(site, "tar")).hexdigest()
    fetch(f"{site}/tar", whole, to, member="linux-amd64/helm")
    assert to.read_bytes() == PROGRAM
    assert [path.name for path in tmp_path.rglob("*")] == ["bin", "helm"]


def _get(site: str, name: str) -> bytes:
    from urllib.request import HTTPSHandler, build_opener

    with build_opener(HTTPSHandler(context=trusted({"CURL_CA_BUNDLE": _bundle()}))).open(f"{site}/{name}") as a:
        return bytes(a.read())


def _bundle() -> str:
    return os.environ["CURL_CA_BUNDLE"]


@pytest.mark.parametrize(
    ("path", "member", "words"),
    [
        ("other", "", "is not the file it should be"),
        ("cut", "", "cut after"),
        ("page", "", "is not the file it should be"),
        ("missing", "", "404"),
        ("to-http", "", "not https"),
        ("program", "linux-amd64/helm", "no linux-amd64/helm in it"),
    ],
)
def test_what_is_not_right_is_not_kept_and_the_old_one_stays(
    site: str, tmp_path: Path, path: str, member: str, words: str
) -> None:
    to = tmp_path / "tool"
    to.write_bytes(b"old")
    with pytest.raises(DownloadError) as caught:
        fetch(f"{site}/{path}", DIGEST, to, member=member)
    assert words in caught.value.what
    assert caught.value.next
    assert to.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["tool"]


def test_a_page_is_no_digest(site: str) -> None:
    with pytest.raises(DownloadError, match="no SHA-256"):
        digest_of(f"{site}/page")


def test_a_certificate_nobody_knows_is_refused(
    authority: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "localhost")
    with served(authority) as url, pytest.raises(DownloadError, match="certificate"):
        fetch(f"{url}/program", DIGEST, tmp_path / "tool")
    assert not list(tmp_path.iterdir())


def test_an_address_in_the_open_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="not an https address"):
        fetch("http://localhost/program", DIGEST, tmp_path / "tool")


def test_one_that_is_stopped_leaves_nothing(site: str, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedByUserError):
        fetch(f"{site}/program", DIGEST, tmp_path / "tool", cancel=stop)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WizardError, match="No space left"):
        fetch(f"{site}/program", DIGEST, tmp_path / "tool")
    assert not list(tmp_path.iterdir())


def test_what_is_too_large_is_not_begun(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 1000)
    with pytest.raises(DownloadError, match="larger"):
        fetch(f"{site}/program", DIGEST, tmp_path / "tool")
    assert not list(tmp_path.iterdir())
