"""The ring and what is shown of it, against the plainest model there is: a sorted list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.log_line import LogLine
from airflow_wizard.status.log_match import Wanted
from airflow_wizard.status.log_ring import EXTRA, LogRing
from airflow_wizard.status.log_view import LogView

times = st.integers(0, 30).map(float)
lines = st.builds(LogLine, times, st.sampled_from(["a", "b"]), st.sampled_from(["one", "two", "three ERROR"]))
batches = st.lists(st.lists(lines, max_size=8).map(lambda batch: sorted(batch, key=lambda line: line.time or 0.0)))


def held(ring: LogRing) -> list[LogLine]:
    return list(ring.between(ring.first, ring.end))


def shown(view: LogView, ring: LogRing) -> list[LogLine]:
    return [ring[view[row]] for row in range(len(view))]


@given(batches, st.integers(1, 40))
def test_what_is_held_is_the_newest_in_the_order_of_time(batches: list[list[LogLine]], most: int) -> None:
    ring, every = LogRing(most), list[LogLine]()
    for batch in batches:
        ring.add(batch)
        every += batch
        assert len(ring) <= most
        times = [line.time or 0.0 for line in held(ring)]
        assert times == sorted(times)
    assert ring.left == len(every) - len(ring)
    if len(every) <= most:
        assert held(ring) == sorted(every, key=lambda line: line.time or 0.0)


@given(batches, st.integers(1, 40), st.sampled_from(["", "ERROR", "t[wh]", "("]), st.sampled_from(["", "a"]))
def test_a_view_shows_what_passes_and_nothing_else(
    batches: list[list[LogLine]], most: int, words: str, unit: str
) -> None:
    ring = LogRing(most)
    view = LogView(ring)
    units = frozenset({unit} if unit else ())
    for number, batch in enumerate(batches):
        if number == len(batches) // 2:
            view.choose(units=units, wanted=Wanted(words))
        view.added(ring.add(batch))
    if not batches:
        view.choose(units=units, wanted=Wanted(words))
    while view.look(3):
        pass
    of_units = [line for line in held(ring) if not unit or line.unit == unit]
    hits = [line for line in of_units if Wanted(words).matches(line)] if words else []
    assert shown(view, ring) == (hits if words else of_units)
    assert (view.hits, view.all) == (len(hits), len(of_units))
    view.only = False
    assert shown(view, ring) == of_units
    matching = [number for number in range(ring.first, ring.end) if ring[number] in hits]
    assert [n for n in matching if view.place(n)] == matching
    walked, at = [], view.match(ring.first - 1, 1)
    while at is not None:
        walked.append(at)
        at = view.match(at, 1)
    assert walked == matching


@given(st.lists(lines, min_size=1, max_size=20), st.lists(lines, max_size=20))
def test_older_lines_come_in_front_and_numbers_stay(there: list[LogLine], older: list[LogLine]) -> None:
    ring = LogRing(100)
    view = LogView(ring)
    view.choose(wanted=Wanted("o"))
    view.added(ring.add(sorted(there, key=lambda line: line.time or 0.0)))
    before = {number: ring[number] for number in range(ring.first, ring.end)}
    ring.prepend(older)
    while view.look():
        pass
    assert held(ring)[: len(older)] == older
    assert all(ring[number] is line for number, line in before.items())
    assert view.hits == len([line for line in held(ring) if "o" in line.text.lower()])


def test_nothing_leaves_while_one_reads_further_up_until_it_is_full() -> None:
    ring = LogRing(10)
    batch = [LogLine(1.0, "a", "x")] * 1_000
    while not ring.full:
        ring.add(batch, trim=False)
    assert len(ring) >= 10 + EXTRA
    assert ring.left == 0
    ring.trim()
    assert (len(ring), ring.left) == (10, ring.first)


def test_long_lines_count_by_their_length() -> None:
    ring = LogRing(1_000, 10_000)
    ring.add([LogLine(1.0, "a", "x" * 1_000)] * 50)
    assert len(ring) == 10
    ring.add([LogLine(1.0, "a", "y" * 1_000_000)])
    assert [len(line.text) for line in held(ring)] == [1_000_000]


def test_the_next_error_is_found_in_both_directions() -> None:
    ring = LogRing()
    view = LogView(ring)
    texts = ["[info] a", "[error    ] b", "[info] c", "[warning  ] d", "[info] e"]
    view.added(ring.add([LogLine(float(n), "a", text) for n, text in enumerate(texts)]))
    assert [view.trouble(at, 1)[0] for at in range(5)] == [1, 3, 3, None, None]
    assert [view.trouble(at, -1)[0] for at in range(5)] == [None, None, 1, 1, 3]


@given(st.lists(st.booleans(), max_size=40), st.integers(-1, 40), st.sampled_from([1, -1]), st.integers(1, 7))
def test_looking_for_an_error_in_slices_finds_the_same(bad: list[bool], start: int, step: int, most: int) -> None:
    ring = LogRing()
    view = LogView(ring)
    view.added(ring.add([LogLine(float(n), "a", "ERROR" if one else "fine") for n, one in enumerate(bad)]))
    found, rest = view.trouble(min(start, len(bad)), step, most)
    while found is None and rest is not None:
        found, rest = view.trouble(rest, step, most)
    wanted = range(start + 1, len(bad)) if step > 0 else range(min(start, len(bad)) - 1, -1, -1)
    assert found == next((n for n in wanted if bad[n]), None)
