"""Whatever people, plans and kills do in whatever order: no line of a person is lost, and a repeat converges."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.writer import WriteReport, write_artifacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPERATIONS = ("chmod", "fchmod", "fsync", "mkdir", "open", "rename", "replace", "unlink", "write")
_NAMES = ("config.yaml", "sub/wrapper")


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk() -> Iterator[None]:
    """What a flush changes only shows when the power fails, and thousands of them take a minute."""
    with mock.patch.object(os, "fsync"):
        yield


class KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it, and nothing the process would still do reaches the disk."""


@contextmanager
def killed_after(operations: int) -> Iterator[None]:
    """Let that many operations on the disk happen, then no more."""
    left = operations

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            if left <= 0:
                raise KilledError
            left -= 1
            return real(*args, **kwargs)

        return call

    with ExitStack() as patches:
        for name in _OPERATIONS:
            patches.enter_context(mock.patch.object(os, name, counted(getattr(os, name))))
        yield


@dataclass
class World:
    """A folder, a plan and a person."""

    folder: Path
    plans: dict[str, list[str]] = field(default_factory=lambda: {name: ["a", "b", "c"] for name in _NAMES})
    planned_ever: set[str] = field(default_factory=set)
    mine: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _NAMES})
    edited: bool = False
    count: int = 0

    def artifacts(self) -> list[Artifact]:
        found = [Artifact(name, "".join(f"{li}\n" for li in lines), "test") for name, lines in self.plans.items()]
        self.planned_ever.update(artifact.text for artifact in found)
        return found

    def texts(self) -> dict[str, str | None]:
        paths = {name: self.folder / name for name in _NAMES}
        return {name: path.read_text() if path.exists() else None for name, path in paths.items()}

    def backups(self) -> set[str]:
        return {p.read_text() for p in (self.folder / ".airflow-wizard" / "backup").rglob("*") if p.is_file()}

    def write(self, kill_at: int | None) -> WriteReport | None:
        before = self.texts()
        report = None
        if kill_at is None:
            report = write_artifacts(self.folder, self.artifacts())
        else:
            try:
                with killed_after(kill_at):
                    write_artifacts(self.folder, self.artifacts())
            except KilledError:
                pass
        self.check(before)
        return report

    def check(self, before: dict[str, str | None]) -> None:
        after = self.texts()
        for name in _NAMES:
            text, was = after[name], before[name]
            assert self.mine[name] <= set((text or "").split("\n"))
            if was is not None and was != text:
                assert was in self.planned_ever or was in self.backups()

    def edit(self, name: str, kind: str, place: int) -> None:
        path = self.folder / name
        self.edited = True
        self.count += 1
        line = f"mine {self.count}"
        if kind == "delete file":
            path.unlink(missing_ok=True)
            self.mine[name].clear()
            return
        lines = path.read_text().splitlines() if path.exists() else []
        if kind == "insert":
            lines.insert(place, line)
        elif lines and kind == "change":
            lines[place % len(lines)] = line
        elif lines:
            del lines[place % len(lines)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{one}\n" for one in lines))
        self.mine[name] = {one for one in lines if one.startswith("mine")}

    def plan(self, name: str, kind: str, place: int) -> None:
        lines = self.plans[name]
        self.count += 1
        if kind == "insert":
            lines.insert(place, f"plan {self.count}")
        elif lines and kind == "change":
            lines[place % len(lines)] = f"plan {self.count}"
        elif lines:
            del lines[place % len(lines)]


_NAME = st.sampled_from(_NAMES)
_PLACE = st.integers(0, 4)
_EDIT = st.tuples(st.just("edit"), _NAME, st.sampled_from(["insert", "change", "delete", "delete file"]), _PLACE)
_PLAN = st.tuples(st.just("plan"), _NAME, st.sampled_from(["insert", "change", "delete"]), _PLACE)
_KILL = st.tuples(st.just("kill"), st.just(""), st.just(""), st.integers(0, 90))
_WRITE = st.tuples(st.just("write"), st.just(""), st.just(""), st.just(0))


def _play(world: World, steps: list[tuple[str, str, str, int]]) -> None:
    for what, name, kind, number in steps:
        if what == "edit":
            world.edit(name, kind, number)
        elif what == "plan":
            world.plan(name, kind, number)
        else:
            world.write(number if what == "kill" else None)


def _leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.airflow-wizard-tmp"))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(_EDIT, _PLAN, _KILL, _WRITE), max_size=12))
def test_no_line_is_lost_and_a_repeat_has_nothing_to_do(steps: list[tuple[str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name) / "stack")
        _play(world, steps)
        world.write(None)
        settled = world.texts()
        again = world.write(None)
        assert again is not None
        assert again.written == again.merged == again.backed_up == ()
        assert world.texts() == settled


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(_PLAN, _KILL, _KILL, _WRITE), max_size=12))
def test_without_edits_the_disk_ends_as_planned_however_often_it_was_killed(
    steps: list[tuple[str, str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name) / "stack")
        _play(world, steps)
        report = world.write(None)
        assert world.texts() == {artifact.path: artifact.text for artifact in world.artifacts()}
        assert report is not None
        assert report.kept == report.merged == report.backed_up == ()
        assert not list(world.folder.rglob("*.new"))


def test_two_kills_with_another_plan_between_them_leave_no_file_a_stranger(tmp_path: Path) -> None:
    """The second announcement must not be the end of the record that the first write happened."""
    for first in range(60):
        for second in (10, 20):
            world = World(tmp_path / f"{first}-{second}")
            _play(world, [("kill", "", "", first), ("plan", "config.yaml", "insert", 0), ("kill", "", "", second)])
            world.write(None)
            assert world.texts() == {artifact.path: artifact.text for artifact in world.artifacts()}, (first, second)


def test_killed_at_each_single_operation_a_repeat_finishes_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    for operation in range(200):
        world = World(tmp_path / str(operation))
        world.write(operation)
        complete = all(text is not None for text in world.texts().values())
        world.write(None)
        assert world.texts() == {artifact.path: artifact.text for artifact in world.artifacts()}
        assert not _leftovers(world.folder)
        if complete and operation > 100:
            break
    else:
        raise AssertionError("the writer never came to its end")
