"""A fix is found, planned, run and verified; what takes data away is only shown."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import ConsentError, UsageError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.risk import Risk
from airflow_wizard.run.actions import RunCommand
from airflow_wizard.run.fix_actions import AwaitGone
from airflow_wizard.workflows import fixing, lifecycle
from tests.workflows.made_stack import FACTS, made_stack

if TYPE_CHECKING:
    from pathlib import Path

BY_HAND = Finding("a.b", Level.FAIL, "A", "broken", fixes=(Fix("Think"),))
ONE = Finding("c.d.x", Level.FAIL, "C", "broken", fixes=(Fix("Look"), Fix("Do", commands=(("true",),), id="do-x")))
TWO = Finding("c.d.y", Level.WARN, "C", "broken", fixes=(Fix("Do", commands=(("true",),), id="do-y"),))
ROOT = Finding("e.f", Level.FAIL, "E", "x", fixes=(Fix("Be root", Risk.PRIVILEGED, (("sudo", "x"),), id="be-root"),))


def test_a_fix_is_found_by_its_id_or_by_what_is_wrong() -> None:
    found = [BY_HAND, ONE, TWO, ROOT]
    assert fixing.choose(found, "do-y")[0] is TWO
    assert fixing.choose(found, "c.d.x")[1].id == "do-x"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("a.b", "solved by hand"), ("be-root", "nothing that is wrong now"), ("e.f", "by hand"), ("other", "do-x, do-y")],
)
def test_what_cannot_be_applied_says_what_can(wanted: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        fixing.choose([BY_HAND, ONE, TWO, ROOT], wanted)
    assert words in f"{caught.value.what} {caught.value.next}"


def test_a_fix_that_destroys_is_not_planned(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    fix = Fix("Delete the data", Risk.DESTRUCTIVE, (("rm", "data"),), id="gone")
    with pytest.raises(ConsentError):
        fixing.plan_for(stack, ONE, fix)


def test_the_preview_is_what_runs_and_it_ends_with_a_look(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    fix = Fix("Do", Risk.DISRUPTIVE, (("kubectl", "a"), ("kubectl", "b")), id="do-x")
    steps = fixing.plan_for(stack, ONE, fix).plan.steps
    assert [s.command for s in steps[:2]] == list(fix.commands)
    assert [s.action.argv for s in steps[:2] if isinstance(s.action, RunCommand)] == list(fix.commands)
    assert all(s.risk is Risk.DISRUPTIVE for s in steps[:2])
    assert isinstance(steps[-1].action, AwaitGone)


def test_the_wizards_own_commands_become_their_steps(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    fix = Fix("Launch", commands=(("airflow-wizard", "up", "--name", "demo"),), answers=(), id="launch")
    plan = fixing.plan_for(stack, ONE, fix, facts=FACTS).plan
    assert {"files", "register", "verify"} <= {s.id for s in plan.steps}
    stop = Fix("Stop", Risk.DISRUPTIVE, (("airflow-wizard", "stop", "demo"),), id="stop")
    assert [s.id for s in fixing.plan_for(stack, ONE, stop).plan.steps] == ["stop", "verify"]
    with pytest.raises(UsageError):
        fixing.plan_for(stack, ONE, Fix("Look", commands=(("airflow-wizard", "logs", "demo"),), id="look"))


def test_an_answer_is_changed_by_a_launch_with_it(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    fix = Fix("Run less", Risk.DISRUPTIVE, answers=(("parallelism", 3),), id="less")
    plan = fixing.plan_for(stack, ONE, fix, facts=FACTS).plan
    (remember,) = [s.action for s in plan.steps if s.id == "register"]
    assert ("parallelism", 3) in remember.profile  # type: ignore[union-attr]
    assert any(s.risk is Risk.DISRUPTIVE for s in plan.steps)


def test_a_real_fault_is_fixed_and_seen_to_be_gone(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo", port=_free_port())
    (tmp_path / "demo" / ".env").chmod(0o644)
    remedy = fixing.prepare(stack, "secrets.mode.env")
    outcome = lifecycle.run(remedy.plan, on_event=lambda _: None)
    assert outcome.ok
    assert (tmp_path / "demo" / ".env").stat().st_mode & 0o777 == 0o600


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
