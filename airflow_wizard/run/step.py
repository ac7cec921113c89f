"""Steps, plans and the events of running them. Pure values; the runner gives them life."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_wizard.errors import ExitCode
from airflow_wizard.risk import Risk

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact
    from airflow_wizard.finding import Finding
    from airflow_wizard.run.actions import Action


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a plan.

    Attributes:
        id: stable within the plan.
        title: what it does, as the Launch screen shows it.
        action: what to do, how to see that it is done already, how it is undone: by its type.
        command: what a person would type for it; None for an API call or a wait.
        risk: risk class.
        usual: seconds it usually takes, for the progress line; None when unknown.
        always: run even when an earlier step failed (cleaning up after a proof).
        undo: taken back when the person interrupts the plan in which this step was carried out; None to keep it.
    """

    id: str
    title: str
    action: Action
    command: tuple[str, ...] | None = None
    risk: Risk = Risk.SAFE
    usual: float | None = None
    always: bool = False
    undo: Action | None = None

    def to_json(self) -> dict[str, object]:
        """The step as ``plan --json`` shows it."""
        return {
            "id": self.id,
            "title": self.title,
            "command": list(self.command) if self.command is not None else None,
            "risk": str(self.risk),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Artifacts and ordered steps, computed purely. Printing it changes nothing.

    Attributes:
        purpose: ``launch``, ``stop``, ``destroy``, … or a fix's id.
        target: name of the target.
        stack: name of the stack.
        folder: absolute folder of the stack.
        artifacts: files the plan writes.
        steps: in order.
        findings: what is known beforehand and worth telling.
        confirm: what a person has to type before anything is changed: the name of a cluster that is not the wizard's;
            empty where nothing has to be typed.
    """

    purpose: str
    target: str
    stack: str
    folder: str
    artifacts: tuple[Artifact, ...] = ()
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    confirm: str = ""

    @property
    def privileged(self) -> tuple[Step, ...]:
        """Steps that need an administrator's rights, and consent of their own."""
        return tuple(step for step in self.steps if step.risk is Risk.PRIVILEGED)

    def to_json(self) -> dict[str, object]:
        """The plan as ``plan --json`` prints it; contents of artifacts stay out."""
        return {
            "target": self.target,
            "stack": self.stack,
            "folder": self.folder,
            "artifacts": [
                {"path": a.path, "sha256": a.sha256, "secret": a.secret, "mode": f"{a.mode:04o}", "purpose": a.purpose}
                for a in self.artifacts
            ],
            "steps": [s.to_json() for s in self.steps],
            "findings": [f.to_json() for f in self.findings],
            "confirm": self.confirm,
        }


class StepState(StrEnum):
    """What a step is doing."""

    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """One change while a plan runs.

    Attributes:
        id: the step's.
        title: the step's.
        state: see `StepState`.
        elapsed: seconds since the step started.
        detail: what is happening or what came out; safe to show.
        fraction: 0..1 when how far is known.
        parts: sub-states in a stable order, for example one per Airflow component: (name, glyph word, detail).
    """

    id: str
    title: str
    state: StepState
    elapsed: float
    detail: str = ""
    fraction: float | None = None
    parts: tuple[tuple[str, str, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """The event as a JSON line."""
        line: dict[str, object] = {
            "event": "step",
            "id": self.id,
            "state": str(self.state),
            "elapsed": round(self.elapsed, 3),
            "title": self.title,
        }
        if self.detail:
            line["detail"] = self.detail
        if self.fraction is not None:
            line["fraction"] = round(self.fraction, 3)
        if self.parts:
            line["parts"] = [{"name": n, "state": s, "detail": d} for n, s, d in self.parts]
        return line


@dataclass(frozen=True, slots=True)
class OutputEvent:
    """A line that something we run wrote while a step runs; safe to show, secrets masked."""

    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How running a plan ended.

    Attributes:
        ok: every step done (for a launch: proven).
        purpose: of the plan.
        stack: its name.
        url: where it answers; empty when it does not.
        elapsed: seconds.
        ledger: seconds per step id, in order.
        findings: why not, when not ok; else what is worth knowing.
        exit_code: what a program that did this ends with.
    """

    ok: bool
    purpose: str
    stack: str
    url: str
    elapsed: float
    ledger: dict[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    exit_code: ExitCode = ExitCode.OK

    def to_json(self) -> dict[str, object]:
        """The last JSON line of ``up`` and its like."""
        good = "proven" if self.purpose == "launch" else "done"
        return {
            "event": good if self.ok else "failed",
            "stack": self.stack,
            "url": self.url,
            "elapsed": round(self.elapsed, 3),
            "ledger": {name: round(seconds, 3) for name, seconds in self.ledger.items()},
            "findings": [f.to_json() for f in self.findings],
        }
