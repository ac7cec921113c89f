"""The supervisor seen from outside: a file that may be damaged, a lock that cannot lie, logs of any size."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.engines import supervised

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries({}, optional=dict.fromkeys(("pid", "state", "since", "restarts", "exit_code"), VALUES))
STATE = st.fixed_dictionaries(
    {},
    optional={
        "pid": VALUES,
        "sessions": VALUES,
        "stopping": VALUES,
        "stack_id": VALUES,
        "components": VALUES | st.dictionaries(st.text(max_size=5), ENTRY | VALUES, max_size=3),
    },
)


@pytest.fixture(scope="module")
def held() -> Iterator[Path]:
    """A stack whose supervisor's lock is held, by this test."""
    with tempfile.TemporaryDirectory() as name:
        run = Path(name) / "run"
        run.mkdir()
        with (run / "supervisor.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)


@settings(max_examples=150, deadline=None)
@given(state=STATE | VALUES)
def test_whatever_the_file_says_it_is_read(held: Path, state: object) -> None:
    (held / "run" / "supervisor.json").write_text(json.dumps(state))
    seen = supervised.read_supervisor(str(held))
    assert seen.running
    assert all(isinstance(component.restarts, int) for component in seen.components)
    assert seen.pid is None or seen.pid > 0


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "\x00"])
def test_a_torn_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "supervisor.json").write_text(text)
    (tmp_path / "supervisor.json").write_text(text)
    seen = supervised.read_supervisor(str(tmp_path))
    assert (seen.running, seen.pid, seen.components) == (False, None, ())
    assert supervised.stack_id_of(str(tmp_path)) == ""


def test_a_file_that_says_running_is_not_believed(tmp_path: Path) -> None:
    """Only the lock tells: the number may be somebody else's by now."""
    (tmp_path / "run").mkdir()
    state = {"pid": os.getpid(), "components": {"web": {"pid": os.getpid(), "state": "running", "restarts": 1}}}
    (tmp_path / "run" / "supervisor.json").write_text(json.dumps(state))
    (tmp_path / "run" / "supervisor.lock").touch()
    seen = supervised.read_supervisor(str(tmp_path))
    assert (seen.running, seen.pid) == (False, None)
    (web,) = seen.components
    assert (web.name, web.pid, web.state, web.restarts) == ("web", None, "stopped", 1)
    assert not seen.ended_well


def test_with_the_lock_held_it_runs_as_the_file_says(held: Path) -> None:
    state = {"pid": os.getpid(), "components": {"web": {"pid": os.getpid(), "state": "running", "since": 5}}}
    (held / "run" / "supervisor.json").write_text(json.dumps(state))
    seen = supervised.read_supervisor(str(held))
    assert (seen.running, seen.pid) == (True, os.getpid())
    usage = supervised.usage_by_component(seen)["web"]
    assert usage.processes >= 1
    assert usage.cpu_seconds > 0
    assert usage.memory
    assert usage.memory > 1_000_000


def test_a_new_supervisor_is_not_described_by_the_file_of_the_old_one(held: Path) -> None:
    old = {"pid": 2**31 - 1, "components": {"web": {"pid": os.getpid(), "state": "running", "restarts": 7}}}
    (held / "run" / "supervisor.json").write_text(json.dumps(old))
    seen = supervised.read_supervisor(str(held))
    assert (seen.running, seen.pid) == (True, None)
    assert [(c.name, c.pid, c.state, c.restarts) for c in seen.components] == [("web", None, "waiting", 0)]


def test_logs_by_unit_their_ends_and_what_came_since(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "components"
    assert supervised.log_files(str(tmp_path)) == {}
    assert supervised.log_tail(str(tmp_path), "web") == []
    logs.mkdir(parents=True)
    web = logs / "web.log"
    web.write_bytes(b"".join(b"line %d\n" % n for n in range(20_000)) + b"\xff half")
    (logs / "web.log.1").write_text("older")
    assert list(supervised.log_files(str(tmp_path))) == ["web"]
    assert supervised.log_tail(str(tmp_path), "web", 2) == ["line 19999", "� half"]
    size = supervised.log_sizes(str(tmp_path))["web"]
    assert size == web.stat().st_size
    with web.open("a") as handle:
        handle.write("way\nnew\n")
    assert supervised.log_between(str(tmp_path), "web", size, size + 8) == ["way", "new"]
    assert supervised.log_between(str(tmp_path), "gone", 0, 8) == []
    assert len("\n".join(supervised.log_between(str(tmp_path), "web", 0, size))) <= 65536


def test_a_folder_without_a_stack_has_no_process(tmp_path: Path) -> None:
    assert supervised.processes_of(str(tmp_path)) == []
