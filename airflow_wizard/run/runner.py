"""The one runner: launch, teardown and fixes are plans, and all of them run here."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.atomic import explain
from airflow_wizard.errors import ExitCode, InterruptedByUserError, StepFailedError, WizardError
from airflow_wizard.finding import Finding, Fix, Level
from airflow_wizard.run.command_log import CommandLog
from airflow_wizard.run.context import CommandEnded, RunContext
from airflow_wizard.run.dispatch import handler_of
from airflow_wizard.run.journal import Journal
from airflow_wizard.run.lock import StackLock
from airflow_wizard.run.masks import Masker
from airflow_wizard.run.step import Outcome, OutputEvent, StepEvent, StepState
from airflow_wizard.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from airflow_wizard.run.context import Part
    from airflow_wizard.run.step import Plan, Step

    OnEvent = Callable[[StepEvent | OutputEvent], None]


@dataclass
class Runner:
    """Runs one plan.

    Attributes:
        plan: what to do.
        on_event: told about every change, from the thread that runs the plan.
        cancel: set to end early.
        secrets: values that must never be seen in an event, the journal or a log.
        url: where the stack will answer, for the outcome.
        before: called once the lock is held; raises when the plan is no longer about what is on disk.
    """

    plan: Plan
    on_event: OnEvent
    cancel: threading.Event = field(default_factory=threading.Event)
    secrets: Iterable[str] = ()
    url: str = ""
    before: Callable[[], None] = field(default=lambda: None)
    _began: float = field(default_factory=time.time, init=False)

    def run(self) -> Outcome:
        """Run every step in order; the first that fails ends it, apart from those that always run.

        Raises:
            LockedError: another wizard works on the same stack.
            InterruptedByUserError: told to stop; what was done is in the journal.
        """
        masker = Masker(self.secrets)
        began, self._began = time.monotonic(), time.time()
        folder = Path(self.plan.folder)
        ledger: dict[str, float] = {}
        failure: WizardError | None = None
        failed_at = ""
        # Taking a stack's folder away would take the lock's file and the journal along, so those plans keep none.
        removes = self.plan.purpose == "destroy"
        with StackLock(folder):
            self.before()
            journal = None if removes else Journal.open(folder, mask=masker.mask)
            log = CommandLog(None if removes else folder, mask=masker.mask)
            carried_out: list[Step] = []
            for step in self.plan.steps:
                if failure is not None and not step.always:
                    continue
                started = time.monotonic()
                try:
                    self._one(step, journal, log, masker, carried_out)
                except WizardError as error:
                    self._emit(step, StepState.FAILED, started, masker.mask(error.what), journal=journal)
                    if isinstance(error, InterruptedByUserError):
                        self._take_back(carried_out, log, masker)
                        raise
                    failed_at = failed_at or step.id
                    failure = failure or _with_step(error, step)
                ledger[step.id] = time.monotonic() - started
        findings = (finding_of(failure, masker, failed_at),) if failure is not None else self.plan.findings
        return Outcome(
            ok=failure is None,
            purpose=self.plan.purpose,
            stack=self.plan.stack,
            url=self.url if failure is None else "",
            elapsed=time.monotonic() - began,
            ledger=ledger,
            findings=findings,
            exit_code=ExitCode.OK if failure is None else failure.exit_code,
        )

    def _one(
        self, step: Step, journal: Journal | None, log: CommandLog, masker: Masker, carried_out: list[Step]
    ) -> None:
        """Do it unless it is done; notes it in ``carried_out`` as soon as it may have changed something."""
        started = time.monotonic()
        context = self._context(step, started, log, masker, self.cancel)
        handler = handler_of(step.action)
        self._emit(step, StepState.STARTED, started, journal=journal)
        if self.cancel.is_set():
            raise InterruptedByUserError("interrupted", next="run the same command again; it continues where it was")
        with _in_words(Path(self.plan.folder)):
            reason = handler.done(step.action, context)
            if not reason:
                carried_out.append(step)
                detail = handler.do(step.action, context)
        if reason:
            self._emit(step, StepState.SKIPPED, started, masker.mask(reason), journal=journal)
        else:
            self._emit(step, StepState.DONE, started, masker.mask(detail), journal=journal)

    def _take_back(self, carried_out: list[Step], log: CommandLog, masker: Masker) -> None:
        """Undo, newest first, what must not outlive an interruption: above all, no process stays behind."""
        for step in reversed(carried_out):
            if step.undo is not None:
                started = time.monotonic()
                context = self._context(step, started, log, masker, threading.Event())
                context.progress("interrupted: taking this back")
                with contextlib.suppress(WizardError), _in_words(Path(self.plan.folder)):
                    handler_of(step.undo).do(step.undo, context)

    def _context(
        self, step: Step, started: float, log: CommandLog, masker: Masker, cancel: threading.Event
    ) -> RunContext:
        return RunContext(
            progress=self._progress(step, started, masker),
            output=lambda unit, text: self.on_event(OutputEvent(unit, plain(masker.mask(text), limit=4000))),
            command_started=lambda argv, cwd: self._logged(log, argv, cwd),
            cancel=cancel,
            began=self._began,
        )

    def _logged(self, log: CommandLog, argv: Sequence[str], cwd: str) -> CommandEnded:
        record = None
        with self._not_in_the_way("commands.log"):
            record = log.start(argv, cwd)

        def ended(code: int, seconds: float, said: Sequence[str] = ()) -> None:
            if record is not None:
                with self._not_in_the_way("commands.log"):
                    log.finish(record, code, seconds, said)

        return ended

    @contextlib.contextmanager
    def _not_in_the_way(self, unit: str) -> Iterator[None]:
        """A full disk must not keep anybody from stopping a stack; what has to be stored fails by itself."""
        try:
            yield
        except WizardError as error:
            self.on_event(OutputEvent(unit, plain(error.what)))

    def _progress(self, step: Step, started: float, masker: Masker) -> _Throttled:
        def emit(detail: str, fraction: float | None, parts: tuple[Part, ...]) -> None:
            self.on_event(
                StepEvent(
                    step.id,
                    step.title,
                    StepState.PROGRESS,
                    time.monotonic() - started,
                    plain(masker.mask(detail)),
                    fraction,
                    tuple((name, state, plain(masker.mask(words))) for name, state, words in parts),
                )
            )

        return _Throttled(emit)

    def _emit(self, step: Step, state: StepState, started: float, detail: str = "", *, journal: Journal | None) -> None:
        elapsed = time.monotonic() - started
        if journal is not None:
            with self._not_in_the_way("journal"):
                journal.record(step.id, state, detail=detail, elapsed=elapsed)
        self.on_event(StepEvent(step.id, step.title, state, elapsed, plain(detail)))


@contextlib.contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """What the file system refuses while a handler works is a failed step like any other."""
    try:
        yield
    except OSError as error:
        refused = explain(error, Path(error.filename) if isinstance(error.filename, str) else folder, "use")
        raise StepFailedError(refused.what, why=refused.why, next=refused.next) from error


class _Throttled:
    """Progress at most ten times a second, and only when it says something new."""

    def __init__(self, emit: Callable[[str, float | None, tuple[Part, ...]], None]) -> None:
        self._emit = emit
        self._last: tuple[object, ...] = ()
        self._at = 0.0

    def __call__(self, detail: str, *, fraction: float | None = None, parts: tuple[Part, ...] = ()) -> None:
        now = time.monotonic()
        # Parts carry ages that change each second; their states are what must not be missed.
        key = (detail, fraction, tuple((name, state) for name, state, _ in parts))
        if (key == self._last and now - self._at < 1.0) or (not parts and now - self._at < 0.1):
            return
        self._last, self._at = key, now
        self._emit(detail, fraction, parts)


def _with_step(error: WizardError, step: Step) -> WizardError:
    if isinstance(error, StepFailedError) and not error.step:
        error.step = step.id
    return error


def finding_of(error: WizardError, masker: Masker, step: str) -> Finding:
    """A failed step as a finding, in the form diagnoses have too."""
    evidence = error.evidence if isinstance(error, StepFailedError) else ()
    return Finding(
        id=f"step.{step}",
        level=Level.FAIL,
        title=f"Step {step}",
        found=plain(masker.mask(error.what)),
        why=plain(masker.mask(error.why)),
        evidence=tuple(plain(masker.mask(line)) for line in evidence),
        fixes=(Fix(title=plain(masker.mask(error.next))),) if error.next else (),
    )
