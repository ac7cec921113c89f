"""What the screens ask for. The app gets one `Services`; the default one is the workflows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.errors import WizardError
    from airflow_wizard.finding import Answer, Finding, Fix
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.options.model import Option, Target
    from airflow_wizard.profile.model import Profile
    from airflow_wizard.run.command_history import PastCommand
    from airflow_wizard.run.step import Outcome, OutputEvent, Plan, StepEvent
    from airflow_wizard.status.snapshot import Snapshot, Unit
    from airflow_wizard.targets.model import Fit
    from airflow_wizard.workflows.access import Credentials
    from airflow_wizard.workflows.checking import CheckReport
    from airflow_wizard.workflows.flow import FlowState
    from airflow_wizard.workflows.lifecycle import Extent, Verb
    from airflow_wizard.workflows.planning import FilePreview
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord
    from airflow_wizard.workflows.units import UnitAction
    from airflow_wizard.workflows.writing import WriteReport

    OnEvent = Callable[[StepEvent | OutputEvent], None]


class Watching(Protocol):
    """Looks at one stack again and again. All but `wake` and `sample` is called in one thread."""

    def snapshot(self) -> Snapshot:
        """The stack now."""

    @property
    def tells(self) -> bool:
        """Whether `wait` is ended by what happens; else only looking shows it."""

    def wait(self, seconds: float) -> bool:
        """Waits; True as soon as something happened or `wake` was called."""

    def wake(self) -> None:
        """Ends a `wait`."""

    def sample(self, units: frozenset[str] | None) -> bool:
        """From now on, CPU and memory of these units only; of all with None."""

    def close(self) -> None:
        """Lets go of what tells it."""


class LogFeed(Protocol):
    """Log lines as they are written. `take` is called in one thread, `close` in any."""

    @property
    def past(self) -> list[LogLine]:
        """The lines before."""

    @property
    def problem(self) -> WizardError | None:
        """Why nothing comes at the moment."""

    @property
    def skipped(self) -> int:
        """Lines that came and were never read, because there were too many at once."""

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        """What came within so many seconds; of more than ``most`` at once only the newest."""

    def close(self) -> None:
        """Lets go."""


class Services(Protocol):
    """Everything a screen may ask for; all of it blocks, and none of it is called on the event loop."""

    def check_host(
        self,
        target: Target | None,
        *,
        answers: Mapping[str, Answer],
        folder: Path | None,
        facts: HostFacts | None,
        on_finding: Callable[[Finding], None] | None,
    ) -> CheckReport:
        """Measures and judges this machine."""

    def with_cluster(
        self, facts: HostFacts, target: Target, *, answers: Mapping[str, Answer], folder: Path | None, stack: str
    ) -> HostFacts:
        """The facts, with what is to be known of the cluster that was chosen since they were measured."""

    def load_facts(self, path: Path) -> HostFacts:
        """Recorded facts, for looking at another machine from here."""

    def rank_targets(self, facts: HostFacts) -> list[Fit]:
        """All targets, best first."""

    def declarations(self, target: Target) -> tuple[Option, ...]:
        """Options of a target, in the order they are asked."""

    def proposed_name(self, target: Target) -> str:
        """What a stack of a target is called unless somebody says so."""

    def known_profiles(self) -> list[ProfileEntry]:
        """Shipped and saved profiles."""

    def load_profile(self, ref: str, sets: Sequence[str] = ()) -> Profile:
        """A profile by name or path."""

    def save_profile(self, profile: Profile, *, overwrite: bool) -> Path:
        """Saves answers under their name."""

    def delete_profile(self, name: str) -> None:
        """Deletes a saved profile."""

    def diff_profiles(self, one: Profile, other: Profile) -> list[tuple[str, str, str]]:
        """Differing answers as (option, here, there)."""

    def request(self, profile: Profile, facts: HostFacts, folder: Path | None, *, show: bool) -> StackRequest:
        """What a plan is computed from; with ``show`` nothing is made on disk."""

    def plan(self, request: StackRequest) -> Plan:
        """The launch plan."""

    def preview(self, plan: Plan) -> list[FilePreview]:
        """What writing would do to each file."""

    def write(self, request: StackRequest, out: Path) -> WriteReport:
        """Writes the files, runs nothing."""

    def script(self, request: StackRequest) -> str:
        """A shell script that repeats the launch."""

    def launch(self, request: StackRequest, *, on_event: OnEvent, cancel: threading.Event) -> Outcome:
        """Runs the launch to proven."""

    def lifecycle_plan(self, verb: Verb, stack: StackRecord, extent: Extent) -> Plan:
        """The plan of stop, start, restart, down, reset or destroy, and how far it goes."""

    def run_plan(self, plan: Plan, *, on_event: OnEvent, cancel: threading.Event) -> Outcome:
        """Runs such a plan."""

    def removal(self, verb: Verb, stack: StackRecord, extent: Extent) -> list[tuple[str, int, str]]:
        """What a verb takes away: (path or name, bytes, what it is)."""

    def known_profile(self, stack: StackRecord) -> tuple[Profile, Path] | None:
        """Answers and folder of a stack, to launch it again; None when nothing is known of it any more."""

    def stacks(self) -> list[StackRecord]:
        """Known stacks."""

    def find_stack(self, name: str | None) -> StackRecord:
        """One stack."""

    def watcher(self, stack: StackRecord) -> Watching:
        """Something that keeps looking at a stack."""

    def open_logs(self, stack: StackRecord, *, tail: int) -> LogFeed:
        """The newest log lines, and those that come."""

    def older_logs(self, stack: StackRecord, *, until: float, tail: int, units: Sequence[str] | None) -> list[LogLine]:
        """The last log lines up to a moment (unix seconds); for no units those of all."""

    def save_log(self, stack: StackRecord, lines: Sequence[str]) -> Path:
        """Writes lines to a new file of the person's own; returns where."""

    def unit_actions(self, stack: StackRecord, unit: Unit) -> tuple[UnitAction, ...]:
        """What can be done to a unit as it is now; does not block."""

    def last_lines(self, stack: StackRecord, unit: Unit, count: int, *, before: float | None) -> list[LogLine]:
        """The last lines a unit wrote; with ``before``, of those that are older."""

    def shell(self, stack: StackRecord, unit: Unit) -> int:
        """A shell in a unit, in this very terminal: called while the app is suspended. Returns its exit code."""

    def commands(self, stack: StackRecord) -> list[PastCommand]:
        """Every command that was run for a stack, oldest first."""

    def credentials(self, stack: StackRecord) -> Credentials:
        """The login."""

    def open_in_browser(self, url: str) -> bool:
        """Opens a page; False when there is no browser."""

    def places(self, stack: StackRecord) -> list[tuple[str, str]]:
        """Folders and commands of a stack, each with a short label; the two that matter most come first."""

    def rest_example(self, stack: StackRecord) -> str:
        """A REST call to copy."""

    def doctor(self, stack: StackRecord | None) -> list[Finding]:
        """What is wrong."""

    def fix_plan(self, stack: StackRecord, finding: Finding, fix: Fix) -> Plan:
        """The plan of a fix; `run_plan` runs it, and it ends with seeing that the finding is gone."""

    def load_flow(self) -> FlowState | None:
        """The unfinished flow."""

    def save_flow(self, state: FlowState) -> None:
        """Keeps the unfinished flow."""

    def clear_flow(self) -> None:
        """The flow is finished."""
