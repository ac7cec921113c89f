"""Writing, and removing no more than what was made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.actions import RemovePaths, WriteArtifacts
from tests.run.handlers.context import Heard

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_kept_and_merged_is_told(tmp_path: Path) -> None:
    files = (Artifact("a.txt", "one\n", "to see it"), Artifact("b/c.txt", "two\n", "to see it", mode=0o600))
    action = WriteArtifacts(str(tmp_path), files, ("dags", "logs/deep"))
    assert Heard().done(action) == ""
    assert Heard().do(action) == "2 written"
    assert (tmp_path / "logs" / "deep").is_dir()
    (tmp_path / "a.txt").write_text("mine\n")
    heard = Heard()
    assert heard.do(action) == "1 unchanged, 1 kept as you edited them"
    assert (tmp_path / "a.txt").read_text() == "mine\n"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A stack's folder with things of ours, and something outside that must survive."""
    folder = tmp_path / "stack"
    for name in ("venv/bin/python", "plugins/ours.py", "dags/.keep"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("made")
    (folder / "dags" / ".keep").unlink()
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "ours.py").write_text("not ours")
    return folder


def action(folder: Path, *paths: str) -> RemovePaths:
    """Remove these, and dags and plugins when they are empty."""
    return RemovePaths(str(folder), paths or ("venv", "plugins/ours.py"), ("dags", "plugins"))


def test_all_of_it_goes_when_all_of_it_is_ours(stack: Path) -> None:
    assert Heard().done(action(stack)) == ""
    assert Heard().do(action(stack)) == "2 removed"
    assert not stack.exists()
    assert Heard().done(action(stack))
    assert Heard().do(action(stack)) == "0 removed"


def test_what_the_person_put_there_stays_and_is_named(stack: Path) -> None:
    (stack / "dags" / "mine.py").write_text("mine")
    (stack / "plugins" / "mine").mkdir()
    told = Heard().do(action(stack))
    assert told == "2 removed; yours, left alone: dags, plugins"
    assert sorted(p.relative_to(stack).as_posix() for p in stack.rglob("*")) == [
        "dags",
        "dags/mine.py",
        "plugins",
        "plugins/mine",
    ]


def test_a_link_goes_and_what_it_points_to_stays(stack: Path) -> None:
    outside = stack.parent / "outside"
    (stack / "venv").rename(stack / "old")
    (stack / "venv").symlink_to(outside)
    (stack / "plugins" / "ours.py").unlink()
    (stack / "plugins" / "ours.py").symlink_to("nowhere")
    Heard().do(action(stack, "venv", "plugins/ours.py", "old"))
    assert not stack.exists()
    assert (outside / "ours.py").read_text() == "not ours"


def test_a_folder_on_the_way_that_became_a_link_is_not_followed(stack: Path) -> None:
    """plugins may have become a link into the person's own repository."""
    outside = stack.parent / "outside"
    (stack / "plugins" / "ours.py").unlink()
    (stack / "plugins").rmdir()
    (stack / "plugins").symlink_to(outside)
    told = Heard().do(action(stack, "venv", "plugins/ours.py", "plugins/deep"))
    assert "yours, left alone: plugins" in told
    assert (outside / "ours.py").exists()
    assert (outside / "deep").exists()
    assert Heard().done(action(stack, "plugins/ours.py")), "there is nothing of ours behind it"


def test_a_stack_whose_folder_is_reached_by_a_link_is_removed(stack: Path) -> None:
    link = stack.parent / "link"
    link.symlink_to(stack)
    assert Heard().do(action(link)) == "2 removed"
    assert not (stack / "venv").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may delete everything")
def test_what_cannot_be_deleted_is_named(stack: Path) -> None:
    (stack / "venv" / "bin").chmod(0o500)
    with pytest.raises(StepFailedError, match="Cannot delete"):
        Heard().do(action(stack))
    (stack / "venv" / "bin").chmod(0o700)
