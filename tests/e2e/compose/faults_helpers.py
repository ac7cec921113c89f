"""What is in a Compose stack's way, put there by a test and taken away after it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.wizard import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.e2e.compose.engine import ComposeWizard, Engine

NOBODY = 65534
# Debian 12's Compose 1.29 and what it imports.
COMPOSE_1 = (
    "docker-compose",
    *(f"python3-{name}" for name in ("docker", "dockerpty", "docopt", "texttable", "websocket", "dotenv", "yaml")),
    *(f"python3-{name}" for name in ("requests", "urllib3", "six", "idna", "certifi", "chardet")),
    *(f"python3-{name}" for name in ("charset-normalizer", "jsonschema", "attr", "pyrsistent", "distutils")),
)


def up(wizard: ComposeWizard, *words: str, env: Mapping[str, str] | None = None, port: int | None = None) -> Run:
    """A launch of this wizard's stack as a person types it, told in text."""
    argv = ("up", "--profile", "laptop-lite", "--name", wizard.name, "--set", f"port={port or wizard.port}", "--yes")
    return called(wizard.argv(*argv, *words), {**wizard.env, **(env or {})})


def called(argv: list[str], env: Mapping[str, str], cwd: Path | None = None) -> Run:
    """A command to its end in an environment."""
    done = subprocess.run(
        argv, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr).honest()


def as_nobody(wizard: ComposeWizard, home: Path, *words: str) -> Run:
    """The wizard run by an ordinary user, who may read the code it is made of and nothing else of root's."""
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    # A test's folder may lie below one that only root may enter.
    may_read = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    argv = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *may_read, *wizard.argv(*words)]
    env = {**wizard.env, "HOME": str(home), "AIRFLOW_WIZARD_HOME": str(home / "wizard")}
    return called(argv, env, home)


def compose_1(place: Path) -> Path:
    """A folder for PATH with Debian's own docker-compose 1.29 in it; a skip where its packages cannot be fetched."""
    packages, root, tools = place / "packages", place / "root", place / "bin"
    for folder in (packages, root, tools):
        folder.mkdir(parents=True)
    fetch = ["apt-get", "download", *COMPOSE_1]
    fetched = subprocess.run(fetch, cwd=packages, check=False, capture_output=True, text=True, timeout=60)
    if fetched.returncode != 0:
        pytest.skip(f"Debian's docker-compose could not be fetched: {fetched.stderr.strip().splitlines()[-1:]}")
    for package in packages.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    program = tools / "docker-compose"
    modules, script = root / "usr/lib/python3/dist-packages", root / "usr/bin/docker-compose"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={modules} exec /usr/bin/python3 {script} "$@"\n')
    program.chmod(0o755)
    return tools


@contextlib.contextmanager
def container(engine: Engine, name: str, *words: str, run: bool = False) -> Iterator[str]:
    """A container of that name; with ``run`` it sleeps, else it is only made."""
    start = ("run", "--detach") if run else ("create",)
    engine.names(*start, "--name", name, "--entrypoint", "sleep", *words, "postgres:16", "300")
    try:
        yield name
    finally:
        engine.names("rm", "--force", "--volumes", name)


def fill_volume(engine: Engine, volume: str, image: str) -> None:
    """A database in a volume, written by the server of an image."""
    name = f"{volume}-writer"
    words = ("--network", "none", "--env", "POSTGRES_PASSWORD=other", "--env", "POSTGRES_USER=airflow")
    engine.names("run", "--detach", "--name", name, *words, "--volume", f"{volume}:/var/lib/postgresql/data", image)
    try:
        ready = lambda: engine.docker("exec", name, "pg_isready", "--quiet", "--host", "127.0.0.1").code == 0  # noqa: E731
        until(ready, 30)
        engine.names("stop", name)
    finally:
        engine.names("rm", "--force", name)


def until(true: Callable[[], object], seconds: float, otherwise: str = "it did not happen in time") -> None:
    """Wait for something that happens by itself."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)


def facts_with(wizard: ComposeWizard, file: Path, **docker: object) -> Path:
    """This machine's facts, recorded, with other words of its engine."""
    asked = ("--profile", "laptop-lite", "--set", f"port={wizard.port}")
    assert wizard.run("check", *asked, "--record", str(file)).code == 0
    recorded = json.loads(file.read_text(encoding="utf-8"))
    facts: dict[str, Any] = recorded.get("facts", recorded)
    facts["docker"]["value"] |= docker
    file.write_text(json.dumps(recorded), encoding="utf-8")
    return file


@contextlib.contextmanager
def listener(port: int) -> Iterator[int]:
    """A program of its own that listens on a port; gives its pid."""
    code = f"import socket, sys; s = socket.create_server(('127.0.0.1', {port})); print(flush=True); sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield child.pid
    finally:
        child.communicate("")
