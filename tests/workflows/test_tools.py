"""Programs that were fetched are found, after those on PATH."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.catalog import tools as catalog
from airflow_wizard.engines import download, probe_command
from airflow_wizard.errors import InvalidError
from airflow_wizard.paths import tools_dir
from airflow_wizard.workflows import tools

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRFLOW_WIZARD_HOME", str(tmp_path / "home"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def put(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)
    return file


def test_a_fetched_program_is_found_and_one_on_path_comes_first(home: Path) -> None:
    assert probe_command.find("kind") is None
    fetched = put(tools_dir(), "kind", "kind v0.33.0 go1.25 linux/amd64")
    assert probe_command.find("kind") == str(fetched)
    (kind,) = [tool for tool in tools.known() if tool.name == "kind"]
    assert (kind.path, kind.version, kind.ours) == (str(fetched), "0.33.0", True)
    own = put(home / "bin", "kind", "kind v0.31.0 go1.24 linux/amd64")
    (kind,) = [tool for tool in tools.known() if tool.name == "kind"]
    assert (kind.path, kind.version, kind.ours) == (str(own), "0.31.0", False)


def test_what_is_started_later_finds_it_too_and_path_is_not_made_longer_each_time(home: Path) -> None:
    tools.reach()
    tools.reach()
    assert os.environ["PATH"].split(os.pathsep) == [str(home / "bin"), str(tools_dir())]


def test_it_is_fetched_with_the_digest_published_beside_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    asked: list[str] = []
    body = b"program"

    def digest_of(url: str) -> str:
        asked.append(url)
        return hashlib.sha256(body).hexdigest()

    def fetch(url: str, digest: str, to: Path, **_: object) -> None:
        assert digest == hashlib.sha256(body).hexdigest()
        asked.append(url)
        to.parent.mkdir(parents=True)
        to.write_bytes(body)

    monkeypatch.setattr(download, "digest_of", digest_of)
    monkeypatch.setattr(download, "fetch", fetch)
    file, path = tools.get("kubectl", "1.35.8")
    assert asked == [file.digest_url, file.url]
    assert (path, file.version) == (tools_dir() / "kubectl", "1.35.8")
    with pytest.raises(InvalidError):
        tools.get("rm")
    assert catalog.names() == ("kubectl", "helm", "kind")
