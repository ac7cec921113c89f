from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.container_facts import glance_of, happening_of
from airflow_wizard.engines.container_logs import Mark, Stamped, after, stamped
from airflow_wizard.engines.log_reader import LONGEST

ID = "a" * 64


def stamp(number: int) -> str:
    return f"2026-11-21T10:00:{number // 1000:02d}.{number % 1000:03d}000000Z"


def frame(data: bytes, kind: int = 1) -> bytes:
    return bytes((kind, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


def line(number: int, text: str, kind: int = 1) -> bytes:
    return frame(f"{stamp(number)} {text}\n".encode(), kind)


texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=40)


@given(st.lists(texts, max_size=12), st.data())
def test_lines_do_not_depend_on_how_the_bytes_come(lines: list[str], data: st.DataObject) -> None:
    whole = b"".join(line(number, text) for number, text in enumerate(lines))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    found = list(stamped(ID, pieces))
    assert [one.text for one in found] == lines
    assert [one.stamp for one in found] == [stamp(number) for number in range(len(lines))]


def test_two_streams_do_not_mix_and_pieces_of_a_long_line_are_one() -> None:
    blocks = [
        frame(f"{stamp(1)} begin ".encode()),
        line(2, "an error", kind=2),
        frame(f"{stamp(1)} and end\n".encode()),
        frame(f"{stamp(3)} without an end".encode()),
    ]
    assert [(one.stamp, one.text) for one in stamped(ID, blocks)] == [
        (stamp(2), "an error"),
        (stamp(1), "begin and end"),
        (stamp(3), "without an end"),
    ]


def test_a_line_without_measure_is_cut_and_says_so() -> None:
    (one,) = stamped(ID, [line(1, "x" * (LONGEST + 10))])
    assert one.text.startswith("x" * LONGEST)
    assert one.text.endswith("… (11 bytes more)")


def test_bytes_that_are_no_text_and_a_line_without_a_stamp_are_shown() -> None:
    found = list(stamped(ID, [frame(b"\xff\xfe oh\n")]))
    assert [(one.stamp, one.time) for one in found] == [("", None)]
    assert found[0].text.endswith(" oh")


@given(st.lists(st.integers(0, 5), max_size=15).map(sorted), st.integers(0, 15))
def test_going_on_from_a_mark_gives_what_is_left_and_nothing_twice(numbers: list[int], at: int) -> None:
    lines = [Stamped(stamp(number), ID, str(place)) for place, number in enumerate(numbers)]
    mark = Mark()
    for one in lines[:at]:
        mark = mark.after(one.stamp)
    # The engine is asked from the mark's moment on, and answers with what is older by rounding as well.
    assert list(after(mark, lines)) == lines[at:]
    again = [one for one in lines if one.stamp >= mark.stamp]
    assert list(after(mark, again)) == lines[at:]


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
