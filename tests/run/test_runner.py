"""The runner, on plans of real and cheap actions: order, skipping, failing, taking back, telling, masking."""

from __future__ import annotations

import json
import shlex
import sys
import threading
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.errors import ExitCode, InterruptedByUserError, LockedError, StackStateError
from airflow_wizard.finding import Finding, Level
from airflow_wizard.run import actions, journal
from airflow_wizard.run.lock import StackLock
from airflow_wizard.run.masks import MASK
from airflow_wizard.run.runner import Runner
from airflow_wizard.run.step import OutputEvent, Plan, Step, StepEvent, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from airflow_wizard.run.actions import Action
    from airflow_wizard.run.step import Outcome

SECRET = "correct-horse-battery"


class Told:
    """Everything a face would be told."""

    def __init__(self) -> None:
        self.events: list[StepEvent | OutputEvent] = []

    def __call__(self, event: StepEvent | OutputEvent) -> None:
        self.events.append(event)

    def states(self) -> list[str]:
        """``id state`` of every change, progress left out."""
        steps = [e for e in self.events if isinstance(e, StepEvent) and e.state is not StepState.PROGRESS]
        return [f"{e.id} {e.state}" for e in steps]

    def details(self, state: StepState) -> list[str]:
        """Details of all events in that state."""
        return [e.detail for e in self.events if isinstance(e, StepEvent) and e.state is state]

    def output(self) -> list[str]:
        """Lines of output."""
        return [e.text for e in self.events if isinstance(e, OutputEvent)]


def python(folder: Path, code: str, *, stamp: str = "", stamp_of: str = "") -> actions.RunCommand:
    """A Python program as an action."""
    return actions.RunCommand((sys.executable, "-c", code), str(folder), stamp, stamp_of)


def note(folder: Path, word: str) -> actions.RunCommand:
    """Adds a word to ``order``."""
    return python(folder, f"open('order', 'a').write('{word} ')")


def steps(*given: tuple[str, Action]) -> tuple[Step, ...]:
    """Steps by id and action."""
    return tuple(Step(name, name.title(), action) for name, action in given)


def run(
    folder: Path,
    given: Iterable[Step],
    told: Told | None = None,
    *,
    purpose: str = "launch",
    cancel: threading.Event | None = None,
    before: Callable[[], None] = lambda: None,
    findings: tuple[Finding, ...] = (),
) -> Outcome:
    """Run a plan of these steps."""
    plan = Plan(purpose, "standalone", "demo", str(folder), steps=tuple(given), findings=findings)
    return Runner(
        plan=plan,
        on_event=told if told is not None else Told(),
        cancel=cancel or threading.Event(),
        secrets=(SECRET,),
        url="http://127.0.0.1:1",
        before=before,
    ).run()


def order(folder: Path) -> str:
    """What `note` wrote."""
    path = folder / "order"
    return path.read_text() if path.exists() else ""


def recorded(folder: Path) -> list[str]:
    """``id state`` of the journal."""
    entries, skipped = journal.read(folder)
    assert skipped == 0
    return [f"{entry.step} {entry.state}" for entry in entries]


def test_steps_run_in_order_and_are_told_and_recorded(tmp_path: Path) -> None:
    told = Told()
    artifact = Artifact("a.txt", "text\n", "to see it")
    outcome = run(
        tmp_path,
        steps(
            ("files", actions.WriteArtifacts(str(tmp_path), (artifact,), ("sub/deep",))),
            ("one", note(tmp_path, "1")),
            ("two", note(tmp_path, "2")),
        ),
        told,
    )
    assert order(tmp_path) == "1 2 "
    assert (tmp_path / "a.txt").read_text() == "text\n"
    assert (tmp_path / "sub" / "deep").is_dir()
    both = [f"{name} {state}" for name in ("files", "one", "two") for state in ("started", "done")]
    assert told.states() == both == recorded(tmp_path)
    assert outcome.ok
    assert outcome.url == "http://127.0.0.1:1"
    assert list(outcome.ledger) == ["files", "one", "two"]
    assert 0 < sum(outcome.ledger.values()) <= outcome.elapsed


def test_what_is_stamped_is_skipped_until_its_inputs_change(tmp_path: Path) -> None:
    def once(of: str) -> Iterable[Step]:
        return steps(("make", python(tmp_path, "open('order', 'a').write('x')", stamp="stamp", stamp_of=of)))

    told = Told()
    for of in ("a", "a", "b"):
        assert run(tmp_path, once(of), told).ok
    assert order(tmp_path) == "xx"
    assert told.states() == [f"make {s}" for s in ("started", "done", "started", "skipped", "started", "done")]


