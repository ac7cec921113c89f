"""Runs a plan in the background while the foreground shows it and listens to Ctrl-C."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, TypeAlias

from airflow_wizard.cli import narrate
from airflow_wizard.errors import InterruptedByUserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_wizard.cli.progress import View
    from airflow_wizard.run.step import Outcome, OutputEvent, StepEvent

    Work: TypeAlias = Callable[[Callable[[StepEvent | OutputEvent], None], threading.Event], Outcome]

_TICK = 0.2  # seconds between two looks at the clock; elapsed times move at this pace
_PATIENCE = 3  # interrupts after which the wizard leaves without waiting for a tidy end


class _Done:
    """Marks the end of the events."""


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
    thread.start()
    broken = _show(events, view, cancel)
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
    events: queue.SimpleQueue[StepEvent | OutputEvent | _Done], view: View, cancel: threading.Event
) -> BrokenPipeError | None:
    interrupts = 0
    broken: BrokenPipeError | None = None
    while True:
        try:
            event = _next(events)
            if isinstance(event, _Done):
                return broken
            if broken is None:
                view.tick(time.monotonic()) if event is None else view.event(event)
        except BrokenPipeError as left:
            broken = left
            cancel.set()
        except KeyboardInterrupt:
            interrupts += 1
            if interrupts >= _PATIENCE:
                raise
            cancel.set()
            view.pause()
            narrate.say(
                "stopping what runs; one moment" if interrupts == 1 else "still stopping; once more leaves at once"
            )


def _next(events: queue.SimpleQueue[StepEvent | OutputEvent | _Done]) -> StepEvent | OutputEvent | _Done | None:
    try:
        return events.get(timeout=_TICK)
    except queue.Empty:
        return None
