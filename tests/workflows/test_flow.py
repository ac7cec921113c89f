"""The unfinished flow: kept whole and privately, ignored when damaged, never with a secret in it."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_wizard.paths import state_dir
from airflow_wizard.workflows.flow import FlowState, clear_flow, finish_flow, load_flow, read_flow, save_flow

if TYPE_CHECKING:
    from pathlib import Path

STATE = FlowState(
    screen="review",
    target="standalone",
    profile_name="mine",
    given={"port": 8099, "examples": True, "packages": ("a", "b"), "timezone": "UTC", "requirements": None},
    folder="/srv/ä b",
    stack="demo",
)


def place() -> Path:
    return state_dir() / "flow.json"


def test_what_was_saved_is_loaded() -> None:
    assert load_flow() is None
    save_flow(STATE)
    assert load_flow() == STATE
    assert stat.S_IMODE(place().stat().st_mode) == 0o600
    clear_flow()
    assert load_flow() is None
    clear_flow()


def test_a_flow_is_finished_by_the_launch_of_its_stack_alone() -> None:
    save_flow(FlowState(screen="launch", target="compose", profile_name="demo"))
    finish_flow("other")
    assert load_flow() is not None
    finish_flow("demo")
    assert load_flow() is None
    finish_flow("demo")


def test_no_secret_is_kept() -> None:
    given = {**STATE.given, "database_password": "hunter2hunter2", "database_url": "postgresql://a:hunter3hunter3@h/d"}
    save_flow(FlowState("options", "standalone", given=given))
    assert "hunter" not in place().read_text()
    loaded = load_flow()
    assert loaded is not None
    assert loaded.given["port"] == 8099


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"format": 2}',
        b'{"format": 1, "screen": 3}',
        b'{"format": 1, "target": "moon"}',
        b'{"format": 1, "target": {}}',
        b'{"format": 1, "given": []}',
        b'{"format": 1, "given": {"port": {}}}',
        b'{"format": 1, "stack": 1}',
        b"[" * 100_000,
        b" " * 1_000_001,
    ],
)
def test_a_damaged_file_is_ignored_with_a_note(content: bytes) -> None:
    place().parent.mkdir(parents=True)
    place().write_bytes(content)
    state, note = read_flow()
    assert state is None
    assert str(place()) in note


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_a_flow_or_a_note(value: object) -> None:
    place().parent.mkdir(parents=True, exist_ok=True)
    place().write_text(json.dumps({"format": 1, "screen": "checks", "given": value}))
    state, note = read_flow()
    assert (state is None) == bool(note)


def test_an_option_of_another_version_is_dropped() -> None:
    place().parent.mkdir(parents=True)
    place().write_text(json.dumps({"format": 1, "screen": "checks", "given": {"gone": 1, "port": 1}}))
    state = load_flow()
    assert state is not None
    assert state.given == {"port": 1}
