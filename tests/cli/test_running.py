"""Running a plan: events are shown as they come, Ctrl-C stops the work and waits for it, nothing is swallowed."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING, TypeAlias

import pytest

from airflow_wizard.cli.progress import AppendView, JsonView, LiveView
from airflow_wizard.cli.running import drive
from airflow_wizard.errors import InterruptedByUserError, WizardError
from airflow_wizard.run.actions import CheckPort
from airflow_wizard.run.step import Outcome, OutputEvent, Plan, Step, StepEvent, StepState

if TYPE_CHECKING:
    from collections.abc import Callable

    OnEvent: TypeAlias = Callable[[StepEvent | OutputEvent], None]

STEP = Step("port", "Look at the port", CheckPort("/srv/demo", "127.0.0.1", 8080))
PLAN = Plan("launch", "standalone", "demo", "/srv/demo", steps=(STEP,))
DONE = Outcome(ok=True, purpose="launch", stack="demo", url="http://127.0.0.1:8080", elapsed=1.0)


def happening(on_event: OnEvent, _: threading.Event) -> Outcome:
    on_event(StepEvent("port", STEP.title, StepState.STARTED, 0.0))
    on_event(StepEvent("port", STEP.title, StepState.PROGRESS, 0.5, "half", 0.5, (("api", "starting", ""),)))
    on_event(OutputEvent("port", "a line \x1b[31mof output"))
    on_event(StepEvent("port", STEP.title, StepState.DONE, 1.0, "free"))
    return DONE


def test_json_events_are_lines_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert drive(happening, JsonView()) is DONE
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["state"] for line in lines] == ["started", "progress", "done"]
    assert all({"event", "id", "state", "elapsed"} <= line.keys() for line in lines)
    assert captured.err == ""


def test_append_only_text_never_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    drive(happening, AppendView(PLAN))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\r" not in captured.err
    assert "\x1b" not in captured.err
    assert "1/1 Look at the port" in captured.err
    assert "free" in captured.err


def test_append_only_text_says_that_work_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    view = AppendView(PLAN)
    view.event(StepEvent("port", STEP.title, StepState.STARTED, 0.0))
    capsys.readouterr()
    view.tick(0.0)
    assert capsys.readouterr().err == ""
    view.tick(float("inf"))
    assert "still working: Look at the port" in capsys.readouterr().err


def test_the_live_line_ends_in_a_line_that_stays(capsys: pytest.CaptureFixture[str]) -> None:
    drive(happening, LiveView(PLAN))
    err = capsys.readouterr().err
    assert "50 %" in err
    assert "api starting" in err
    *_, last, rest = err.split("\n")
    assert last.endswith("free")
    assert "◐" not in rest, "nothing moves any more"


def test_ctrl_c_asks_the_work_to_stop_and_waits_for_it() -> None:
    tidy: list[str] = []

    def interrupted(_: OnEvent, cancel: threading.Event) -> Outcome:
        signal.raise_signal(signal.SIGINT)
        assert cancel.wait(20)
        tidy.append("children ended")
        raise InterruptedByUserError("interrupted")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(InterruptedByUserError):
        drive(interrupted, JsonView())
    assert tidy == ["children ended"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_third_ctrl_c_leaves_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    let_go = threading.Event()

    class Impatient(JsonView):
        def pause(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def deaf(_: OnEvent, __: threading.Event) -> Outcome:
        signal.raise_signal(signal.SIGINT)
        assert let_go.wait(20)
        return DONE

    with pytest.raises(KeyboardInterrupt):
        drive(deaf, Impatient())
    let_go.set()
    assert "stopping" in capsys.readouterr().err


def test_work_that_ended_anyway_counts() -> None:
    def late(_: OnEvent, cancel: threading.Event) -> Outcome:
        signal.raise_signal(signal.SIGINT)
        assert cancel.wait(20)
        return DONE

    assert drive(late, JsonView()) is DONE


@pytest.mark.parametrize("problem", [WizardError("expected"), ValueError("a bug")])
def test_what_the_work_raises_arrives(problem: Exception) -> None:
    def failing(_: OnEvent, __: threading.Event) -> Outcome:
        raise problem

    with pytest.raises(type(problem)) as caught:
        drive(failing, JsonView())
    assert caught.value is problem


def test_a_reader_that_left_stops_the_work() -> None:
    class Gone(JsonView):
        def event(self, event: StepEvent | OutputEvent) -> None:
            raise BrokenPipeError(event)

    def endless(on_event: OnEvent, cancel: threading.Event) -> Outcome:
        on_event(OutputEvent("x", "y"))
        assert cancel.wait(20)
        return DONE

    with pytest.raises(BrokenPipeError):
        drive(endless, Gone())
