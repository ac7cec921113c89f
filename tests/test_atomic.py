"""Files are written whole or not at all, never wider than they may be, and refusals are said in words."""

from __future__ import annotations

import errno
import os
import resource
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.atomic import append_line, make_folder, write_text_atomic
from airflow_wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterator


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def _nobody() -> Iterator[Path]:
    """A folder of nobody's in particular, read-only for us: root drops its power for a moment."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder / "closed"
        finally:
            if root:
                os.seteuid(0)


@contextmanager
def _no_room(number: int) -> Iterator[None]:
    def write(_fd: int, _data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    with mock.patch.object(os, "write", write):
        yield


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.sampled_from([0o600, 0o644, 0o755, 0o400]))
def test_what_is_written_is_what_is_read(text: str, mode: int) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch.object(os, "fsync"):
        path = Path(name) / "file with ünïcode"
        for content in ("before", text):
            write_text_atomic(path, content, mode)
        assert path.read_bytes() == text.encode()
        assert _mode(path) == mode
        assert [p.name for p in Path(name).iterdir()] == [path.name]


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    data = b"caf\xe9 \xff\r\n"
    write_text_atomic(tmp_path / "f", data.decode("utf-8", "surrogateescape"))
    assert (tmp_path / "f").read_bytes() == data


def test_a_secret_is_never_wider_than_it_will_be(tmp_path: Path) -> None:
    seen: list[int] = []
    real = os.write

    def write(fd: int, data: bytes) -> int:
        seen.append(stat.S_IMODE(os.fstat(fd).st_mode))
        return real(fd, data)

    old = os.umask(0)
    try:
        with mock.patch.object(os, "write", write):
            write_text_atomic(tmp_path / "secret", "x", 0o600)
    finally:
        os.umask(old)
    assert seen == [0o600]
    assert _mode(tmp_path / "secret") == 0o600


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        write_text_atomic(tmp_path / "wrapper", "x", 0o755)
    finally:
        os.umask(old)
    assert _mode(tmp_path / "wrapper") == 0o755


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, number: int) -> None:
    path = tmp_path / "f"
    path.write_text("before")
    with _no_room(number), pytest.raises(WizardError) as caught:
        write_text_atomic(path, "after")
    assert str(path) in caught.value.what
    assert os.strerror(number) in caught.value.what
    assert caught.value.why
    assert caught.value.next
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_limit_of_the_system_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(WizardError, match="Cannot write") as caught:
            write_text_atomic(path, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "ulimit" in caught.value.next
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_read_only_folder_is_named() -> None:
    with _nobody() as closed, pytest.raises(WizardError) as caught:
        write_text_atomic(closed / "f", "x")
    assert str(closed / "f") in caught.value.what
    assert "--dir" in caught.value.next


def test_a_read_only_mount_is_named(tmp_path: Path) -> None:
    with (
        mock.patch.object(os, "open", side_effect=OSError(errno.EROFS, os.strerror(errno.EROFS))),
        pytest.raises(WizardError, match="Read-only file system") as caught,
    ):
        write_text_atomic(tmp_path / "f", "x")
    assert "findmnt" in caught.value.next


def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WizardError, match="Not a directory"):
        write_text_atomic(tmp_path / "file" / "f", "x")
    with pytest.raises(WizardError, match="Not a directory"):
        make_folder(tmp_path / "file" / "sub")
    with pytest.raises(WizardError, match="exists"):
        make_folder(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(WizardError, match="Is a directory"):
        write_text_atomic(tmp_path / "f", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(tmp_path: Path) -> None:
    stack, outside = tmp_path / "stack", tmp_path / "outside"
    (stack / "sub").mkdir(parents=True)
    outside.write_text("mine")
    (stack / "out").symlink_to(outside)
    (stack / "in").symlink_to("sub/real")
    (stack / "circle").symlink_to("circle")
    with pytest.raises(WizardError, match="outside"):
        write_text_atomic(stack / "out", "x", within=stack)
    with pytest.raises(WizardError):
        write_text_atomic(stack / "circle", "x", within=stack)
    write_text_atomic(stack / "in", "x", within=stack)
    assert outside.read_text() == "mine"
    assert (stack / "in").is_symlink()
    assert (stack / "sub" / "real").read_text() == "x"


def test_the_temporary_file_of_a_killed_writer_is_swept_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "f"
    (tmp_path / ".f.00000000.airflow-wizard-tmp").write_text("torn")
    inside: list[list[str]] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        real(fd)
        if not inside:  # a second writer comes while the first one holds its temporary file
            inside.append([])
            write_text_atomic(path, "second")
            inside[0] = sorted(p.name for p in tmp_path.iterdir() if p.name != "f")

    with mock.patch.object(os, "fsync", fsync):
        write_text_atomic(path, "first")
    assert len(inside[0]) == 1
    assert inside[0][0] != ".f.00000000.airflow-wizard-tmp"
    assert path.read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_very_long_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_text_atomic(path, "x")
    assert path.read_text() == "x"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_a_file_to_the_owner_it_had(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("before")
    os.chown(path, 1234, 1234)
    write_text_atomic(path, "after")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)


def test_a_line_is_never_glued_to_a_torn_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    append_line(log, "one")
    with log.open("a") as stream:
        stream.write("torn")
    append_line(log, "two")
    append_line(log, "three")
    assert log.read_text() == "one\ntorn\ntwo\nthree\n"
    assert _mode(log) == 0o600


def test_a_log_on_a_full_disk_says_so(tmp_path: Path) -> None:
    with _no_room(errno.ENOSPC), pytest.raises(WizardError, match="No space left"):
        append_line(tmp_path / "log", "x")
