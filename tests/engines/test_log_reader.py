from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.log_follow import Follower
from airflow_wizard.engines.log_lines import LONGEST, LineCutter
from airflow_wizard.engines.log_reader import read_tail
from airflow_wizard.engines.log_stamps import stamp_of

if TYPE_CHECKING:
    from airflow_wizard.log_line import LogLine

FIXTURES = Path(__file__).parents[1] / "fixtures" / "logs"
MOMENT = datetime(2026, 11, 21, 10, 1, 6, 736000, UTC).timestamp()


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-21T10:01:06.736Z [info     ] Started [x] loc=a.py:1",
        "2026-11-21T10:01:06.736000Z done",
        "[2026-11-21T10:01:06.736+0000] {a.py:1} INFO - x",
        "[2026-11-21T12:01:06.736+02:00] {a.py:1} INFO - x",
        "[2026-11-21 10:01:06.736 +0000] [77] [INFO] gunicorn",
        '{"timestamp":"2026-11-21T10:01:06.736Z","level":"info"}',
        "  2026-11-21T10:01:06,736+0000 indented",
    ],
)
def test_stamps_of_airflow_and_its_servers(line: str) -> None:
    assert stamp_of(line) == pytest.approx(MOMENT)


def test_the_access_log_of_gunicorn() -> None:
    line = '127.0.0.1 - admin [21/Nov/2026:10:01:06 +0000] "GET /home HTTP/1.1" 200 5'
    assert stamp_of(line) == pytest.approx(MOMENT - 0.736)


@pytest.mark.parametrize(
    "line", ["", "plain", "2026-13-41T10:00:00Z", "[2026-11-21", '  File "x.py", line 3', "2026-11-21T99:99:99Z"]
)
def test_what_carries_no_time(line: str) -> None:
    assert stamp_of(line) is None


@given(st.text())
def test_any_line_can_be_asked(line: str) -> None:
    assert stamp_of(line) is None or isinstance(stamp_of(line), float)


def test_two_files_are_merged_by_time_and_continuations_stay_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(
        "banner\n2026-11-21T10:00:01Z a1\nTraceback\n  deeper\n2026-11-21T10:00:05Z a2\n", encoding="utf-8"
    )
    (tmp_path / "b.log").write_text("[2026-11-21T10:00:03+0000] b1\n", encoding="utf-8")
    lines = read_tail({"a": tmp_path / "a.log", "b": tmp_path / "b.log"}, 50)
    assert [line.text.split()[-1] for line in lines] == ["banner", "a1", "Traceback", "deeper", "b1", "a2"]
    assert lines[3].time == lines[1].time
    assert texts(read_tail({"a": tmp_path / "a.log", "b": tmp_path / "b.log"}, 2)) == [
        "[2026-11-21T10:00:03+0000] b1",
        "2026-11-21T10:00:05Z a2",
    ]


def test_since_takes_the_continuations_along(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("2026-11-21T10:00:01Z old\n  old too\n2026-11-21T10:00:05Z new\n  new too\n", encoding="utf-8")
    since = datetime(2026, 11, 21, 10, 0, 4, tzinfo=UTC).timestamp()
    assert texts(read_tail({"a": path}, 10, since=since)) == ["2026-11-21T10:00:05Z new", "  new too"]


def test_only_what_is_wanted_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {n}\n" for n in range(1000)), encoding="utf-8")
    found = read_tail({"a": path}, 3, wanted=lambda line: line if line.text.endswith("7") else None)
    assert texts(found) == ["line 977", "line 987", "line 997"]


def test_the_end_of_a_large_file_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"2026-11-21T10:00:01Z %07d %s\n" % (n, b"x" * 80) for n in range(60_000)))
    lines = read_tail({"a": path}, 5)
    assert [int(line.text.split()[1]) for line in lines] == [59995, 59996, 59997, 59998, 59999]


def test_the_older_part_of_a_rotated_log_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    (tmp_path / "a.log.1").write_text("one\ntwo\n", encoding="utf-8")
    path.write_text("three\n", encoding="utf-8")
    assert texts(read_tail({"a": path}, 2)) == ["two", "three"]


