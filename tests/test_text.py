"""Text from outside: whatever it is, a terminal and a file take it, and none of it is obeyed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_wizard.text import human_bytes, human_seconds, one_line, plain

# Lone surrogates as well: so Python names the bytes of a file name that are no UTF-8.
ANY = st.text(st.characters(codec=None))
STEERING = st.text(st.sampled_from("a \x1b[]31mPX^_\\\x07\x9b\x9c\x9d\x90\x98\x00\x7f\u202e\u2066\ud800\r\n\t;?"))


@given(ANY | STEERING)
@example("\x1b\x1b[[31m31m")
@example("\x1b]0;title")
def test_any_text_can_be_written_and_steers_nothing(text: str) -> None:
    for shown in (plain(text), one_line(text)):
        shown.encode()
        assert not set(shown) & {chr(n) for n in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066)}
        assert plain(shown) == shown
    assert "\n" not in one_line(text)


@given(ANY, st.integers(1, 40))
def test_what_is_cut_says_so(text: str, limit: int) -> None:
    shown, whole = one_line(text, limit=limit), one_line(text)
    assert len(shown) <= limit
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("täst 日本 👩‍💻", "täst 日本 👩‍💻"),
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;https://x\x07link\x1b]8;;\x07", "link"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("n\udcffn", "n\ufffdn"),
        (None, "None"),
    ],
)
def test_what_is_left_is_what_a_person_reads(text: object, shown: str) -> None:
    assert plain(text) == shown


def test_units_people_use() -> None:
    assert [human_bytes(n) for n in (0, 1023, 512 << 20, 3865470566, 200 << 30)] == [
        "0 B", "1023 B", "512 MB", "3.6 GB", "200 GB",
    ]  # fmt: skip
    shown = ["0.4 s", "42 s", "3 m 05 s", "2 h 10 m", "4 d"]
    assert [human_seconds(n) for n in (0.42, 42, 185, 7800, 400_000)] == shown
