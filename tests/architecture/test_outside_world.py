"""Only engines/ runs a process or opens a socket; what is shipped into a stack is not part of the package."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.architecture import source

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = frozenset(
    {
        "_posixsubprocess", "_socket", "aiohttp", "asyncio.subprocess",
        "concurrent.futures.ProcessPoolExecutor", "docker", "ftplib", "http.client", "http.server",
        "httpx", "imaplib", "kubernetes", "multiprocessing", "pexpect", "poplib", "psutil.Popen",
        "pty", "ptyprocess", "requests", "smtplib", "socket", "socketserver", "subprocess",
        "telnetlib", "urllib.request", "urllib3", "webbrowser", "websockets", "xmlrpc",
        "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
        "asyncio.open_connection", "asyncio.open_unix_connection", "asyncio.start_server",
        "asyncio.start_unix_server", "os.fork", "os.forkpty", "os.popen", "os.posix_spawn",
        "os.posix_spawnp", "os.startfile", "os.system",
    }
)  # fmt: skip
# As attributes: `os.execv(...)`, `loop.create_connection(...)`, however the object is called.
CALLS = re.compile(
    r"""^(?:
        os\.(?:exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|fork|forkpty|system|popen|startfile)
      | asyncio\.(?:create_subprocess_\w+|open_(?:unix_)?connection|start_(?:unix_)?server)
      | psutil\.Popen
      | .*\.(?:create_(?:unix_)?(?:connection|server)|create_datagram_endpoint|subprocess_(?:exec|shell))
    )$""",
    re.VERBOSE,
)
LAZY = frozenset({"docker", "kubernetes"})


def reaches_out(path: Path) -> list[str]:
    """What in a file runs a process or opens a socket, each with its place."""
    found = [
        f"{source.place(path, i.line)} imports {hit}"
        for i in source.imports(path)
        if not i.typing_only and (hit := i.hits(OUTSIDE))
    ]
    found += [
        f"{source.place(path, node.lineno)} uses {name}"
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Attribute) and CALLS.match(name := ast.unparse(node))
    ]
    return found


def test_only_engines_reach_the_outside_world() -> None:
    found = [line for path in source.files(without=("engines",)) for line in reaches_out(path)]
    assert not found, "belongs into airflow_wizard/engines/:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from urllib import request",
        "from urllib.request import urlopen",
        "def f():\n    import socket",
        "import importlib\nimportlib.import_module('docker.client')",
        "import asyncio\nasync def f():\n    await asyncio.create_subprocess_exec('x')",
        "from asyncio import create_subprocess_shell",
        "import os\nos.execvp('x', ['x'])",
        "from os import system",
        "async def f(loop):\n    await loop.create_connection(lambda: None)",
        "import multiprocessing.pool",
        "import concurrent.futures as c\nfrom concurrent.futures import ProcessPoolExecutor",
    ],
)
def test_the_rule_sees(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ROOT", tmp_path)
    path = tmp_path / "x.py"
    path.write_text(code)
    assert reaches_out(path)


@pytest.mark.parametrize(
    "code",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import subprocess",
        "import urllib.parse, os\nos.environ.get('X'), os.path.exists('x')",
        "import asyncio\nasyncio.run(f())",
        "import http",
    ],
)
def test_the_rule_lets_pass(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ROOT", tmp_path)
    path = tmp_path / "x.py"
    path.write_text(code)
    assert not reaches_out(path)


def test_heavy_clients_are_imported_inside_functions() -> None:
    found = [
        source.place(path, i.line)
        for path in source.need_room("engines")
        for i in source.imports(path)
        if i.on_load and not i.typing_only and i.hits(LAZY)
    ]
    assert not found, "docker and kubernetes cost 0.1 to 0.7 s; import them where they are used:\n" + "\n".join(found)


def test_nothing_imports_what_is_shipped_into_a_stack() -> None:
    shipped = [path for path in source.SHIPPED.rglob("*.py") if path.name != "__init__.py"]
    if not shipped:
        pytest.fail("airflow_wizard/artifacts/files holds no Python file: the rule looks at nothing")
    names = frozenset({"airflow_wizard.artifacts.files", *(path.stem for path in shipped)})
    found = [source.place(path, i.line) for path in source.files() for i in source.imports(path) if i.hits(names)]
    assert not found, "these files run inside a stack:\n" + "\n".join(found)