def test_files_that_are_not_there_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"\xff\xfe broken\r\nlast without end")
    lines = read_tail({"a": path, "b": tmp_path / "none.log"}, 10)
    assert texts(lines) == ["\ufffd\ufffd broken", "last without end"]
    assert read_tail({"a": path}, 0) == []


def test_a_line_of_a_megabyte_is_whole_and_one_of_three_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"y" * 1_000_000 + b"\n" + b"x" * 3_000_000 + b"\nnext\n")
    whole, first, second = texts(read_tail({"a": path}, 10))
    assert whole == "y" * 1_000_000
    assert first.startswith("xxx")
    assert len(first) < LONGEST + 40
    assert first.endswith(f"({3_000_000 - LONGEST} bytes more)")
    assert second == "next"


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_cutting_does_not_depend_on_how_bytes_arrive(pieces: list[bytes]) -> None:
    whole = LineCutter()
    expected = [*whole.feed(b"".join(pieces)), *whole.rest()]
    cutter = LineCutter()
    found = [line for piece in pieces for line in cutter.feed(piece)]
    assert [*found, *cutter.rest()] == expected


def follow(path: Path) -> Follower:
    path.write_text("before\n", encoding="utf-8")
    return Follower("a", path)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as handle:
        handle.write(data)


def polled(follower: Follower) -> list[str]:
    return texts(list(follower.poll()))


def test_following_gives_what_comes_and_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    follower = follow(path)
    assert polled(follower) == []
    append(path, b"2026-11-21T10:00:01Z one\nhal")
    assert polled(follower) == ["2026-11-21T10:00:01Z one"]
    append(path, "f ä\n".encode()[:3])
    assert polled(follower) == []
    append(path, "ä\n".encode()[1:])
    lines = list(follower.poll())
    assert texts(lines) == ["half ä"]
    assert lines[0].time is not None


def test_a_last_line_without_an_end_comes_once_it_is_quiet(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    follower = follow(path)
    append(path, b"died here")
    seen = [line for _ in range(8) for line in polled(follower)]
    assert seen == ["died here"]


def test_a_truncated_file_goes_on_from_its_start_and_the_copy_gives_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    follower = follow(path)
    append(path, b"seen\n")
    assert polled(follower) == ["seen"]
    append(path, b"not yet seen\n")
    (tmp_path / "a.log.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)
    append(path, b"after the cut, and longer than all that was there before it\n" * 2)
    assert polled(follower) == ["not yet seen", *["after the cut, and longer than all that was there before it"] * 2]


def test_a_replaced_and_a_late_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    late = Follower("a", path)
    assert polled(late) == []
    path.write_text("first\n", encoding="utf-8")
    assert polled(late) == ["first"]
    path.unlink()
    assert polled(late) == []
    path.write_text("second, another file\n", encoding="utf-8")
    assert polled(late) == ["second, another file"]


def test_where_following_starts_is_where_the_past_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("whole\nhalf", encoding="utf-8")
    follower = Follower("a", path)
    past = read_tail({"a": path}, 10, ends={"a": follower.offset})
    append(path, b" and whole\n")
    assert texts(past) == ["whole"]
    assert polled(follower) == ["half and whole"]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("healthy-*/*.log")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_recorded_logs_of_a_healthy_stack_have_times(path: Path) -> None:
    lines = read_tail({"a": path}, 10_000)
    assert len(lines) == len(path.read_text(encoding="utf-8").split("\n")) - 1
    assert all(line.time is not None for line in lines)


def test_what_is_older_than_a_moment_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"2026-11-21T10:00:{n:02d}Z line {n}\n" for n in range(60)), encoding="utf-8")
    until = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC).timestamp()
    assert texts(read_tail({"a": path}, 3, until=until)) == [f"2026-11-21T10:00:{n}Z line {n}" for n in (28, 29, 30)]


def test_a_reader_far_behind_can_leave_out_whole_lines_and_count_them(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("", encoding="utf-8")
    follower = Follower("a", path)
    path.write_text("".join(f"line {n}\n" for n in range(200_000)), encoding="utf-8")
    assert follower.behind == path.stat().st_size
    gone = follower.skip(100_000)
    found: list[str] = []
    while lines := texts(list(follower.poll())):
        found += lines
    assert 0 < len(found) < 60_000
    assert found == [f"line {n}" for n in range(gone, 200_000)]
