"""Services that answer from what was recorded, and remember what they were asked."""

# ruff: noqa: ARG002 - each method has the shape of the service, not only of its record
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, cast

from airflow_wizard.artifacts.model import StackRequest
from airflow_wizard.artifacts.writer import WriteReport
from airflow_wizard.catalog.load import release
from airflow_wizard.errors import InterruptedByUserError, UsageError, WizardError
from airflow_wizard.finding import Answer, Finding, Fix, Level
from airflow_wizard.options import registry
from airflow_wizard.options.model import Option, Target
from airflow_wizard.profile.model import Profile
from airflow_wizard.profile.resolve import resolve
from airflow_wizard.run.actions import RunCommand
from airflow_wizard.run.step import Outcome, OutputEvent, Plan, Step, StepEvent, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from airflow_wizard.artifacts.preview import FilePreview
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.log_line import LogLine
    from airflow_wizard.run.command_history import PastCommand
    from airflow_wizard.status.snapshot import Snapshot, Unit
    from airflow_wizard.targets.model import Fit
    from airflow_wizard.workflows.flow import FlowState
    from airflow_wizard.workflows.lifecycle import Extent, Verb
    from airflow_wizard.workflows.profiles import ProfileEntry
    from airflow_wizard.workflows.stacks import StackRecord
    from airflow_wizard.workflows.units import UnitAction

from airflow_wizard.workflows.access import Credentials
from airflow_wizard.workflows.checking import CheckReport
from airflow_wizard.workflows.units import actions
from tests.tui import compose_machine
from tests.tui.machine import (
    FACTS,
    FAILURE,
    FINDINGS,
    FITS,
    LOGS,
    MIB,
    PREVIEWS,
    PROFILES,
    RAN,
    STEPS,
    launch_events,
    record,
    snapshot,
)

COMPOSE_REMOVAL = [
    ("airflow-demo-postgres-1", 3 * MIB, "container, running"),
    ("airflow-demo-airflow-apiserver-1", 2 * MIB, "container, running"),
    ("airflow-demo_postgres-db-volume", 96 * MIB, "volume: the database"),
]


KUBEADM_REMOVAL = [
    ("claim/data-demo-postgres-0", 8192 * MIB, "the database, at most"),
    ("deployment/demo-api-server", 0, "pods"),
    ("statefulset/demo-scheduler", 0, "pods that keep data"),
    ("job/demo-init-835e28e9", 0, "ran once"),
    ("secret/demo-keys", 0, "keys, or what Helm keeps of the release"),
    ("secret/sh.helm.release.v1.demo.v1", 0, "keys, or what Helm keeps of the release"),
    ("/home/ana/airflow-demo/values.yaml", 4096, "made by the wizard"),
    ("/home/ana/airflow-demo/secrets", 4096, "made by the wizard"),
]
OWN_CLUSTER = [
    ("/var/lib/etcd", 128 * MIB, "the cluster made for this stack: all that is in it"),
    ("/etc/kubernetes", MIB, "the cluster made for this stack: its certificates, and the way in"),
]


class RecordedFeed:
    """A log to which a test adds lines."""

    problem: WizardError | None = None
    skipped = 0

    def __init__(self, past: list[LogLine]) -> None:
        self.past = past
        self.coming: SimpleQueue[list[LogLine]] = SimpleQueue()
        self.closed = Event()

    def take(self, seconds: float, most: int | None = None) -> list[LogLine]:
        try:
            return self.coming.get(timeout=seconds)
        except Empty:
            return []

    def close(self) -> None:
        self.closed.set()
        self.coming.put([])


