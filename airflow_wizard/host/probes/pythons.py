"""Interpreters on this machine that Airflow could be installed with."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.engines import probe_command
from airflow_wizard.engines.docker_endpoint import home
from airflow_wizard.host.probe import Ask, Probe, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.host.facts import Json

_DEADLINE = 5.0
_MINORS = range(14, 8, -1)
# Whoever built Python without the headers of SQLite or OpenSSL gets an interpreter that Airflow cannot use.
_QUESTION = """
import importlib.util as u, json, platform, sys
print(json.dumps({
    "full": platform.python_version(),
    "implementation": platform.python_implementation(),
    "sqlite": u.find_spec("_sqlite3") is not None,
    "ssl": u.find_spec("_ssl") is not None,
    "base": getattr(sys, "_base_executable", "") or sys.executable,
    "prefix": sys.base_prefix,
}))
"""


def probe(ask: Ask) -> Seen:
    """``{"found": […], "unusable": […]}`` of ``{version, full, path, implementation, sqlite, ssl}``, newest first.

    Unusable are those that Airflow cannot run on whatever their version: not CPython, or without SQLite or TLS.
    """
    from concurrent.futures import ThreadPoolExecutor

    candidates = _distinct(ask)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(_describe, candidates))
    found: dict[tuple[str, str], dict[str, Json]] = {}
    for answer in answers:
        if answer is not None:
            # One installation can be reached by several names and through several venvs; the first name wins.
            found.setdefault((str(answer["full"]), str(answer.pop("prefix"))), answer)
    ordered = sorted(found.values(), key=lambda p: _numbers(str(p["full"])), reverse=True)
    usable = [p for p in ordered if p["implementation"] == "CPython" and p["sqlite"] is True and p["ssl"] is True]
    return {"pythons": {"found": list(usable), "unusable": [p for p in ordered if p not in usable]}}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _distinct(ask: Ask) -> list[str]:
    seen: dict[str, str] = {}
    for candidate in _candidates(ask):
        try:
            if candidate.is_file() and os.access(candidate, os.X_OK) and not _is_trap(candidate):
                seen.setdefault(str(candidate.resolve()), str(candidate))
        except OSError:
            continue
    return list(seen.values())


def _candidates(ask: Ask) -> Iterator[Path]:
    if ask.python:
        yield Path(ask.python)
    yield Path(getattr(sys, "_base_executable", "") or sys.executable)
    for name in (*(f"python3.{minor}" for minor in _MINORS), "python3", "python"):
        for folder in os.get_exec_path():
            yield Path(folder) / (f"{name}.exe" if sys.platform == "win32" else name)
    mine = home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or mine / ".pyenv")
    yield from _matches(pyenv, "versions/*/bin/python3")
    share = Path(os.environ.get("XDG_DATA_HOME") or mine / ".local" / "share")
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or share / "uv" / "python")
    yield from _matches(managed, "cpython-*/bin/python3")
    yield from _matches(Path("/Library/Frameworks/Python.framework/Versions"), "3.*/bin/python3")
    for brew in ("/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin"):
        yield from _matches(Path(brew), "python3.[0-9]*[0-9]")


def _matches(folder: Path, pattern: str) -> list[Path]:
    """What is there, as far as this user may look: somebody else's pyenv must not hide one's own Python."""
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def _is_trap(candidate: Path) -> bool:
    """Stubs that open a window instead of answering, and shims that answer for another interpreter."""
    if sys.platform == "darwin" and candidate.parent == Path("/usr/bin"):
        # Without the command line tools this one asks to install them.
        return not Path("/Library/Developer/CommandLineTools").exists()
    parts = {part.lower() for part in candidate.parts}
    return "windowsapps" in parts or "shims" in parts


def _describe(path: str) -> dict[str, Json] | None:
    """None for what does not answer like a Python 3."""
    said = probe_command.ask([path, "-I", "-S", "-c", _QUESTION], timeout=_DEADLINE - 1)
    try:
        answer = json.loads(said.out)
        full, base = str(answer["full"]), str(answer["base"])
    except (ValueError, KeyError, TypeError):
        return None
    return {
        "version": ".".join(full.split(".")[:2]),
        "full": full,
        # The interpreter behind a venv: the venv may be deleted while a stack lives on.
        "path": base if Path(base).is_file() else path,
        "implementation": str(answer["implementation"]),
        "sqlite": answer["sqlite"] is True,
        "ssl": answer["ssl"] is True,
        "prefix": str(answer["prefix"]),
    }


PROBES = (
    Probe(
        ("pythons",), "each python3.x on PATH, of pyenv and of uv, asked for its version", "the venv", _DEADLINE, probe
    ),
)
