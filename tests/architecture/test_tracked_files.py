"""Nothing in the repository knows the machine it was written on, or an index it was installed from."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture import source

LOCKS = ("requirements.lock", "requirements-dev.lock")
INDEX = re.compile(r"https?://(?!pypi\.org/|files\.pythonhosted\.org/)[^\s\"'<>/]+\.[^\s\"'<>]+/simple\b")
NOTES = re.compile(r"\bshared/(?:facts|data|corpus|cluster|screens|DESIGN)\b")


@cache
def texts() -> dict[str, str]:
    """Tracked text files by name."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=source.ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = source.ROOT / name
        try:
            found[name] = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or deleted and not committed yet
    return found


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:160]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_the_machine_it_was_written_on() -> None:
    places = [str(source.ROOT)]
    home = os.path.expanduser(f"~{os.environ.get('USER', '')}")  # noqa: PTH111 - the real one, HOME is isolated
    # /home/ada is the person of our examples; somebody may really be called so.
    if len(Path(home).parts) > 2 and home != "/home/ada":
        places.append(home)
    pattern = re.compile("|".join(rf"{re.escape(p)}(?=[/\s\"'`:]|$)" for p in places))
    assert not hits(pattern)


def test_no_reference_to_notes_outside_the_repository() -> None:
    assert not hits(NOTES)


def test_no_address_of_an_index() -> None:
    assert not hits(INDEX)
    hosts = {
        urlsplit(os.environ.get(name, "")).hostname for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
    }
    for host in hosts - {None, "pypi.org"}:
        assert not hits(re.compile(re.escape(str(host))))


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_is_plain_and_complete(name: str) -> None:
    text = (source.ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_development_lock_holds_the_runtime_lock() -> None:
    runtime, dev = ((source.ROOT / name).read_text(encoding="utf-8").split("\n") for name in LOCKS)
    assert {line for line in runtime if "==" in line} <= {line for line in dev if "==" in line}
