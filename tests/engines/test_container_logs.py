from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.container_facts import glance_of, happening_of
from airflow_wizard.engines.container_frames import Chunks, Clock, Frames, Mark, Raw, Resume, text_of
from airflow_wizard.engines.log_lines import LONGEST

ID = "a" * 64


def stamp(number: int) -> str:
    return f"2026-11-21T10:00:{number // 1000:02d}.{number % 1000:03d}000000Z"


def frame(data: bytes, kind: int = 1) -> bytes:
    return bytes((kind, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def line(number: int, text: str, kind: int = 1) -> bytes:
    return frame(f"{stamp(number)} {text}\n".encode(), kind)


texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=40)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def read(pieces: list[bytes], *, plain: bool = False) -> list[Raw]:
    frames = Frames(plain=plain)
    return [line for piece in pieces for line in frames.feed(piece)] + frames.rest()


@given(st.lists(texts, max_size=12), st.data())
def test_lines_do_not_depend_on_how_the_bytes_come(lines: list[str], data: st.DataObject) -> None:
    sent = b"".join(chunk(line(number, text)) for number, text in enumerate(lines)) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    chunks = Chunks()
    pieces = [chunks.feed(sent[a:b]) for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert chunks.complete
    found = read(pieces)
    assert [text_of(data) for _, data in found] == lines
    assert [stamp.decode() for stamp, _ in found] == [stamp(number) for number in range(len(lines))]


def test_an_answer_that_broke_off_is_not_complete() -> None:
    chunks = Chunks()
    assert chunks.feed(chunk(b"whole") + b"ff\r\npart") == b"whole"
    assert not chunks.complete


def test_two_streams_do_not_mix_and_pieces_of_a_long_line_are_one() -> None:
    blocks = [
        frame(f"{stamp(1)} begin ".encode()),
        line(2, "an error", kind=2),
        frame(f"{stamp(1)} and end\n".encode()),
        frame(f"{stamp(3)} without an end".encode()),
    ]
    assert [(one.decode(), text_of(data)) for one, data in read(blocks)] == [
        (stamp(2), "an error"),
        (stamp(1), "begin and end"),
        (stamp(3), "without an end"),
    ]


def test_a_terminal_sends_lines_without_frames() -> None:
    found = read([f"{stamp(1)} one\r\n{stamp(2)} t".encode(), b"wo\r\n"], plain=True)
    assert [(one.decode(), text_of(data)) for one, data in found] == [(stamp(1), "one"), (stamp(2), "two")]


def test_a_line_without_measure_is_cut_and_says_so() -> None:
    pieces = [frame(f"{stamp(1)} ".encode() + b"x" * 16_000) for _ in range(LONGEST // 16_000 + 1)]
    (one,) = read([*pieces, line(1, "")])
    assert one[1].startswith(b"x" * LONGEST)
    assert text_of(one[1]).endswith(" bytes more)")


def test_bytes_that_are_no_text_and_a_line_without_a_stamp_are_shown() -> None:
    found = read([frame(b"\xff\xfe oh\n")])
    assert [one for one, _ in found] == [b""]
    assert Clock().time(b"") is None
    assert text_of(found[0][1]).endswith(" oh")


@given(st.integers(0, 4_000_000_000), st.integers(0, 999_999_999))
def test_a_stamp_is_read_as_exactly_as_python_does(seconds: int, part: int) -> None:
    text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{part:09d}Z"
    assert Clock().time(text.encode()) == datetime.fromisoformat(text).timestamp()


@given(st.permutations(range(6)), st.lists(st.integers(1, 4), min_size=6, max_size=6), st.integers(0, 15), st.data())
def test_going_on_from_a_mark_gives_what_is_left_and_nothing_twice(
    order: list[int], many: list[int], at: int, data: st.DataObject
) -> None:
    numbers = [number for number, times in zip(order, many, strict=True) for _ in range(times)]
    sizes = data.draw(st.lists(st.integers(1, 15), max_size=4))
    lines = [(stamp(number).encode(), str(place).encode()) for place, number in enumerate(numbers)]
    mark, known = Mark(), lines[:at]
    for size in [*sizes, len(known)]:
        mark = mark.past(known[:size])
        known = known[size:]
    # The stamps of two streams may cross: what was asked for again begins anywhere before the mark.
    again = next((place for place, (one, _) in enumerate(lines[:at]) if one.decode() == mark.stamp), 0)
    resume, found = Resume(mark), list[Raw]()
    for place in range(again, len(lines), 3):
        found += resume.new(lines[place : place + 3])
    assert found + resume.rest() == lines[at:]


def test_a_mark_that_the_log_has_no_more_is_passed_by_time() -> None:
    resume = Resume(Mark(stamp(2), 1))
    assert resume.new([(stamp(3).encode(), b"new")]) == []
    assert resume.rest() == [(stamp(3).encode(), b"new")]


def test_state_and_health_at_a_glance() -> None:
    entry = {"Id": "x", "State": "running", "Status": "Up 2 minutes (unhealthy)"}
    assert glance_of(entry) == ("x", ("running", "unhealthy"))
    assert glance_of({**entry, "Status": "Up 2 minutes (health: starting)"}) == ("x", ("running", "starting"))
    assert glance_of({**entry, "State": "exited", "Status": "Exited (137) 5 seconds ago"}) == ("x", ("exited", ""))
    assert glance_of({**entry, "Status": "Up 2 minutes (Paused)"}) == ("x", ("running", ""))


def test_an_event_says_which_container_and_how_it_ended() -> None:
    labels = {
        "com.docker.compose.service": "airflow-worker",
        "com.docker.compose.container-number": "2",
        "com.docker.compose.oneoff": "False",
        "exitCode": "137",
    }
    event = {"Action": "die", "timeNano": 1_800_000_000_500_000_000, "Actor": {"ID": ID, "Attributes": labels}}
    happening = happening_of(event)
    assert happening is not None
    assert (happening.time, happening.container, happening.number) == (1_800_000_000.5, ID, 2)
    assert (happening.exit_code, happening.one_off) == (137, False)
    assert happening_of({**event, "Action": "exec_die"}) is None


def test_the_engine_counts_the_pieces_of_a_long_line() -> None:
    frames = Frames()
    found = frames.feed(frame(f"{stamp(1)} begin ".encode()) + line(1, "and end") + line(2, "next"))
    assert (len(found), frames.entries) == (2, 3)
