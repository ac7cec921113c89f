"""Limits of control groups, from trees of files as the two versions lay them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.host.probes.cgroup import cpu_quota, memory_limit

if TYPE_CHECKING:
    from pathlib import Path


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


def test_version_2_takes_the_tightest_of_all_parents(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "fs/memory.max": "max",
            "fs/user/memory.max": "1073741824",
            "fs/user/app/memory.max": "4294967296",
            "fs/user/app/cpu.max": "150000 100000",
            "fs/user/cpu.max": "max 100000",
            "me": "0::/user/app",
        },
    )
    assert memory_limit(tmp_path / "fs", tmp_path / "me") == 1073741824
    assert cpu_quota(tmp_path / "fs", tmp_path / "me") == 1.5


def test_version_1_says_no_limit_with_a_huge_number(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "fs/memory/memory.limit_in_bytes": "9223372036854771712",
            "fs/memory/docker/x/memory.limit_in_bytes": "536870912",
            "fs/cpu,cpuacct/docker/x/cpu.cfs_quota_us": "50000",
            "fs/cpu,cpuacct/docker/x/cpu.cfs_period_us": "100000",
            "fs/cpu,cpuacct/cpu.cfs_quota_us": "-1",
            "fs/cpu,cpuacct/cpu.cfs_period_us": "100000",
            "me": "9:memory:/docker/x\n8:cpu,cpuacct:/docker/x",
        },
    )
    assert memory_limit(tmp_path / "fs", tmp_path / "me") == 536870912
    assert cpu_quota(tmp_path / "fs", tmp_path / "me") == 0.5


def test_in_a_container_the_path_of_the_host_is_not_there_and_the_root_counts(tmp_path: Path) -> None:
    lay(tmp_path, {"fs/memory.max": "2147483648", "me": "0::/system.slice/docker-abc.scope"})
    assert memory_limit(tmp_path / "fs", tmp_path / "me") == 2147483648


def test_without_control_groups_nothing_limits(tmp_path: Path) -> None:
    assert memory_limit(tmp_path / "fs", tmp_path / "me") is None
    lay(tmp_path, {"fs/memory.max": "max", "fs/cpu.max": "max 100000", "me": "0::/\ngarbage"})
    assert memory_limit(tmp_path / "fs", tmp_path / "me") is None
    assert cpu_quota(tmp_path / "fs", tmp_path / "me") is None
