"""Ending a stack needs little; starting one needs a launch that came to its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from airflow_wizard.errors import StackStateError, StepFailedError, UsageError
from airflow_wizard.risk import Risk
from airflow_wizard.run import actions
from airflow_wizard.workflows.lifecycle import Extent, plan_for
from airflow_wizard.workflows.planning import make_plan, request_of
from airflow_wizard.workflows.stacks import find_stack, known_profile
from tests.workflows.made_stack import made_stack

if TYPE_CHECKING:
    from airflow_wizard.workflows.stacks import StackRecord


def _finish(stack: StackRecord) -> None:
    folder = Path(stack.folder)
    for step in make_plan(request_of(stack)).steps:
        if isinstance(step.action, actions.RunCommand):
            for name in (step.action.stamp, *step.action.produces):
                if name:
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).touch()


@pytest.mark.parametrize("verb", ["start", "restart"])
@pytest.mark.parametrize(
    "gone", ["venv/bin/python", "venv/bin/airflow", "airflow.db", ".airflow-wizard/stamps/install"]
)
def test_what_was_never_installed_is_not_started(tmp_path: Path, verb: Literal["start", "restart"], gone: str) -> None:
    stack = made_stack(tmp_path / "demo")
    _finish(stack)
    assert [step.id for step in plan_for(verb, stack).steps][-1] == "login"
    (tmp_path / "demo" / gone).unlink()
    with pytest.raises(StepFailedError) as caught:
        plan_for(verb, stack)
    assert "the launch of demo was not finished" in caught.value.what
    assert caught.value.next.endswith("airflow-wizard up --name demo")


@pytest.mark.parametrize(
    ("verb", "command"),
    [
        ("stop", ("./stack", "stop-unit", "scheduler")),
        ("start", ("./stack", "start-unit", "scheduler")),
        ("restart", ("./stack", "restart", "scheduler")),
    ],
)
def test_one_component_alone(
    tmp_path: Path, verb: Literal["stop", "start", "restart"], command: tuple[str, ...]
) -> None:
    stack = made_stack(tmp_path / "demo")
    _finish(stack)
    (step,) = plan_for(verb, stack, Extent(unit="scheduler")).steps
    assert (step.command, step.risk) == (command, Risk.DISRUPTIVE)
    with pytest.raises(UsageError, match="there is no unit 'sheduler'"):
        plan_for(verb, stack, Extent(unit="sheduler"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 999}', '{"schema": 1, "name": "demo"}'])
def test_a_damaged_state_keeps_nobody_from_ending_a_stack(tmp_path: Path, text: str) -> None:
    stack = made_stack(tmp_path / "demo")
    (tmp_path / "demo" / ".airflow-wizard" / "state.json").write_text(text)
    for name in ("demo", str(tmp_path / "demo")):
        assert find_stack(name) == stack
    for verb in ("stop", "down"):
        assert [step.id for step in plan_for(verb, stack).steps] == ["stop"]
    removed = [s.action for s in plan_for("destroy", stack).steps if isinstance(s.action, actions.RemovePaths)]
    assert {"venv", "airflow.db", ".env", "supervisor"} <= set(removed[0].paths)
    with pytest.raises(StackStateError) as caught:
        plan_for("start", stack)
    assert f"{tmp_path}/demo/stack stop" in caught.value.next


def test_a_launch_can_be_repeated_by_the_name_of_its_stack(tmp_path: Path) -> None:
    made_stack(tmp_path / "demo", port=8123)
    for given in (known_profile("demo", None), known_profile(None, tmp_path / "demo")):
        assert given is not None
        profile, folder = given
        assert (profile.name, profile.given["port"], folder) == ("demo", 8123, tmp_path / "demo")
    assert known_profile("other", None) is None
    assert known_profile(None, tmp_path) is None


def test_a_folder_that_is_gone_is_told_and_can_be_forgotten(tmp_path: Path) -> None:
    stack = made_stack(tmp_path / "demo")
    (tmp_path / "demo").rename(tmp_path / "moved")
    verbs: tuple[Literal["stop", "down", "start", "restart"], ...] = ("stop", "down", "start", "restart")
    for verb in verbs:
        with pytest.raises(StackStateError) as caught:
            plan_for(verb, stack)
        assert "is gone" in caught.value.what
        assert "airflow-wizard status NEW_FOLDER" in caught.value.next
    assert [step.id for step in plan_for("destroy", stack).steps][-1] == "forget"
    assert not (tmp_path / "demo").exists()
    assert find_stack(str(tmp_path / "moved")).folder == str(tmp_path / "moved")
