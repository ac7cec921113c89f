"""Run probes side by side, give each its own deadline, and let no probe take another one down."""

from __future__ import annotations

import _thread
import queue
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_wizard.host.facts import Fact, HostFacts
from airflow_wizard.host.probe import Unseen
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping

    from airflow_wizard.host.probe import Ask, Probe, Seen


@dataclass(frozen=True, slots=True)
class _Done:
    probe: Probe
    seen: Seen | None
    error: str
    seconds: float


def collect(
    subjects: Iterable[str] | None,
    ask: Ask,
    on_fact: Callable[[str, Fact], None] | None = None,
    *,
    probes: Iterable[Probe] | None = None,
    cancel: threading.Event | None = None,
) -> HostFacts:
    """Measure ``subjects`` and return their facts; never raises for a probe.

    Args:
        subjects: what to measure; unknown names are ignored. None measures everything.
        ask: folder, ports and the rest of the wish.
        on_fact: called in this thread with each subject as soon as it is known.
        probes: the probes to choose from; all of `airflow_wizard.host.probes` when None. Each is
            started as soon as it comes, so slow ones belong first.
        cancel: set to stop waiting; what was not seen by then is a fact without a value.

    Returns:
        One fact per subject that some probe gives. A probe that raised, or did not come back in time, gives
        facts without a value that say so; its thread is left behind and ends with the program.
    """
    if probes is None:
        from airflow_wizard.host.probes import each_probe

        probes = each_probe()
    wanted = None if subjects is None else set(subjects)
    answers: queue.SimpleQueue[_Done] = queue.SimpleQueue()
    started = time.monotonic()
    waiting: dict[tuple[str, ...], Probe] = {}
    for probe in probes:
        if wanted is not None and not wanted.intersection(probe.subjects):
            continue
        waiting[probe.subjects] = probe
        _start(probe, ask, answers, cancel)

    facts: dict[str, Fact] = {}
    while waiting:
        stop = cancel is not None and cancel.is_set()
        for done in _next(answers, waiting, time.monotonic() - started, stop=stop):
            # A probe that was given up may still answer; its fact is out already and stays.
            if waiting.pop(done.probe.subjects, None) is None:
                continue
            for subject, fact in _facts(done):
                if wanted is None or subject in wanted:
                    facts[subject] = fact
                    if on_fact is not None:
                        on_fact(subject, fact)
    return HostFacts(facts)


def _start(probe: Probe, ask: Ask, answers: queue.SimpleQueue[_Done], cancel: threading.Event | None) -> None:
    """Begin to measure, unless already told to stop."""
    if cancel is None or not cancel.is_set():
        # threading.Thread.start() waits until the thread runs; on a busy machine twenty of these waits add up.
        _thread.start_new_thread(_run, (probe, ask, answers))


def _next(
    answers: queue.SimpleQueue[_Done], waiting: Mapping[tuple[str, ...], Probe], elapsed: float, *, stop: bool
) -> list[_Done]:
    """The next answer, or those that are given up; waits a moment at most, so that a stop is noticed."""
    if stop:
        return [_Done(p, None, "stopped", elapsed) for p in waiting.values()]
    late = [p for p in waiting.values() if elapsed >= p.deadline]
    if late:
        return [_Done(p, None, f"no answer within {p.deadline:g} s", elapsed) for p in late]
    patience = min(p.deadline for p in waiting.values()) - elapsed
    try:
        return [answers.get(timeout=min(patience, 0.2))]
    except queue.Empty:
        return []


def _run(probe: Probe, ask: Ask, answers: queue.SimpleQueue[_Done]) -> None:
    started = time.monotonic()
    try:
        seen, error = probe.run(ask), ""
    except Exception as problem:  # noqa: BLE001 - crash isolation is the purpose: one probe, one fact
        seen, error = None, one_line(f"{type(problem).__name__}: {problem}", limit=300)
    answers.put(_Done(probe, seen, error, time.monotonic() - started))


def _facts(done: _Done) -> Iterable[tuple[str, Fact]]:
    for subject in done.probe.subjects:
        seen = Unseen(done.error) if done.seen is None else done.seen.get(subject, Unseen("the probe did not say"))
        if isinstance(seen, Unseen):
            yield subject, Fact(None, done.probe.source, done.seconds, seen.reason)
        else:
            yield subject, Fact(seen, done.probe.source, done.seconds)
