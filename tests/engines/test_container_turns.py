"""When runs began and ended, out of events as the engine sends them."""

from __future__ import annotations

from dataclasses import replace

from airflow_wizard.engines.container_facts import Happening, container_of
from airflow_wizard.engines.container_turns import Turns, What, past

ID = "a" * 64
START, END, AGAIN = 1_800_000_000.0, 1_800_000_100.0, 1_800_000_100.1


def happening(action: str, time: float, code: int | None = None) -> Happening:
    return Happening(time, "scheduler", action, code, ID)


def container(**state: object) -> object:
    return container_of({"Id": ID, "Config": {}, "State": {"Status": "running", **state}})


def test_a_start_after_an_end_tells_how_the_last_run_ended() -> None:
    turns = Turns()
    assert turns.see(happening("start", START)) is None
    end = turns.see(happening("die", END, 137))
    begin = turns.see(happening("start", AGAIN))
    assert end is not None
    assert begin is not None
    assert (end.what, end.code, end.oom) == (What.ENDED, 137, False)
    assert (begin.what, begin.code) == (What.STARTED, 137)
    # A program may write before the engine has told that it runs; the lines of the run before are older than its end.
    assert END < end.time < begin.time <= AGAIN


def test_memory_that_ran_out_is_told_of_the_run_in_which_it_did() -> None:
    turns = Turns()
    turns.see(happening("oom", END - 1))
    end = turns.see(happening("die", END, 137))
    assert end is not None
    assert end.oom
    turns.see(happening("start", AGAIN))
    later = turns.see(happening("die", AGAIN + 5, 1))
    assert later is not None
    assert later.oom is False
    removed = turns.see(happening("destroy", AGAIN + 6))
    assert removed is not None
    assert removed.what is What.REMOVED


def test_the_last_start_is_known_after_the_engine_has_forgotten_its_events() -> None:
    known = container(StartedAt="2027-01-15T08:01:40.1Z", FinishedAt="2027-01-15T08:01:40Z")
    (turn,) = past([], [known])  # type: ignore[list-item]
    assert turn.what is What.STARTED
    assert END < turn.time <= AGAIN
    first = container(StartedAt="2027-01-15T08:01:40Z", FinishedAt="0001-01-01T00:00:00Z")
    assert past([], [first]) == []  # type: ignore[list-item]


def test_containers_of_others_make_no_boundary() -> None:
    event = replace(happening("die", END, 1), container="b" * 64)
    assert past([event], []) == []
