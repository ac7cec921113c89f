from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.canvas import Canvas
from tests.bench.figures import Pair, absolute, compared, interleave, spread, table
from tests.bench.pane_exact import gaps, lines_of, wrong
from tests.bench.watched import p95

POSITIVE = st.floats(min_value=1e-3, max_value=1e6)


def test_sides_take_turns_and_the_first_pair_is_dropped() -> None:
    order: list[str] = []

    def side(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop(0)

    ours, other = [9.0, 1.0, 2.0], [9.0, 3.0, 4.0]
    pairs = interleave(lambda: side("A", ours), lambda: side("B", other), 3)
    assert order == ["A", "B"] * 3
    assert pairs == [Pair(1.0, 3.0), Pair(2.0, 4.0)]


def test_a_single_pair_is_kept() -> None:
    assert interleave(lambda: 1.0, lambda: 2.0, 1) == [Pair(1.0, 2.0)]


def test_the_ratio_is_taken_pair_by_pair() -> None:
    """A machine that was busy during one pair slows both of its sides, and must not show in the ratio."""
    row = compared("x", [Pair(1, 2), Pair(100, 200), Pair(3, 6)], 0.5, "s")
    assert row.spread == (0.5, 0.5, 0.5)
    assert row.verdict == "within"


@pytest.mark.parametrize(("budget", "verdict"), [(2.0, "within"), (1.9, "OVER"), (None, "told")])
def test_the_median_is_judged(budget: float | None, verdict: str) -> None:
    assert absolute("x", [1.0, 2.0, 50.0], budget, "s").verdict == verdict


def test_nothing_measured_is_no_result() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


@given(st.lists(POSITIVE, min_size=1))
def test_the_spread_holds_its_median(values: list[float]) -> None:
    least, median, greatest = spread(values)
    assert min(values) == least <= median <= greatest == max(values)


@given(POSITIVE, POSITIVE)
def test_an_unmeasurable_other_side_is_never_within(ours: float, budget: float) -> None:
    assert compared("x", [Pair(ours, 0.0)], budget, "s").verdict == "OVER"


def test_the_table_says_what_is_over() -> None:
    rows = [compared("slow one", [Pair(3, 1)], 2.0, "s", "the peer"), absolute("quick", [5.0], 100.0, "ms")]
    head, slow, quick = table(rows)
    assert "verdict" in head
    assert {"OVER", "3.00x"} <= set(slow.split())
    assert slow.index("OVER") == quick.index("within")


PIECES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30),
    st.sampled_from(
        ["●", "❯ x", "─" * 9, "\r", "\n", "\r\n", "\b", "\x1b[K", "\x1b[2J", "\x1b[0m", "\x1b[1;38;2;1;2;3m"]
    ),
    st.sampled_from(["\x1b[?25l", "\x1b[?2026h", "\x1b]0;a title\x07", "\x1b[3C", "\x1b[2D", "\x1b[A", "\x1b[B"]),
    st.builds("\x1b[{};{}H".format, st.integers(1, 8), st.integers(1, 20)),
)


@given(st.lists(PIECES, max_size=25), st.integers(1, 40))
def test_the_canvas_shows_what_a_terminal_shows(pieces: list[str], size: int) -> None:
    """However the bytes are cut into pieces."""
    data = "".join(pieces).encode()
    canvas, screen = Canvas(20, 8), pyte.Screen(20, 8)
    pyte.ByteStream(screen).feed(data)
    for begin in range(0, len(data), size):
        canvas.feed(data[begin : begin + size])
    assert canvas.lines == [line.rstrip() for line in screen.display]


def test_lines_are_counted_by_unit_run_and_number() -> None:
    written = [("writer-1", "5.0", n) for n in range(1, 6)] + [("writer-1", "9.5", 1)]
    texts = [f"10:00:00 {unit} r={run} n={n} t=1.000000 xx" for unit, run, n in written]
    assert lines_of([*texts, "writer-1 r=5.0 end=5", "something else"]) == written
    assert wrong(written, written) == (0, 0)
    assert wrong([*written[:3], *written[4:], written[0]], written) == (1, 1)
    assert gaps(written[2:]) == (0, 0)
    assert gaps([written[0], written[2], written[2]]) == (1, 1)


def test_the_95th_of_a_hundred() -> None:
    assert p95([7.0]) == 7.0
    assert p95([float(n) for n in range(101)]) == 95.0
