from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_wizard.engines.container_turns import What
from airflow_wizard.log_line import BOUNDARY, LogLine
from airflow_wizard.workflows.log_boundaries import between, supervised, words

SAID = """\
[2026-11-21T10:00:00+0000] scheduler: started, pid 8916
[2026-11-21T10:00:05+0000] scheduler: ended with -9, starting again in 1 s
[2026-11-21T10:00:06+0000] scheduler: started, pid 8999
[2026-11-21T10:00:07+0000] ended 2 processes that an earlier supervisor left behind
"""
FIVE = 1_795_255_205.0


def test_boundaries_in_words() -> None:
    assert words("scheduler", What.STARTED, 137) == (
        "scheduler started again, the last run was killed by signal 9 (for memory, or by somebody)"
    )
    assert words("worker", What.ENDED, 137, oom=False) == "worker was killed by signal 9"
    assert words("worker", What.STARTED, 137, oom=True).endswith("the last run ran out of memory and was killed")
    assert words("worker", What.STARTED, None) == "worker started again"
    assert words("worker", What.ENDED, 3) == "worker ended with exit 3"
    assert words("worker", What.REMOVED, None) == "worker was removed"


def test_a_supervisor_tells_of_ends_and_starts_to_the_second() -> None:
    lines = [LogLine(None, "supervisor", text) for text in SAID.splitlines()]
    found = list(supervised(lines, {}))
    assert [line.unit for line in found] == ["scheduler", "scheduler"]
    assert {line.kind for line in found} == {BOUNDARY}
    assert "started again, the last run was killed by signal 9" in found[1].text
    times = [line.time or 0.0 for line in found]
    assert FIVE < times[0] < FIVE + 1 <= times[1]


@given(st.lists(st.integers(0, 9).map(float)), st.lists(st.integers(0, 9).map(lambda n: n + 0.5)))
def test_each_boundary_stands_where_it_happened(times: list[float], marks: list[float]) -> None:
    lines = [LogLine(time, "a", "x") for time in sorted(times)]
    found = between(lines, [LogLine(mark, "a", "m", BOUNDARY) for mark in marks])
    assert [line for line in found if not line.kind] == lines
    if lines:
        assert [line.time for line in found] == sorted(line.time or 0.0 for line in found)
        assert len(found) - len(lines) == len([mark for mark in marks if mark > (lines[0].time or 0.0)])
    else:
        assert found == []