def test_a_failure_ends_the_plan_apart_from_what_always_runs(tmp_path: Path) -> None:
    told = Told()
    broken = python(tmp_path, "print('first'); print('the reason'); raise SystemExit(4)")
    given = (
        *steps(("one", note(tmp_path, "1")), ("bad", broken), ("never", note(tmp_path, "no"))),
        Step("clean", "Clean", note(tmp_path, "clean"), always=True),
        Step("clean-2", "Clean", python(tmp_path, "raise SystemExit(5)"), always=True),
    )
    outcome = run(tmp_path, given, told)
    assert order(tmp_path) == "1 clean "
    ends = ("bad failed", "clean done", "clean-2 failed")
    assert told.states()[-6:] == [line for end in ends for line in (f"{end.split()[0]} started", end)]
    assert recorded(tmp_path) == told.states()
    assert not outcome.ok
    assert outcome.url == ""
    (finding,) = outcome.findings
    assert (finding.id, finding.level) == ("step.bad", Level.FAIL), "the first failure is the cause"
    assert "exit 4" in finding.found
    assert finding.evidence == ("first", "the reason")


def test_a_refusal_of_the_file_system_is_a_failed_step_and_no_traceback(tmp_path: Path) -> None:
    told = Told()
    missing = actions.RunCommand(
        (sys.executable, "-c", ""), str(tmp_path), secrets_file=str(tmp_path / "gone"), stdin_key="PASSWORD"
    )
    outcome = run(
        tmp_path, (*steps(("typed", missing)), Step("clean", "Clean", note(tmp_path, "clean"), always=True)), told
    )
    assert not outcome.ok
    assert order(tmp_path) == "clean "
    (finding,) = outcome.findings
    assert "No such file" in finding.found
    assert str(tmp_path / "gone") in finding.found
    assert finding.fixes


def test_findings_of_the_plan_come_with_its_success(tmp_path: Path) -> None:
    known = Finding("a.b", Level.INFO, "Known", "beforehand")
    assert run(tmp_path, (), findings=(known,)).findings == (known,)


@pytest.mark.parametrize(("purpose", "event"), [("launch", "proven"), ("stop", "done")])
def test_the_last_json_line(tmp_path: Path, purpose: str, event: str) -> None:
    good = run(tmp_path, steps(("one", note(tmp_path, "1"))), purpose=purpose).to_json()
    assert list(good) == ["event", "stack", "url", "elapsed", "ledger", "findings"]
    assert (good["event"], good["stack"], good["findings"]) == (event, "demo", [])
    bad = run(tmp_path, steps(("one", python(tmp_path, "raise SystemExit(1)"))), purpose=purpose).to_json()
    assert (bad["event"], bad["url"]) == ("failed", "")
    json.dumps([good, bad])


def test_progress_is_told_at_most_ten_times_a_second_and_only_when_new(tmp_path: Path) -> None:
    told = Told()
    code = "import time\nfor n in range(300): print('line', n); time.sleep(0.001)"
    began = time.monotonic()
    run(tmp_path, steps(("chatty", python(tmp_path, code))), told)
    elapsed = time.monotonic() - began
    details = told.details(StepState.PROGRESS)
    assert 1 <= len(details) <= 1 + elapsed / 0.1
    assert len(set(details)) == len(details)
    assert len(told.output()) == 300, "lines are not progress: none is left out"


def test_the_lock_is_held_while_it_runs_and_no_longer(tmp_path: Path) -> None:
    with StackLock(tmp_path), pytest.raises(LockedError):
        run(tmp_path, steps(("one", note(tmp_path, "1"))))
    assert order(tmp_path) == ""
    assert recorded(tmp_path) == []

    def locked() -> None:
        with pytest.raises(LockedError), StackLock(tmp_path):
            pass

    run(tmp_path, steps(("one", note(tmp_path, "1"))), before=locked)
    with StackLock(tmp_path):
        pass


def test_a_plan_that_is_out_of_date_does_nothing(tmp_path: Path) -> None:
    def gone() -> None:
        raise StackStateError("another stack")

    with pytest.raises(StackStateError):
        run(tmp_path, steps(("one", note(tmp_path, "1"))), before=gone)
    assert order(tmp_path) == ""


def test_a_secret_is_seen_nowhere(tmp_path: Path) -> None:
    told = Told()
    code = f"import sys; print('password is {SECRET}'); sys.exit('{SECRET}')"
    outcome = run(tmp_path, steps(("leak", python(tmp_path, code))), told)
    seen = repr(told.events) + json.dumps(outcome.to_json())
    kept = "".join(p.read_text() for p in (tmp_path / ".airflow-wizard").iterdir() if p.is_file())
    assert SECRET not in seen
    assert SECRET not in kept
    assert MASK in seen
    assert MASK in kept


def test_escape_sequences_of_a_program_reach_no_face(tmp_path: Path) -> None:
    told = Told()
    run(tmp_path, steps(("odd", python(tmp_path, r"print('\x1b[31mred\x1b]0;title\x07\x9b2J\r')"))), told)
    assert told.output()[0] == "red"
    assert "\x1b" not in repr(told.events)


