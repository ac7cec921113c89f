from __future__ import annotations

import pytest

from airflow_wizard.engines.container_facts import Happening
from airflow_wizard.status.happenings import PER_UNIT, last_ends, starved, told
from airflow_wizard.status.shares import Shares
from tests.status.compose_values import NOW, container

SCHEDULER = container("airflow-scheduler")


def event(
    action: str, *, after: float = 0.0, code: int | None = None, service: str = "airflow-scheduler", number: int = 1
) -> Happening:
    id_ = f"{service}{number}".ljust(64, "0")
    return Happening(NOW + after, service, action, code, id_, number)


def test_a_death_and_a_return_in_words() -> None:
    events = [
        event("die", code=137),
        event("create", after=0.1),
        event("start", after=0.2),
        event("health_status: healthy", after=9.0),
    ]
    unit = "airflow-scheduler"
    assert told(events, [SCHEDULER]) == (
        (NOW, unit, "died, exit 137"),
        (NOW + 0.2, unit, "started"),
        (NOW + 9.0, unit, "healthy"),
    )
    assert last_ends([*events, event("die", after=20.0, code=1)]) == {SCHEDULER.id: 1}


@pytest.mark.parametrize(
    ("action", "code", "text"),
    [
        ("die", 0, "ended"),
        ("oom", None, "ran out of memory"),
        ("pause", None, "was paused"),
        ("unpause", None, "goes on"),
        ("destroy", None, "was removed"),
        ("health_status: unhealthy", None, "unhealthy"),
    ],
)
def test_other_events_in_words(action: str, code: int | None, text: str) -> None:
    assert [words for _, _, words in told([event(action, code=code)], [SCHEDULER])] == [text]


def test_one_of_several_is_called_by_its_number_even_when_it_is_gone() -> None:
    workers = [container("airflow-worker", number=1), container("airflow-worker", number=2)]
    gone = event("die", code=1, service="airflow-worker", number=3)
    here = event("die", code=1, service="airflow-worker", number=2)
    assert [unit for _, unit, _ in told([gone, here], workers)] == ["airflow-worker-3", "airflow-worker-2"]


def test_a_share_needs_two_looks_that_are_apart() -> None:
    shares: Shares[str] = Shares()
    looks = []
    for at, seconds in ((0.0, 5.0), (2.0, 6.0), (2.01, 6.01), (3.0, 6.5)):
        looks.append(shares.share("a", seconds, at=at))
        shares.looked()
    assert looks == [None, 0.5, 0.5, 0.5]
    shares.looked()
    assert shares.share("a", 7.0, at=4.0) is None


def test_one_in_a_loop_hides_no_other() -> None:
    loop = [event("die", after=n * 5, code=1) for n in range(1000)]
    rare = event("start", after=-1.0, service="postgres")
    shown = told([rare, *loop], [SCHEDULER])
    assert shown[0] == (NOW - 1.0, "postgres", "started")
    assert len(shown) == PER_UNIT + 1
    assert shown[-1] == (NOW + 4995, "airflow-scheduler", "died, exit 1")


def test_what_the_kernel_does_in_one_go_is_one_event() -> None:
    events = [event("oom", after=n / 10) for n in range(5)]
    events += [event("die", after=0.6, code=137), event("start", after=1), event("oom", after=9)]
    assert [text for _, _, text in told(events, [SCHEDULER])] == [
        "ran out of memory",
        "died, exit 137",
        "started",
        "ran out of memory",
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event("oom"), event("die", code=137)], True),
        # Killed by hand, in a run in which memory did not run out.
        ([event("oom"), event("die", code=137), event("start"), event("die", code=137)], False),
        ([event("oom"), event("die", code=1)], False),
        ([event("oom")], False),
        ([event("die", code=137)], False),
    ],
)
def test_an_end_for_memory_is_told_from_one_by_hand(events: list[Happening], expected: bool) -> None:
    assert (SCHEDULER.id in starved(events)) is expected
