"""The preview says what the writer then does, and shows no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts import manifest
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.preview import FilePreview, hide_values, preview
from airflow_wizard.artifacts.writer import read_on_disk, write_artifacts

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = Artifact("config.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n", "settings")
PLANNED = replace(CONFIG, text=CONFIG.text.replace("1", "10"))
SECRET = Artifact(".env", "# keys\nKEY=generated\n", "secrets", 0o600, secret=True)


def _preview(folder: Path, artifact: Artifact) -> FilePreview:
    return preview((artifact,), read_on_disk(folder, (artifact,)), manifest.load(folder))[0]


@pytest.mark.parametrize(
    ("on_disk", "planned", "state", "text"),
    [
        (None, CONFIG, "same", CONFIG.text),
        (None, PLANNED, "changed", PLANNED.text),
        ("mine\n", CONFIG, "edited", "mine\n"),
        (CONFIG.text + "mine\n", PLANNED, "merge", PLANNED.text + "mine\n"),
        ("mine\n", PLANNED, "conflict", PLANNED.text),
    ],
)
def test_every_state_is_what_the_writer_does(
    tmp_path: Path, on_disk: str | None, planned: Artifact, state: str, text: str
) -> None:
    write_artifacts(tmp_path, (CONFIG,))
    if on_disk is not None:
        (tmp_path / "config.yaml").write_text(on_disk)
    before = (tmp_path / "config.yaml").read_text()
    shown = _preview(tmp_path, planned)
    assert (shown.state, shown.text, shown.size) == (state, text, len(text))
    assert bool(shown.diff) is (text != before)
    assert (tmp_path / "config.yaml").read_text() == before
    write_artifacts(tmp_path, (planned,))
    result = tmp_path / ("config.yaml.new" if state == "conflict" else "config.yaml")
    assert result.read_text() == shown.text


def test_a_new_file_is_a_diff_from_nothing(tmp_path: Path) -> None:
    shown = _preview(tmp_path / "not there yet", CONFIG)
    assert shown.state == "new"
    assert shown.diff.splitlines()[:2] == ["--- /dev/null", "+++ config.yaml"]
    assert not (tmp_path / "not there yet").exists()


def test_no_value_of_a_secret_is_shown(tmp_path: Path) -> None:
    shown = _preview(tmp_path, SECRET)
    assert shown.text == "# keys\nKEY=••••••\n"
    assert shown.size == len(SECRET.text)
    (tmp_path / ".env").write_text("KEY=hers\nexport OTHER='x y'\nbroken line\n")
    again = _preview(tmp_path, replace(SECRET, text="KEY=generated\nNEW=abc\n"))
    assert again.state == "merge"
    for leaked in ("hers", "generated", "x y", "abc", "broken"):
        assert leaked not in again.text + again.diff + again.note


def test_a_secret_that_is_no_list_of_keys_is_hidden_as_a_whole() -> None:
    assert hide_values('{"admin": "generated"}\n') == "••••••\n"
    assert hide_values("") == ""


def test_escape_sequences_and_odd_bytes_on_disk_do_not_reach_the_screen(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"\x1b]0;title\x07caf\xe9\n")
    shown = _preview(tmp_path, CONFIG)
    assert shown.state == "conflict"
    assert "\x1b" not in shown.diff
    assert "title" not in shown.diff
    shown.diff.encode()
