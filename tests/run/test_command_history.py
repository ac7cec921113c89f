"""What was run is read back as it was written."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.run.command_history import parse, read
from airflow_wizard.run.command_log import CommandLog
from airflow_wizard.run.masks import Masker


def test_commands_come_back_with_their_ends_and_their_words(tmp_path: Path) -> None:
    log = CommandLog(tmp_path, mask=Masker(["hunter2-hunter2"]).mask)
    build = log.start(["docker", "build", "a b"], "/stacks/it's here")
    log.record(["true"], "/", 0.2, 0)
    log.finish(build, 1, 75.0, ["one", "\x1b[31mtoken hunter2-hunter2", *map(str, range(100))])
    log.start(["sleep", "9"], "/")
    first, second, third = read(tmp_path)
    assert (first.command, first.folder) == ("docker build 'a b'", "/stacks/it's here")
    assert (first.exit_code, first.took) == (1, "1 m 15 s")
    assert len(first.said) == 40
    assert first.said[-1] == "99"
    assert (second.command, second.exit_code, second.took, second.said) == ("true", 0, "0.2 s", ())
    assert (third.command, third.exit_code, third.took) == ("sleep 9", None, "")
    assert "hunter2" not in (tmp_path / ".airflow-wizard/commands.log").read_text()


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    log = CommandLog(tmp_path)
    for number in range(300):
        log.record(["echo", str(number)], "/", 0.1, 0)
    found = read(tmp_path, 2_000)
    assert 0 < len(found) < 60
    assert [c.command for c in found] == [f"echo {n}" for n in range(300 - len(found), 300)]
    assert read(tmp_path / "nowhere") == []


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), max_size=5), WORDS)
def test_any_command_in_any_folder(commands: list[list[str]], folder: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        log = CommandLog(Path(place))
        for number, argv in enumerate(commands):
            log.record(argv, f"/{folder}", 0.1, number)
        found = read(Path(place))
    assert [(c.command, c.folder, c.exit_code) for c in found] == [
        (shlex.join(argv), f"/{folder}", number) for number, argv in enumerate(commands)
    ]


@given(st.lists(st.text(max_size=60)))
def test_a_damaged_log_is_no_reason_to_fail(lines: list[str]) -> None:
    for command in parse(lines):
        assert not re.search(r"[\x00-\x08\x1b\x7f-\x9f]", command.command)
