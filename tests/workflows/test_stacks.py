"""The stack a person means is found, or they are told what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_wizard.errors import ExitCode, StackStateError, UsageError
from airflow_wizard.paths import state_dir
from airflow_wizard.run import registry
from airflow_wizard.workflows.stacks import StackRecord, find_stack, list_stacks, problems

if TYPE_CHECKING:
    from pathlib import Path


def _stack(folder: Path, name: str) -> StackRecord:
    return registry.remember(name, "standalone", folder / name, "http://localhost:8080", "3.3.2", {})


def test_the_only_one_need_not_be_named(tmp_path: Path) -> None:
    stack = _stack(tmp_path, "demo")
    assert find_stack(None) == find_stack("demo") == stack
    assert list_stacks() == [stack]


def test_without_any_the_next_command_launches_one() -> None:
    for name in (None, "demo"):
        with pytest.raises(UsageError) as caught:
            find_stack(name)
        assert "airflow-wizard up" in caught.value.next
        assert caught.value.exit_code is ExitCode.USAGE


def test_several_are_listed(tmp_path: Path) -> None:
    _stack(tmp_path, "one")
    _stack(tmp_path, "two")
    with pytest.raises(UsageError, match="one, two"):
        find_stack(None)
    with pytest.raises(UsageError) as caught:
        find_stack("twoo")
    assert caught.value.next == "did you mean two?"
    with pytest.raises(UsageError) as unlike:
        find_stack("\x1b[31mzzz")
    assert "\x1b" not in unlike.value.what
    assert "airflow-wizard stacks" in unlike.value.next


def test_a_folder_names_its_stack_and_puts_it_back_on_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = _stack(tmp_path, "demo")
    registry.forget("demo")
    assert find_stack(str(tmp_path / "demo")) == stack
    assert find_stack("demo") == stack
    monkeypatch.chdir(tmp_path / "demo")
    assert find_stack(".") == stack


def test_a_copy_can_be_looked_at_without_taking_the_name(tmp_path: Path) -> None:
    stack = _stack(tmp_path, "demo")
    (tmp_path / "copy").mkdir()
    (tmp_path / "demo/.airflow-wizard").rename(tmp_path / "copy/.airflow-wizard")
    (tmp_path / "demo/.airflow-wizard").mkdir()
    state = (tmp_path / "copy/.airflow-wizard/state.json").read_bytes()
    (tmp_path / "demo/.airflow-wizard/state.json").write_bytes(state)
    assert find_stack(str(tmp_path / "copy")).folder == str(tmp_path / "copy")
    assert list_stacks() == [stack]


def test_a_folder_without_a_stack_is_said(tmp_path: Path) -> None:
    with pytest.raises(StackStateError, match=r"state\.json"):
        find_stack(str(tmp_path))


def test_a_damaged_entry_is_named_when_it_is_the_one_asked_for(tmp_path: Path) -> None:
    _stack(tmp_path, "demo")
    (state_dir() / "stacks/demo.json").write_text("{")
    for name in (None, "demo"):
        with pytest.raises(StackStateError, match=r"demo\.json"):
            find_stack(name)
    good = _stack(tmp_path, "good")
    assert find_stack(None) == good


def test_problems_are_findings(tmp_path: Path) -> None:
    _stack(tmp_path, "fine")
    gone = _stack(tmp_path, "gone")
    _stack(tmp_path, "torn")
    assert problems() == []
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    (state_dir() / "stacks/torn.json").write_text("{")
    found = {finding.id: finding for finding in problems()}
    assert set(found) == {"stack.folder_gone", "stack.state_damaged"}
    assert gone.folder in found["stack.folder_gone"].found
    assert all(finding.fixes for finding in found.values())
