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
    PENDING = "pending"
    STARTING = "starting"
    RESTARTING = "restarting"
    TERMINATING = "terminating"
    PAUSED = "paused"
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
class UnitPart:
    """One container of a pod that has several.

    Attributes:
        name: in the pod.
        kind: init, sidecar, second, or main.
        state: in a word or two.
        restarts: how often it was started again.
        reason: why it is not fine, in words; safe to show.
        fine: nothing is wrong with it.
    """

    name: str
    kind: str
    state: str
    restarts: int = 0
    reason: str = ""
    fine: bool = True

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "restarts": self.restarts,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of a status pane.

    Attributes:
        id: what ``logs --unit`` and ``restart`` take.
        role: database, broker, init, api, scheduler, dag-processor, worker, triggerer, task, supervisor or
            other.
        state: see `UnitState`.
        health: see `Health`.
        restarts: how often it was started again.
        since: unix seconds it is in this state; None when unknown.
        heartbeat_age: seconds since Airflow last saw it; None when Airflow does not tell.
        pid: process id; None for what has none here.
        processes: how many processes belong to it.
        cpu: share of one core, 0..n; None until two samples exist.
        memory: bytes; what a limit counts where there is one, else PSS; None when it was not read.
        exit_code: of the last run; None while running or unknown.
        reason: why it is not fine, in words; safe to show.
        memory_limit: bytes it may take; None without a limit.
        cpu_limit: cores it may take; None without a limit.
        health_output: last output of its own health check, in lines; safe to show.
        last_exit: exit code of the run before this one, where that was seen.
        image: it was made from; empty for a process.
        container: the engine's name of it; empty for a process.
        ports: published ones: (address, port).
        stale: not of this moment: it was seen before, and cannot be seen now.
        was: of a stale one: how it was when it was last seen.
        node: of a cluster, where it is; empty elsewhere.
        component: of a cluster, which component it is one pod of; empty elsewhere.
        parts: the containers of a pod that has more than one.
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
    memory_limit: int | None = None
    cpu_limit: float | None = None
    health_output: str = ""
    last_exit: int | None = None
    image: str = ""
    container: str = ""
    ports: tuple[tuple[str, int], ...] = ()
    stale: bool = False
    was: str = ""
    node: str = ""
    component: str = ""
    parts: tuple[UnitPart, ...] = ()

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
            "memory_limit": self.memory_limit,
            "cpu_limit": self.cpu_limit,
            "health_output": self.health_output,
            "last_exit": self.last_exit,
            "image": self.image,
            "container": self.container,
            "ports": [{"address": address, "port": port} for address, port in self.ports],
            "stale": self.stale,
            "was": self.was,
            "node": self.node,
            "component": self.component,
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """Storage that a stack asked for: a claim of Kubernetes.

    Attributes:
        name: its name.
        state: as the cluster has it: Bound, Pending, Lost.
        size: bytes asked for; None when unknown.
        storage: storage class; empty for the cluster's own choice.
        reason: why it is not bound, in words; safe to show.
    """

    name: str
    state: str
    size: int | None = None
    storage: str = ""
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "name": self.name,
            "state": self.state,
            "size": self.size,
            "storage": self.storage,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class JobRun:
    """Something that runs to its end once: a job of Kubernetes, such as the migration.

    Attributes:
        name: its name.
        state: running, done or failed.
        tries: how often it was started.
        since: unix seconds it is in this state; None when unknown.
        reason: why it is not done, in words; safe to show.
    """

    name: str
    state: str
    tries: int = 0
    since: float | None = None
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "name": self.name,
            "state": self.state,
            "tries": self.tries,
            "since": self.since,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ServicePort:
    """Where a cluster answers: a service of Kubernetes.

    Attributes:
        name: its name.
        kind: ClusterIP, NodePort, LoadBalancer.
        address: inside the cluster, with the port.
        outside: where it is reached from elsewhere; empty when it is not.
        reason: why it answers nobody, in words; empty when it does.
    """

    name: str
    kind: str
    address: str
    outside: str = ""
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "address": self.address,
            "outside": self.outside,
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
        seen: unix seconds when the units were last seen; None when they are of this moment, or never were seen.
        retry_at: unix seconds when an engine that does not answer is asked again; None while it answers.
        claims: storage it asked for; none where nothing but volumes is there.
        jobs: what runs once, where that is no unit.
        services: where a cluster answers.
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
    seen: float | None = None
    retry_at: float | None = None
    claims: tuple[Claim, ...] = ()
    jobs: tuple[JobRun, ...] = ()
    services: tuple[ServicePort, ...] = ()

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
            "seen": self.seen,
            "retry_at": self.retry_at,
            "claims": [c.to_json() for c in self.claims],
            "jobs": [j.to_json() for j in self.jobs],
            "services": [s.to_json() for s in self.services],
        }
