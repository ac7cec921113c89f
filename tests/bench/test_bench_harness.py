from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.figures import Pair, absolute, compared, interleave, spread, table

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
