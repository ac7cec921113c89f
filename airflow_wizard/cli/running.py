"""Runs a plan in the background while the foreground shows it and listens to Ctrl-C."""

from __future__ import annotations

import queue
import signal
import threading
import time
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.cli import narrate
from airflow_wizard.errors import InterruptedByUserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Self

    from airflow_wizard.cli.progress import View
    from airflow_wizard.run.step import Outcome, OutputEvent, StepEvent

    Handler: TypeAlias = Callable[[int, FrameType | None], object] | int
    Work: TypeAlias = Callable[[Callable[[StepEvent | OutputEvent], None], threading.Event], Outcome]

_TICK = 0.2  # seconds between two looks at the clock; elapsed times move at this pace
_PATIENCE = 3  # interrupts after which the wizard leaves without waiting for a tidy end


class _Done:
    """Marks the end of the events."""


class _Interrupts:
    """Counts Ctrl-C, SIGTERM and SIGHUP while work runs, instead of letting them break in anywhere.

    The first one asks the work to stop; the last of `_PATIENCE` raises KeyboardInterrupt.
    """

    def __init__(self, cancel: threading.Event) -> None:
        self.count = 0
        self._cancel = cancel
        self._before: dict[int, signal.Handlers | Handler] = {}

    def __enter__(self) -> Self:
        # Python lets only the main thread have handlers; elsewhere there is no Ctrl-C to catch either.
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                if number is not None:
                    self._before[number] = signal.signal(number, self._caught) or signal.SIG_DFL
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self._cancel.set()
        if self.count >= _PATIENCE:
            raise KeyboardInterrupt


def drive(work: Work, view: View) -> Outcome:
    """Runs ``work`` and shows its events until it ends.

    Ctrl-C asks the work to stop and waits for it, so that no child process stays behind.

    Raises:
        InterruptedByUserError: it was interrupted.
        WizardError: what the work raised.
        BrokenPipeError: the reader of the events left; the work was stopped.
    """
    events: queue.SimpleQueue[StepEvent | OutputEvent | _Done] = queue.SimpleQueue()
    cancel = threading.Event()
    results: list[Outcome] = []
    raised: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work(events.put, cancel))
        except BaseException as problem:  # noqa: BLE001 - carried over to the foreground, raised there
            raised.append(problem)
        finally:
            events.put(_Done())

    thread = threading.Thread(target=body, name="plan", daemon=True)
    with _Interrupts(cancel) as interrupts:
        thread.start()
        broken = _show(events, view, cancel, interrupts)
        thread.join()
    view.close()
    if broken is not None:
        raise broken
    if raised:
        raise raised[0]
    if cancel.is_set() and not results[0].ok:
        raise InterruptedByUserError("interrupted; what was done is kept")
    return results[0]


def _show(
    events: queue.SimpleQueue[StepEvent | OutputEvent | _Done],
    view: View,
    cancel: threading.Event,
    interrupts: _Interrupts,
) -> BrokenPipeError | None:
    told = 0
    broken: BrokenPipeError | None = None
    while True:
        event = _next(events)
        if isinstance(event, _Done):
            return broken
        if interrupts.count > told:
            told = interrupts.count
            view.pause()
            narrate.say("stopping what runs; one moment" if told == 1 else "still stopping; once more leaves at once")
        if broken is not None:
            continue
        try:
            if event is None:
                view.tick(time.monotonic())
            else:
                view.event(event)
        except BrokenPipeError as left:
            broken = left
            cancel.set()


def _next(events: queue.SimpleQueue[StepEvent | OutputEvent | _Done]) -> StepEvent | OutputEvent | _Done | None:
    try:
        return events.get(timeout=_TICK)
    except queue.Empty:
        return None
