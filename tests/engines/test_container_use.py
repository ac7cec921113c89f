from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.engines.container_use import ControlGroup, control_group

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("file", "text"),
    [("cpuacct.usage", "12500000000\n"), ("cpu.stat", "usage_usec 12500000\nuser_usec 1\nsystem_usec 2\n")],
)
def test_both_kinds_of_control_groups_tell_their_time(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    assert ControlGroup(tmp_path).cpu_seconds() == 12.5


def test_memory_is_that_of_its_processes(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text(f"{os.getpid()}\n")
    group = ControlGroup(tmp_path)
    assert group.pids() == (os.getpid(),)
    memory = group.memory()
    assert memory is not None
    assert memory > 1_000_000


def test_one_that_is_gone_tells_nothing(tmp_path: Path) -> None:
    gone = ControlGroup(tmp_path / "gone")
    assert (gone.cpu_seconds(), gone.pids(), gone.memory()) == (None, (), None)


def test_a_process_of_the_same_number_is_not_taken_for_the_container() -> None:
    assert control_group("f" * 64, os.getpid()) is None
    assert control_group("", os.getpid()) is None
    assert control_group("f" * 64, 0) is None
