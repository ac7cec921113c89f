"""The registry survives damage, moves and names that clash."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.errors import InvalidError, StackStateError, UsageError
from airflow_wizard.paths import state_dir
from airflow_wizard.run import registry

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.finding import Answer

_PROFILE: dict[str, Answer] = {
    "executor": "LocalExecutor",
    "port": 8080,
    "examples": False,
    "packages": ("a", "b"),
    "none": None,
}


def _remember(folder: Path, name: str = "demo") -> registry.StackRecord:
    return registry.remember(name, "standalone", folder, "http://localhost:8080", "3.3.2", _PROFILE)


def test_a_stack_is_remembered_in_both_places_and_forgotten_in_one(tmp_path: Path) -> None:
    record = _remember(tmp_path / "démo stack")
    assert registry.records() == [record]
    state = registry.read_state(tmp_path / "démo stack")
    assert state.record == record
    assert state.profile == _PROFILE
    for path in (state_dir() / "stacks/demo.json", tmp_path / "démo stack/.airflow-wizard/state.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    registry.forget("demo")
    registry.forget("demo")
    assert registry.records() == []
    assert registry.adopt(tmp_path / "démo stack") == record
    assert registry.records() == [record]


def test_remembering_again_keeps_the_day_it_was_created(tmp_path: Path) -> None:
    first = _remember(tmp_path)
    path = tmp_path / ".airflow-wizard/state.json"
    path.write_text(path.read_text().replace(first.created, "2020-01-01T00:00:00+00:00"))
    assert _remember(tmp_path).created == "2020-01-01T00:00:00+00:00"


def test_nothing_is_known_at_first() -> None:
    assert registry.records() == []
    assert registry.broken() == []
    assert not state_dir().exists()


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"\xff", b"{}", b"[" * 9999, b'{"schema": 99}', b'{"schema": 1, "name": "../x"}'],
)
def test_a_damaged_entry_is_reported_and_in_nobodys_way(tmp_path: Path, damage: bytes) -> None:
    good = _remember(tmp_path / "good", "good")
    _remember(tmp_path / "bad", "bad")
    path = state_dir() / "stacks/bad.json"
    path.write_bytes(damage)
    assert registry.records() == [good]
    (entry,) = registry.broken()
    assert entry.name == "bad"
    assert str(path) in entry.error.what
    assert entry.error.next
    assert path.read_bytes() == damage


@pytest.mark.parametrize("key", ["name", "target", "folder", "url", "airflow_version", "created"])
@pytest.mark.parametrize("value", ['"\\u001b[31m/"', "1", "null"])
def test_an_entry_needs_every_key(tmp_path: Path, key: str, value: str) -> None:
    record = _remember(tmp_path)
    path = state_dir() / "stacks/demo.json"
    path.write_text(path.read_text().replace(f'"{key}": "{getattr(record, key)}"', f'"{key}": {value}'))
    if value.startswith('"') and key not in ("name", "folder"):
        assert len(registry.records()) == 1
    else:
        (entry,) = registry.broken()
        assert "\x1b" not in entry.error.what


def test_a_moved_stack_is_adopted_where_it_is_now(tmp_path: Path) -> None:
    _remember(tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    assert registry.adopt(tmp_path / "after").folder == str(tmp_path / "after")
    assert [one.folder for one in registry.records()] == [str(tmp_path / "after")]


def test_a_name_in_use_is_refused_until_its_stack_is_gone(tmp_path: Path) -> None:
    _remember(tmp_path / "one")
    with pytest.raises(UsageError, match="already a stack called demo"):
        _remember(tmp_path / "two")
    assert not (tmp_path / "two").exists()
    (tmp_path / "one/.airflow-wizard/state.json").unlink()
    assert _remember(tmp_path / "two").folder == str(tmp_path / "two")


def test_a_copy_of_a_stack_is_not_taken_for_it(tmp_path: Path) -> None:
    _remember(tmp_path / "one")
    copy = tmp_path / "two/.airflow-wizard"
    copy.mkdir(parents=True)
    (copy / "state.json").write_bytes((tmp_path / "one/.airflow-wizard/state.json").read_bytes())
    with pytest.raises(UsageError):
        registry.adopt(tmp_path / "two")
    assert [one.folder for one in registry.records()] == [str(tmp_path / "one")]


def test_a_folder_without_a_stack_is_said(tmp_path: Path) -> None:
    with pytest.raises(StackStateError, match=r"state\.json"):
        registry.read_state(tmp_path)


@pytest.mark.parametrize("name", ["a", "my-airflow", "3", "x" * 41])
def test_names_that_can_be(name: str) -> None:
    assert registry.check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "A", "a b", "a/b", "..", "é", "x" * 42, "a\n", "a_b"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        registry.check_name(name)
    assert "\n" not in caught.value.what


@given(st.text())
def test_a_suggested_name_can_be_used(name: str) -> None:
    if not registry.valid_name(name):
        with pytest.raises(InvalidError) as caught:
            registry.check_name(name)
        assert registry.valid_name(caught.value.next.rsplit(" ", 1)[1])
