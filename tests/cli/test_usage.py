"""What is typed wrong is said, with the nearest right thing; nothing ends in a traceback or a prompt."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_wizard.cli.main import run
from airflow_wizard.cli.registry import names
from airflow_wizard.errors import ExitCode
from tests.cli.given import facts_file, ran

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["statuss"], "did you mean status?"),
        (["check", "--targt", "kind"], "did you mean --target?"),
        (["check", "--target", "standalon"], "did you mean standalone?"),
        (["profiles", "shw"], "did you mean show?"),
        (["--jso"], "--jso"),
        (["options", "prot"], "did you mean 'port'?"),
        (["up", "--profile", "standalone-quickstrat"], "standalone-quickstart"),
        (["up", "--profile", "standalone-quickstart", "--set", "prot=1"], "did you mean 'port'?"),
        (["versions", "extra"], "one argument too many"),
        (["logs", "--grep", "("], "not a regular expression"),
        (["logs", "--since", "yesterday-ish"], "not a time"),
        (["logs", "--tail", "-5"], "--tail"),
        (["completion", "tcsh"], "tcsh"),
        (["profiles", "show"], "P is missing"),
        (["profiles", "diff", "laptop-lite"], "P2 is missing"),
        (["check", "--profile"], "airflow-wizard check --profile P"),
        (["check", "--target"], "compose|kind|standalone"),
        (["check", "--target", "zzzz"], "known: compose, kind, standalone"),
        (["check", "--json=1"], "--json takes no value"),
        (["plan", "--profile", "standalone-quickstart", "--dir", ""], "--dir needs a value"),
        (["status", ""], "airflow-wizard status STACK"),
        (["up", "--port=8081"], "--set port=8081"),
        (["up", "--profile", "standalone-quickstart", "--set", "port", "8081"], "--set port=8081"),
        (["up", "--", "word"], "'word' is one argument too many"),
        (["zzzzzzz"], "airflow-wizard --help"),
    ],
)
def test_a_slip_is_met_with_the_nearest_right_thing(
    capsys: pytest.CaptureFixture[str], argv: list[str], expected: str
) -> None:
    result = ran(capsys, *argv)
    assert result.code in (ExitCode.USAGE, ExitCode.INVALID)
    assert expected in result.err
    assert "Next:" in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("argv", "flag"),
    [
        (["up"], "--profile"),
        (["plan"], "--profile"),
        (["write"], "--profile"),
        (["write", "--profile", "standalone-quickstart"], "--out"),
        (["export", "script"], "--profile"),
        (["export", "gitops"], "--profile"),
        (["export", "gitops", "--profile", "any-cluster"], "--out"),
        (["profiles", "save", "mine"], "--profile"),
        (["profiles", "edit", "standalone-quickstart"], "--set"),
        (["profiles", "delete", "mine"], "--yes"),
        ([], "--profile"),
        (["--plain"], "--profile"),
    ],
)
def test_without_a_terminal_a_missing_answer_names_its_flag(
    capsys: pytest.CaptureFixture[str], argv: list[str], flag: str
) -> None:
    result = ran(capsys, *argv)
    assert result.code == ExitCode.USAGE
    assert flag in result.err


@pytest.mark.parametrize(
    "argv",
    [["bundle"], ["export", "script", "--profile", "any-cluster"]],
)
def test_what_is_not_there_yet_says_so(capsys: pytest.CaptureFixture[str], argv: list[str], tmp_path: Path) -> None:
    result = ran(capsys, *argv, *(["--facts", facts_file(tmp_path)] if "--profile" in argv else []))
    assert result.code == ExitCode.USAGE
    assert "Next:" in result.err


@pytest.mark.parametrize("name", names())
def test_help_is_there_for_every_command(capsys: pytest.CaptureFixture[str], name: str) -> None:
    result = ran(capsys, name, "--help")
    assert result.code == ExitCode.OK
    assert f"Usage: airflow-wizard {name}" in result.out
    assert "Example: " in result.out
    assert result.err == ""
    assert ran(capsys, "help", name).out == result.out


def test_errors_are_json_too_when_a_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    error = ran(capsys, "check", "--json", "--profile", "no-such-profile").body["error"]
    assert isinstance(error, dict)
    assert error["exit"] == ExitCode.INVALID
    assert error["what"]
    assert error["next"]
    event = ran(capsys, "up", "--json").body
    assert event["event"] == "failed"
    assert {"stack", "url", "elapsed", "ledger", "findings"} <= event.keys()


def test_what_was_typed_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]0;title\x07\x1b[31mred\u202e"
    for argv in (
        [hostile],
        ["check", f"--{hostile}"],
        ["check", "--target", hostile],
        ["up", "--profile", hostile],
        ["status", hostile],
        ["options", hostile],
        ["explain", hostile],
        ["profiles", "show", "standalone-quickstart", "--set", f"port={hostile}"],
    ):
        result = ran(capsys, *argv)
        assert result.code in (ExitCode.USAGE, ExitCode.INVALID), argv
        assert "\x1b" not in result.err
        assert "\u202e" not in result.err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.sampled_from(["options", "versions", "stacks", "logs", "completion", "profiles", "fix"]),
    words=st.lists(st.text(max_size=30).filter(lambda w: w not in ("-", "--json")), max_size=3),
)
def test_no_command_line_ends_in_a_traceback(command: str, words: list[str]) -> None:
    code = run([command, *words])
    assert code in set(ExitCode)


def test_the_program_survives_an_odd_locale(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "check", "--profile", "\udcff\udcfe").code == ExitCode.INVALID


@pytest.mark.parametrize("command", [["plan"], ["up"], ["up", "--dry-run"], ["export", "script"], ["check"]])
@pytest.mark.parametrize("wrong", ["airflow_version=9.9.9", "port=99999"])
def test_an_answer_that_no_machine_can_use_is_told_before_this_one_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str], wrong: str
) -> None:
    def measured(*_: object, **__: object) -> None:
        raise AssertionError("the machine was measured")

    monkeypatch.setattr("airflow_wizard.workflows.checking.check_host", measured)
    result = ran(capsys, *command, "--profile", "standalone-quickstart", "--set", wrong)
    assert result.code == ExitCode.INVALID
    assert wrong.partition("=")[2] in result.err
    assert "Next:" in result.err


@pytest.mark.parametrize(
    "argv",
    [
        ["plan", "--profile", "standalone-quickstart", "--dir", "~no-such-user/x"],
        ["write", "--profile", "standalone-quickstart", "--out", "~no-such-user/x"],
        ["export", "script", "--profile", "standalone-quickstart", "--out", "~no-such-user/x"],
        ["status", "~no-such-user/"],
        ["explain", "~no-such-user/log"],
        ["check", "--facts", "~no-such-user/facts"],
    ],
)
def test_the_home_folder_of_nobody_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: list[str]) -> None:
    more = [] if {"--facts", "write", "status", "explain"} & set(argv) else ["--facts", facts_file(tmp_path)]
    result = ran(capsys, *argv, *more)
    assert result.code == ExitCode.USAGE
    assert "somebody who is not known here" in result.err


@pytest.mark.parametrize("length", [300, 100_000])
@pytest.mark.parametrize(
    "argv",
    [["status"], ["destroy"], ["plan", "--profile"], ["profiles", "show"], ["profiles", "import"], ["explain"]],
)
def test_a_word_that_no_file_can_be_called_is_an_ordinary_mistake(
    capsys: pytest.CaptureFixture[str], argv: list[str], length: int
) -> None:
    result = ran(capsys, *argv, "a" * length)
    assert result.code in (ExitCode.USAGE, ExitCode.INVALID)
    assert "Next:" in result.err
    assert len(result.err) < 2_000


def test_a_profile_from_a_closed_input_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    result = ran(capsys, "plan", "--profile", "-")
    assert result.code == ExitCode.USAGE
    assert "standard input, which is closed" in result.err


def test_a_check_that_does_not_exist_cannot_be_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    result = ran(capsys, "up", "--profile", "standalone-quickstart", "--ignore-check", "port.fre")
    assert result.code == ExitCode.USAGE
    assert "did you mean port.free?" in result.err


def test_a_pipe_is_written_to_and_stays_a_pipe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    facts = facts_file(tmp_path)
    for argv in (["check", "--record"], ["export", "script", "--profile", "standalone-quickstart", "--out"]):
        pipe = tmp_path / argv[0]
        os.mkfifo(pipe)
        # Kept open for both, so that neither end waits for the other.
        end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        try:
            ran(capsys, *argv, str(pipe), "--facts", facts)
            assert os.read(end, 100)
        finally:
            os.close(end)
        assert pipe.is_fifo()
