"""What was collected about a stack, as frozen values. Rules read nothing else; a recorded one can be judged again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.diagnose.kube_facts import ClusterFact
    from airflow_wizard.status.assemble import Answer
    from airflow_wizard.status.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Subject:
    """Which stack, and what it should be.

    Attributes:
        name: its name.
        folder: absolute folder.
        url: where it answers.
        bind: address it listens on.
        port: port it listens on.
        api: ``v1`` or ``v2``.
        dags: absolute folder of the DAGs.
        sqlite: path of its database; empty for one elsewhere.
        uv: how to call uv.
        target: where it runs.
    """

    name: str
    folder: str
    url: str
    bind: str
    port: int
    api: str
    dags: str
    sqlite: str
    uv: str = "uv"
    target: str = "standalone"


@dataclass(frozen=True, slots=True)
class FileFact:
    """One path: kind (``file``, ``folder``, ``other`` or ``missing``), permission bits, may we read it, whose it is."""

    kind: str
    mode: int = 0
    readable: bool = True
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class SecretFact:
    """What can be said of the secrets without saying them.

    Attributes:
        missing: keys that should be in .env and are not, or are empty.
        fernet_valid: the Fernet key is 32 bytes of URL-safe base64; None without one.
        login_matches: login.json holds the password of .env; None where there is no such file.
        as_launched: the processes were started with what the files hold now; None when nothing runs.
    """

    missing: tuple[str, ...] = ()
    fernet_valid: bool | None = None
    login_matches: bool | None = None
    as_launched: bool | None = None


@dataclass(frozen=True, slots=True)
class DatabaseFact:
    """The SQLite file.

    ``problem`` is ok, missing, empty, unmigrated, malformed, unreadable, locked, or other-key (what is stored in it
    was encrypted with another Fernet key); ``detail`` says more.
    """

    problem: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PortFact:
    """The stack's port: free or not; who holds it (words), its pid; whether that process is one of the stack's."""

    free: bool
    holder: str = ""
    pid: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class MachineFact:
    """The machine: bytes free and total where the stack lies, memory available and total."""

    disk_free: int
    disk_total: int
    memory_available: int
    memory_total: int


@dataclass(frozen=True, slots=True)
class ContainerFact:
    """One container of a Compose project.

    Attributes:
        unit: what ``logs --unit`` takes.
        role: as a unit of a snapshot has it.
        name: of the container.
        state: as the engine has it: created, running, paused, restarting, removing, exited, dead.
        health: healthy, unhealthy or starting; empty without a health check.
        health_said: last output of the health check.
        exit_code: of the last end; None while it runs and was not seen to end lately.
        restarts: how often the engine started it again.
        oom: killed because its memory ran out.
        error: why the engine could not start it.
        since: unix seconds of its last start or end.
    """

    unit: str
    role: str
    name: str
    state: str
    health: str = ""
    health_said: str = ""
    exit_code: int | None = None
    restarts: int = 0
    oom: bool = False
    error: str = ""
    since: float | None = None


@dataclass(frozen=True, slots=True)
class ProjectFact:
    """A Compose project.

    Attributes:
        name: of the project.
        engine: why the engine could not be asked; empty when it was.
        engine_next: what to do about that.
        containers: those that are there, one for each unit.
        missing: services that should run and have no container.
        damage: what is wrong with docker-compose.yaml, with its line; empty when Compose can read it.
        changed: services that run with other settings than the files have now.
        uid: whom Airflow's containers run as, with group 0; None when .env does not say.
    """

    name: str
    engine: str = ""
    engine_next: str = ""
    containers: tuple[ContainerFact, ...] = ()
    missing: tuple[str, ...] = ()
    damage: str = ""
    changed: tuple[str, ...] = ()
    uid: int | None = None

    @property
    def live(self) -> bool:
        """Whether anything of it runs, or is about to run again."""
        return any(c.state in ("running", "paused", "restarting") for c in self.containers)


@dataclass(frozen=True, slots=True)
class StepFact:
    """The step at which the last launch stopped: id, last state, what it said."""

    id: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one stack at one moment; None or empty where a collector could not see it.

    Attributes:
        subject: the stack.
        now: unix seconds.
        snapshot: what runs.
        answer: who answers at its address.
        answer_words: what that looked like.
        leftovers: processes of the stack without a supervisor.
        last_exits: exit code of the run before, by component (negative for a signal).
        lines: the last lines of each unit since its current start, secrets masked.
        import_errors: (file, traceback) of DAG files, as Airflow has them.
        port: the port.
        machine: disk and memory.
        files: by path relative to the folder.
        secrets: see `SecretFact`.
        database: the SQLite file.
        venv: empty when the virtual environment's Python runs, else why not; None when not looked at.
        unfinished: the step at which the last launch stopped.
        conflicts: files edited by the person with a newer proposal beside them.
        edited: files that running processes read at their start and that were changed after it.
        project: the Compose project; None where there is none.
        cluster: what was seen of the cluster; None where there is none.
        unseen: collectors that could not see, and why.
    """

    subject: Subject
    now: float
    snapshot: Snapshot | None = None
    answer: Answer | None = None
    answer_words: str = ""
    leftovers: int = 0
    last_exits: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    import_errors: tuple[tuple[str, str], ...] = ()
    port: PortFact | None = None
    machine: MachineFact | None = None
    files: Mapping[str, FileFact] = field(default_factory=dict)
    secrets: SecretFact | None = None
    database: DatabaseFact | None = None
    venv: str | None = None
    unfinished: StepFact | None = None
    conflicts: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    project: ProjectFact | None = None
    cluster: ClusterFact | None = None
    unseen: tuple[tuple[str, str], ...] = ()

    @property
    def running(self) -> bool:
        """True when what keeps it running runs: its supervisor, or any container."""
        if self.project is not None:
            return self.project.live
        if self.cluster is not None:
            return self.cluster.live
        if self.snapshot is None:
            return False
        return any(unit.role == "supervisor" and unit.state == "running" for unit in self.snapshot.units)
