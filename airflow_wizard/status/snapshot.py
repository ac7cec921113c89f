"""One frozen picture of everything that runs. Made by feeds, shown by every face."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StackState(StrEnum):
    """The stack as a whole, always derived from what was observed."""

    RUNNING = "running"
    DEGRADED = "degraded"
    STARTING = "starting"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class UnitState(StrEnum):
    """One container, pod or process."""

    RUNNING = "running"
    STARTING = "starting"
    RESTARTING = "restarting"
    EXITED = "exited"
    DONE = "done"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """What the unit itself, or Airflow about it, says."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    STARTING = "starting"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of a status pane.

    Attributes:
        id: what ``logs --unit`` and ``restart`` take.
        role: database, broker, init, api, scheduler, dag-processor, worker, triggerer, supervisor or other.
        state: see `UnitState`.
        health: see `Health`.
        restarts: how often it was started again.
        since: unix seconds it is in this state; None when unknown.
        heartbeat_age: seconds since Airflow last saw it; None when Airflow does not tell.
        pid: process id; None for what has none here.
        processes: how many processes belong to it.
        cpu: share of one core, 0..n; None until two samples exist.
        memory: bytes (PSS for processes); None when it cannot be read.
        exit_code: of the last run; None while running or unknown.
        reason: why it is not fine, in words; safe to show.
    """

    id: str
    role: str
    state: UnitState
    health: Health = Health.UNKNOWN
    restarts: int = 0
    since: float | None = None
    heartbeat_age: float | None = None
    pid: int | None = None
    processes: int = 0
    cpu: float | None = None
    memory: int | None = None
    exit_code: int | None = None
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """The unit as ``status --json`` shows it."""
        return {
            "id": self.id,
            "role": self.role,
            "state": str(self.state),
            "health": str(self.health),
            "restarts": self.restarts,
            "since": self.since,
            "heartbeat_age": self.heartbeat_age,
            "pid": self.pid,
            "processes": self.processes,
            "cpu": self.cpu,
            "memory": self.memory,
            "exit_code": self.exit_code,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ComponentHealth:
    """One entry of Airflow's health body: status as Airflow gave it, age of the heartbeat in seconds."""

    status: str
    heartbeat_age: float | None = None

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {"status": self.status, "heartbeat_age": self.heartbeat_age}


@dataclass(frozen=True, slots=True)
class AirflowHealth:
    """Airflow's own word. None for a component means it is not in the body (or the body could not be read)."""

    metadatabase: ComponentHealth | None = None
    scheduler: ComponentHealth | None = None
    triggerer: ComponentHealth | None = None
    dag_processor: ComponentHealth | None = None

    def to_json(self) -> dict[str, object]:
        """Keys as the health endpoint names them."""
        return {
            name: part.to_json() if part is not None else None
            for name, part in (
                ("metadatabase", self.metadatabase),
                ("scheduler", self.scheduler),
                ("triggerer", self.triggerer),
                ("dag_processor", self.dag_processor),
            )
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stack at one moment.

    Attributes:
        stack: its name.
        target: its target.
        state: see `StackState`.
        units: in a stable order.
        airflow: Airflow's own word, or None when it did not answer.
        url: where a browser goes.
        taken: unix seconds.
        events: recent happenings, newest last: (unix seconds, unit, text).
        error: why part of the picture is missing; empty when it is whole.
        reachable: False when the engine that runs it did not answer.
    """

    stack: str
    target: str
    state: StackState
    units: tuple[Unit, ...]
    airflow: AirflowHealth | None
    url: str
    taken: float
    events: tuple[tuple[float, str, str], ...] = ()
    error: str = ""
    reachable: bool = True

    def to_json(self) -> dict[str, object]:
        """The snapshot as ``status --json`` prints it."""
        return {
            "stack": self.stack,
            "target": self.target,
            "state": str(self.state),
            "units": [u.to_json() for u in self.units],
            "airflow": (self.airflow or AirflowHealth()).to_json(),
            "url": self.url,
            "taken": self.taken,
            "events": [{"time": t, "unit": u, "text": x} for t, u, x in self.events],
            "error": self.error,
            "reachable": self.reachable,
        }


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a unit's log; ``time`` is unix seconds, or None when the line carries none."""

    time: float | None
    unit: str
    text: str
