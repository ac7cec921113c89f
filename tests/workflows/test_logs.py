"""Logs of a stack without containers, through the door that every face uses."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import InvalidError, UsageError
from airflow_wizard.log_line import BOUNDARY
from airflow_wizard.workflows import logs
from airflow_wizard.workflows.secrets import read_secrets
from tests.workflows.made_stack import log, made_stack

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord

EARLY = "2026-11-21T10:00:01Z early\n"
LATE = "[2026-11-21T10:00:09+0000] {a.py:1} ERROR - late\n  with a traceback\n"
KILLED = "[2026-11-21T10:00:05+0000] scheduler: ended with -9, starting again in 1 s\n"
AGAIN = "[2026-11-21T10:00:06+0000] scheduler: started, pid 77\n"


@pytest.fixture
def stack(tmp_path: Path) -> StackRecord:
    return made_stack(tmp_path / "demo")


def test_logs_of_all_units_merged_masked_and_plain(stack: StackRecord) -> None:
    password = read_secrets(Path(stack.folder))["AIRFLOW_WIZARD_PASSWORD"]
    log(stack, "triggerer", LATE)
    log(stack, "scheduler", f"{EARLY}\x1b[31mlogin {password}\x1b[0m\n")
    lines = logs.read_logs(stack)
    assert [line.unit for line in lines] == ["scheduler", "scheduler", "triggerer", "triggerer"]
    assert lines[1].text == "login ••••••"
    assert logs.read_logs(stack, tail=1)[0].text == "  with a traceback"
    assert [line.text for line in logs.read_logs(stack, units=["triggerer"], grep="ERROR")] == [LATE.splitlines()[0]]
    # What is hidden cannot be found out by searching either.
    assert logs.read_logs(stack, grep=password) == []


def test_units_and_patterns_are_checked(stack: StackRecord) -> None:
    assert logs.read_logs(stack, units=["scheduler"]) == []
    with pytest.raises(UsageError) as caught:
        logs.read_logs(stack, units=["schedular"])
    assert "scheduler" in caught.value.next
    with pytest.raises(InvalidError):
        logs.read_logs(stack, grep="(")
    with pytest.raises(InvalidError):
        logs.follow_logs(stack, grep="*", cancel=threading.Event())


def test_following_gives_the_past_then_what_comes_and_ends_when_told(stack: StackRecord) -> None:
    log(stack, "scheduler", EARLY)
    cancel = threading.Event()
    batches = logs.follow_logs(stack, since=0.0, cancel=cancel)
    assert [line.text for line in next(batches)] == [EARLY.strip()]
    log(stack, "scheduler", LATE)
    assert [line.text for line in next(batches)] == LATE.splitlines()
    cancel.set()
    assert list(batches) == []


def test_a_restart_stands_between_the_runs(stack: StackRecord) -> None:
    log(stack, "scheduler", EARLY + LATE)
    log(stack, "supervisor", KILLED + AGAIN)
    lines = logs.read_logs(stack, units=["scheduler"])
    assert [line.kind for line in lines] == ["", BOUNDARY, BOUNDARY, "", ""]
    assert "started again, the last run was killed by signal 9" in lines[2].text
    older = logs.read_logs(stack, units=["scheduler"], until=lines[1].time)
    assert [line.kind for line in older] == ["", BOUNDARY]


def test_a_restart_is_told_while_it_happens(stack: StackRecord) -> None:
    log(stack, "scheduler", EARLY)
    log(stack, "supervisor", KILLED)
    feed = logs.LogFeed(stack, units=["scheduler"], tail=10)
    log(stack, "supervisor", AGAIN)
    log(stack, "scheduler", LATE)
    lines = feed.take(5.0)
    feed.close()
    assert [line.kind for line in feed.past] == ["", BOUNDARY]
    assert [line.kind for line in lines] == [BOUNDARY, "", ""]
    assert feed.take(5.0) == []