@dataclass
class Recorded:
    """`Services` that answer from what was recorded, and remember what they were asked."""

    findings: Sequence[Finding] = FINDINGS
    name: str = "airflow"
    known_stacks: list[StackRecord] = field(default_factory=list)
    flow: FlowState | None = None
    events: list[StepEvent | OutputEvent] = field(default_factory=launch_events)
    fails: Finding | None = None
    hold: Event | None = None
    pictures: Iterator[Snapshot] | None = None
    lines: list[LogLine] = field(default_factory=lambda: list(LOGS))
    older: list[LogLine] = field(default_factory=list)
    feed: RecordedFeed | None = None
    calls: list[tuple[str, object]] = field(default_factory=list)
    woken: Event = field(default_factory=Event)
    tells: bool = False
    own_cluster: bool = False
    ran: list[PastCommand] = field(default_factory=lambda: list(RAN))

    def asked(self, name: str) -> list[object]:
        """What a service was asked with."""
        return [value for called, value in self.calls if called == name]

    def with_cluster(
        self, facts: HostFacts, target: Target, *, answers: Mapping[str, Answer], folder: Path | None, stack: str
    ) -> HostFacts:
        del folder
        self.calls.append(("with_cluster", (target, answers.get("context"), stack)))
        return facts

    def check_host(
        self,
        target: Target | None,
        *,
        answers: Mapping[str, Answer],
        folder: Path | None,
        facts: HostFacts | None,
        on_finding: Callable[[Finding], None] | None,
    ) -> CheckReport:
        del folder
        self.calls.append(("check_host", (target, dict(answers), facts)))
        found = []
        for one in self.findings:
            port = answers.get("port")
            judged = one
            if one.id == "port.taken" and port not in {None, 8080}:
                judged = Finding("port.taken", Level.OK, f"Port {port}", "free")
            found.append(judged)
            if on_finding:
                on_finding(judged)
        return CheckReport(facts or FACTS, tuple(found))

    def load_facts(self, path: Path) -> HostFacts:
        self.calls.append(("load_facts", path))
        return FACTS

    def rank_targets(self, facts: HostFacts) -> list[Fit]:
        self.calls.append(("rank_targets", facts))
        return FITS

    def declarations(self, target: Target) -> tuple[Option, ...]:
        return registry.for_target(target)

    def proposed_name(self, target: Target) -> str:
        del target
        return self.name

    def known_profiles(self) -> list[ProfileEntry]:
        return PROFILES

    def load_profile(self, ref: str, sets: Sequence[str] = ()) -> Profile:
        self.calls.append(("load_profile", (ref, tuple(sets))))
        entry = next((p for p in PROFILES if p.name == ref), None)
        if entry is None:
            raise UsageError(f"there is no profile {ref!r}", next="airflow-wizard profiles")
        return Profile(entry.name, entry.target or Target.STANDALONE, {"port": 8090} if entry.source == "saved" else {})

    def save_profile(self, profile: Profile, *, overwrite: bool) -> Path:
        self.calls.append(("save_profile", (profile, overwrite)))
        return Path("profiles") / f"{profile.name}.yaml"

    def delete_profile(self, name: str) -> None:
        self.calls.append(("delete_profile", name))

    def diff_profiles(self, one: Profile, other: Profile) -> list[tuple[str, str, str]]:
        keys = sorted({*one.given, *other.given})
        return [(k, str(one.given.get(k, "")), str(other.given.get(k, ""))) for k in keys]

    def request(self, profile: Profile, facts: HostFacts, folder: Path | None, *, show: bool) -> StackRequest:
        self.calls.append(("request", (profile, facts, folder, show)))
        answers = resolve(profile, facts)
        place = str(folder or "/home/ana/airflow-demo")
        chosen = release(answers.text("airflow_version"))
        return StackRequest(profile.name, place, answers, chosen, facts, {}, {})

    def plan(self, request: StackRequest) -> Plan:
        if request.answers.target is Target.COMPOSE:
            usual = compose_machine.USUAL
            steps = tuple(
                Step(n, t, cast("object", None), c, usual=usual.get(n))  # type: ignore[arg-type]
                for n, t, c, _, _ in compose_machine.STEPS
            )
            return Plan("launch", "compose", "demo", "/home/ana/airflow-demo", (), steps)
        steps = tuple(Step(n, t, cast("object", None), c, usual=s) for n, t, c, s, _ in STEPS)  # type: ignore[arg-type]
        return Plan("launch", "standalone", "demo", "/home/ana/airflow-demo", (), steps)

    def preview(self, plan: Plan) -> list[FilePreview]:
        return PREVIEWS

    def write(self, request: StackRequest, out: Path) -> WriteReport:
        self.calls.append(("write", out))
        return WriteReport(("airflow.cfg", "secrets.env"), ("airflow",), ("README.md",), (), (), (), ())

    def script(self, request: StackRequest) -> str:
        return "#!/bin/sh\nset -eu\nuv venv .venv\n"

    def launch(
        self, request: StackRequest, *, on_event: Callable[[StepEvent | OutputEvent], None], cancel: Event
    ) -> Outcome:
        self.calls.append(("launch", request))
        for event in self.events:
            on_event(event)
        if self.hold is not None:
            while not self.hold.wait(0.01):
                if cancel.is_set():
                    raise InterruptedByUserError("stopped here", next="airflow-wizard up --profile demo")
        ledger = {name: seconds for name, _, _, seconds, _ in STEPS}
        if self.fails:
            return Outcome(False, "launch", "demo", "", 20.4, ledger, (self.fails,))
        self.known_stacks = [record()]
        return Outcome(True, "launch", "demo", "http://localhost:8081", 39.2, ledger)

    def lifecycle_plan(self, verb: Verb, stack: StackRecord, extent: Extent) -> Plan:
        words = (*(["--volumes"] if extent.volumes else ()), *(["--images"] if extent.images else ()))
        words = (*words, *(["--cluster"] if extent.cluster and self.own_cluster else ()))
        if extent.unit:
            self.calls.append(("extent", extent.unit))
        command = ("airflow-wizard", verb, *words, stack.name)
        return Plan(verb, "standalone", stack.name, stack.folder, (), (Step(verb, f"{verb} it", None, command),))  # type: ignore[arg-type]

    def run_plan(self, plan: Plan, *, on_event: Callable[[StepEvent | OutputEvent], None], cancel: Event) -> Outcome:
        del cancel
        self.calls.append(("run_plan", plan.purpose))
        self.calls.append(("plan_run", plan.steps[0].command))
        on_event(StepEvent(plan.purpose, f"{plan.purpose} it", StepState.DONE, 0.4))
        return Outcome(True, plan.purpose, plan.stack, "", 0.4)

    def known_profile(self, stack: StackRecord) -> tuple[Profile, Path] | None:
        return Profile(stack.name, Target(stack.target), {"port": 8081}), Path(stack.folder)

    def removal(self, verb: Verb, stack: StackRecord, extent: Extent) -> list[tuple[str, int, str]]:
        if stack.target == "kubeadm":
            return KUBEADM_REMOVAL + (OWN_CLUSTER if extent.cluster and self.own_cluster else [])
        if stack.target == "compose":
            return COMPOSE_REMOVAL + ([("apache/airflow:3.3.2", 740 * MIB, "image")] if extent.images else [])
        return [
            (f"{stack.folder}/.venv", 612 * MIB, "Python environment"),
            (f"{stack.folder}/airflow.db", 3 * MIB, "database"),
        ]

    def stacks(self) -> list[StackRecord]:
        return self.known_stacks

    def find_stack(self, name: str | None) -> StackRecord:
        for stack in self.known_stacks:
            if name in {None, "", stack.name}:
                return stack
        raise UsageError(f"There is no stack called {name!r}", next="airflow-wizard stacks")

    def watcher(self, stack: StackRecord) -> Recorded:
        return self

    def snapshot(self) -> Snapshot:
        if self.pictures is not None:
            return next(self.pictures)
        return snapshot()

    def wait(self, seconds: float) -> bool:
        self.calls.append(("wait", seconds))
        woken = self.woken.wait(seconds)
        self.woken.clear()
        return woken

    def wake(self) -> None:
        self.woken.set()

    def sample(self, units: frozenset[str] | None) -> bool:
        self.calls.append(("sample", units))
        return True

    def close(self) -> None:
        self.calls.append(("close", None))

    def open_logs(self, stack: StackRecord, *, tail: int) -> RecordedFeed:
        self.feed = RecordedFeed(self.lines[-tail:])
        return self.feed

    def older_logs(self, stack: StackRecord, *, until: float, tail: int, units: Sequence[str] | None) -> list[LogLine]:
        self.calls.append(("older_logs", until))
        return [line for line in (*self.older, *self.lines) if line.time is not None and line.time <= until][-tail:]

    def save_log(self, stack: StackRecord, lines: Sequence[str]) -> Path:
        self.calls.append(("save_log", list(lines)))
        return Path("/home/ana/demo.log")

    def unit_actions(self, stack: StackRecord, unit: Unit) -> tuple[UnitAction, ...]:
        return actions(stack, unit)

    def last_lines(self, stack: StackRecord, unit: Unit, count: int, *, before: float | None) -> list[LogLine]:
        self.calls.append(("last_lines", (unit.id, count, before)))
        return [entry for entry in self.lines if entry.unit == unit.id][-count:]

    def shell(self, stack: StackRecord, unit: Unit) -> int:
        self.calls.append(("shell", unit.id))
        return 0

    def commands(self, stack: StackRecord) -> list[PastCommand]:
        return self.ran

    def credentials(self, stack: StackRecord) -> Credentials:
        return Credentials("http://localhost:8081", "admin", "correct-horse-battery")

    def open_in_browser(self, url: str) -> bool:
        self.calls.append(("open_in_browser", url))
        return True

    def places(self, stack: StackRecord) -> list[tuple[str, str]]:
        return [
            ("DAGs", f"{stack.folder}/dags"),
            ("CLI", f"{stack.folder}/airflow …"),
            ("folder", stack.folder),
            ("alone", f"{stack.folder}/stack start | stop | status"),
        ]

    def rest_example(self, stack: StackRecord) -> str:
        return 'curl -H "Authorization: Bearer $TOKEN" http://localhost:8081/api/v2/dags'

    def doctor(self, stack: StackRecord | None) -> list[Finding]:
        self.calls.append(("doctor", stack.name if stack else None))
        own = [FAILURE] if self.findings is FINDINGS else []
        return [*own, *(f for f in self.findings if f.level is not Level.OK)]

    def fix_plan(self, stack: StackRecord, finding: Finding, fix: Fix) -> Plan:
        self.calls.append(("fix_plan", (stack.name, finding.id, fix.id)))
        steps = tuple(Step("fix-1", fix.title, RunCommand(c, stack.folder), command=c) for c in fix.commands)
        return Plan(f"fix {fix.id}", stack.target, stack.name, stack.folder, steps=steps)

    def load_flow(self) -> FlowState | None:
        return self.flow

    def save_flow(self, state: FlowState) -> None:
        self.calls.append(("save_flow", state))
        self.flow = state

    def clear_flow(self) -> None:
        self.calls.append(("clear_flow", None))
        self.flow = None
