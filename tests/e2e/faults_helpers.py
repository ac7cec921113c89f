"""What the tests of faults share: what a message must have, folders of a kind, and programs that are in the way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from airflow_wizard.errors import ExitCode
from tests.e2e.wizard import stack_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.e2e.wizard import Run, Wizard

CODES = {int(code) for code in ExitCode}
ESCAPES = "\x1b]0;owned\x07\x1b[31mred"
STANDALONE = ("--profile", "standalone-quickstart")


def up(wizard: Wizard, name: str, *words: str, port: int | None = None, cwd: Path | None = None) -> Run:
    return wizard.run(
        "up", *STANDALONE, "--name", name, "--set", f"port={port or wizard.port}", "--yes", *words, cwd=cwd
    )


def nothing_was_made(wizard: Wizard, name: str) -> None:
    assert not stack_folder(wizard, name).exists()
    assert wizard.run("stacks", "--json").json() == []


def told(run: Run, *codes: int) -> str:
    """The message of a command that failed in order: exit code, what, why, next; returns it.

    A failure of a step has its next as a fix of the finding, an error of the command line has it as ``Next:``.
    """
    shown = quiet(run)
    assert run.code in (codes or CODES - {0}), shown
    assert "✖" in run.err, shown
    assert re.search(r"(?m)^ +(Why: |why ) +\S", run.err), f"no why:\n{shown}"
    assert re.search(r"(?m)^ +(Next:|fix ) +\S", run.err), f"no next:\n{shown}"
    return run.err


def quiet(run: Run) -> str:
    """Both streams of a command, after seeing that no bug and no escape sequence is in them."""
    shown = run.out + run.err
    assert run.code in CODES, shown
    assert "Traceback" not in shown
    assert "a bug in airflow-wizard" not in shown, shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown), repr(shown)
    return shown


def wizard_with(env: Mapping[str, str], *words: str, cwd: Path | None = None) -> Run:
    """The command line with exactly this environment."""
    from tests.e2e.wizard import Run

    done = subprocess.run(
        [sys.executable, "-m", "airflow_wizard", *words],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, by content; without the lock, whose holder writes its name into it, and the venv."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name != "lock" and folder / "venv" not in path.parents
    }


@contextlib.contextmanager
def small_disk(at: Path, *options: str) -> Iterator[Path]:
    """A file system of its own, as small or as read-only as ``options`` say; needs root."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextlib.contextmanager
def silent_listener() -> Iterator[int]:
    """A program that accepts and never says a word; gives its port. It is this process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@contextlib.contextmanager
def foreign_server() -> Iterator[tuple[int, list[bytes]]]:
    """A web server that is not Airflow; gives its port and everything it was ever sent."""
    received: list[bytes] = []

    class Foreign(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            received.append(f"{self.command} {self.path} {self.headers}".encode() + body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 - names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def password_of(folder: Path) -> str:
    """The password in a stack's .env."""
    lines = (folder / ".env").read_text(encoding="utf-8").splitlines()
    (value,) = [line.partition("=")[2] for line in lines if "PASSWORD" in line.partition("=")[0]]
    return value


def env_without(*names: str, **more: str) -> dict[str, str]:
    """This environment without some names."""
    return {k: v for k, v in os.environ.items() if k not in names} | more
