"""The command log is exact, masked, and can be run again."""

from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

from airflow_wizard.run.command_log import CommandLog, CommandRecord
from airflow_wizard.run.masks import Masker

if TYPE_CHECKING:
    from pathlib import Path


def _file(folder: Path) -> Path:
    return folder / ".airflow-wizard/commands.log"


def test_a_command_is_there_before_it_ends(tmp_path: Path) -> None:
    log = CommandLog(tmp_path)
    record = log.start(["uv", "pip", "install", "apache-airflow==3.3.2"], str(tmp_path))
    assert record.running
    assert "uv pip install apache-airflow==3.3.2" in _file(tmp_path).read_text()
    ended = log.finish(record, -9, 75.0)
    assert log.records == (ended,)
    assert _file(tmp_path).read_text().endswith("# [1] exit -9 after 1 m 15 s\n")
    assert stat.S_IMODE(_file(tmp_path).stat().st_mode) == 0o600


def test_the_file_runs_as_a_script(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    log = CommandLog(tmp_path)
    log.record(["sh", "-c", 'printf "%s\\n" "$1"; pwd', "x", "a 'b' $c *"], str(folder), 0.1, 0)
    log.record(["echo", "two\nlines"], str(tmp_path), 0.1, 1)
    again = subprocess.run(["sh", str(_file(tmp_path))], capture_output=True, text=True, check=True)
    assert again.stdout == f"a 'b' $c *\n{folder}\ntwo\nlines\n"


def test_secrets_and_escape_sequences_stay_out(tmp_path: Path) -> None:
    log = CommandLog(tmp_path, mask=Masker(["hunter2-hunter2"]).mask)
    log.record(["echo", "hunter2-hunter2", "\x1b[31mred"], str(tmp_path), 0.1, 0)
    text = _file(tmp_path).read_text() + log.records[0].command
    assert "hunter2" not in text
    assert "\x1b" not in text


def test_listeners_hear_start_and_end_until_they_stop(tmp_path: Path) -> None:
    heard: list[CommandRecord] = []
    log = CommandLog()
    stop = log.listen(heard.append)
    log.record(["true"], str(tmp_path), 0.5, 0)
    stop()
    stop()
    log.record(["false"], str(tmp_path), 0.5, 1)
    assert [(one.number, one.running, one.exit_code) for one in heard] == [(1, True, None), (1, False, 0)]
    assert len(log.records) == 2
    assert list(tmp_path.iterdir()) == []