def test_the_command_log_has_a_command_before_it_ends(tmp_path: Path) -> None:
    """It looks for itself: what a killed run was doing is what the log is for."""
    code = "print(open('.airflow-wizard/commands.log').read())"
    told = Told()
    run(tmp_path, steps(("look", python(tmp_path, code))), told)
    line = f"(cd {tmp_path} && {shlex.join((sys.executable, '-c', code))})"
    assert line in told.output()
    assert not [text for text in told.output() if "exit" in text]
    log = (tmp_path / ".airflow-wizard" / "commands.log").read_text()
    assert "# [1] exit 0 after" in log


def test_a_program_that_is_not_there_is_in_the_command_log_too(tmp_path: Path) -> None:
    run(tmp_path, steps(("gone", actions.RunCommand(("./gone",), str(tmp_path)))))
    assert "exit 127" in (tmp_path / ".airflow-wizard" / "commands.log").read_text()


@pytest.mark.parametrize("name", ["journal.jsonl", "commands.log"])
def test_records_that_cannot_be_written_keep_nobody_from_acting(tmp_path: Path, name: str) -> None:
    """Else a full disk would keep a stack from being stopped."""
    told = Told()
    spoil = python(tmp_path, f"import os; os.chdir('.airflow-wizard'); os.remove('{name}'); os.mkdir('{name}')")
    outcome = run(tmp_path, steps(("spoil", spoil), ("one", note(tmp_path, "1"))), told)
    assert outcome.ok
    assert order(tmp_path) == "1 "
    assert [text for text in told.output() if name in text and "Is a directory" in text]


# Starts a grandchild, says both numbers, and sleeps.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    """A zombie is dead."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Impatient(Told):
    """Cancels when a line is printed."""

    def __init__(self, cancel: threading.Event) -> None:
        super().__init__()
        self.cancel = cancel

    def __call__(self, event: StepEvent | OutputEvent) -> None:
        super().__call__(event)
        if isinstance(event, OutputEvent):
            self.cancel.set()


def test_an_interruption_ends_the_command_and_takes_back_newest_first(tmp_path: Path) -> None:
    cancel = threading.Event()
    told = Impatient(cancel)
    stamped = python(tmp_path, "pass", stamp="stamp", stamp_of="x")
    (tmp_path / "stamp").write_text("x")
    given = (
        Step("before", "Before", stamped, undo=note(tmp_path, "undo-skipped")),
        Step("one", "One", note(tmp_path, "1"), undo=note(tmp_path, "undo-1")),
        Step("kept", "Kept", note(tmp_path, "2")),
        Step("bad-undo", "Bad", note(tmp_path, "3"), undo=actions.RunCommand(("./gone",), str(tmp_path))),
        Step("long", "Long", python(tmp_path, FAMILY), undo=note(tmp_path, "undo-long")),
        Step("next", "Next", note(tmp_path, "no"), undo=note(tmp_path, "undo-no")),
        Step("clean", "Clean", note(tmp_path, "no"), always=True),
    )
    with pytest.raises(InterruptedByUserError) as caught:
        run(tmp_path, given, told, cancel=cancel)
    assert caught.value.exit_code is ExitCode.INTERRUPTED
    assert order(tmp_path) == "1 2 3 undo-long undo-1 "
    family = [int(word) for word in told.output()[0].split()]
    assert len(family) == 2
    assert not [pid for pid in family if alive(pid)]
    assert recorded(tmp_path)[-2:] == ["long started", "long failed"]
    assert "exit -15" in (tmp_path / ".airflow-wizard" / "commands.log").read_text()
    with StackLock(tmp_path):
        pass


def test_what_was_not_begun_is_not_taken_back(tmp_path: Path) -> None:
    """A second `up` that is interrupted early must not stop the stack that the first one started."""
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(InterruptedByUserError):
        run(tmp_path, [Step("start", "Start", note(tmp_path, "1"), undo=note(tmp_path, "stopped"))], cancel=cancel)
    assert order(tmp_path) == ""


def test_a_run_after_an_interruption_goes_on_where_it_was(tmp_path: Path) -> None:
    cancel = threading.Event()
    made = python(tmp_path, "open('order', 'a').write('made ')", stamp="stamp", stamp_of="x")
    given = steps(("make", made), ("long", python(tmp_path, "import time; print('up'); time.sleep(600)", stamp="s")))
    with pytest.raises(InterruptedByUserError):
        run(tmp_path, given, Impatient(cancel), cancel=cancel)
    assert not (tmp_path / "s").exists()
    told = Told()
    run(tmp_path, steps(("make", made), ("last", note(tmp_path, "last"))), told)
    assert told.states()[:2] == ["make started", "make skipped"]
    assert order(tmp_path) == "made last "


def test_a_destroy_leaves_not_even_its_own_journal(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    run(folder, steps(("files", actions.WriteArtifacts(str(folder), (Artifact("a", "b", "c"),)))))
    outcome = run(
        folder, steps(("remove", actions.RemovePaths(str(folder), ("a", ".airflow-wizard")))), purpose="destroy"
    )
    assert outcome.ok
    assert not folder.exists()
    assert list(tmp_path.iterdir()) == []
