from __future__ import annotations

from dataclasses import replace

from airflow_wizard.engines.supervised import ComponentState, SupervisorState
from airflow_wizard.status.process_events import changes

NOW = 1_800_000_000.0
SCHEDULER = ComponentState("scheduler", 7, "running", NOW - 300, 0, None)
BEFORE = SupervisorState(True, 1, "id", "f", (SCHEDULER,))


def after(**more: object) -> SupervisorState:
    return replace(BEFORE, components=(replace(SCHEDULER, **more),))  # type: ignore[arg-type]


def test_an_end_and_the_next_start() -> None:
    down = after(pid=None, state="backoff", since=NOW - 2, exit_code=1)
    assert list(changes(BEFORE, down, now=NOW)) == [(NOW - 2, "scheduler", "ended with exit 1")]
    up = after(pid=9, since=NOW - 1, exit_code=1, restarts=1)
    assert list(changes(down, up, now=NOW)) == [(NOW - 1, "scheduler", "started")]
    # Between two looks both happened: the end came first.
    assert list(changes(BEFORE, up, now=NOW)) == [
        (NOW - 1, "scheduler", "ended with exit 1"),
        (NOW - 1, "scheduler", "started"),
    ]
    assert list(changes(BEFORE, BEFORE, now=NOW)) == []


def test_the_supervisor_itself() -> None:
    gone = SupervisorState(False, None, "id", "f", ())
    assert list(changes(BEFORE, gone, now=NOW)) == [(NOW, "supervisor", "ended")]
    assert list(changes(gone, BEFORE, now=NOW)) == [(NOW, "supervisor", "started")]
