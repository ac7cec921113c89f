"""Evidence of a stack that is well, to be made worse by a test."""

from __future__ import annotations

from dataclasses import replace

from airflow_wizard.diagnose.evidence import (
    DatabaseFact,
    Evidence,
    FileFact,
    MachineFact,
    PortFact,
    SecretFact,
    Subject,
)
from airflow_wizard.status.assemble import Answer
from airflow_wizard.status.snapshot import Health, Snapshot, StackState, Unit, UnitState

NOW = 1_800_000_000.0
FOLDER = "/home/ana/airflow"
SUBJECT = Subject(
    "demo", FOLDER, "http://127.0.0.1:8080", "127.0.0.1", 8080, "v2", f"{FOLDER}/dags", f"{FOLDER}/airflow.db"
)
ROLES = {"api-server": "api", "scheduler": "scheduler", "dag-processor": "dag-processor", "triggerer": "triggerer"}


def unit(name: str, **more: object) -> Unit:
    """A healthy component."""
    values: dict[str, object] = {"since": NOW - 600, "pid": 100} | more
    state = values.pop("state", UnitState.RUNNING)
    health = values.pop("health", Health.HEALTHY)
    return Unit(name, ROLES[name], state, health, **values)  # type: ignore[arg-type]


def snapshot(*units: Unit, running: bool = True, error: str = "") -> Snapshot:
    """A snapshot; components that are not named are healthy."""
    named = {u.id for u in units}
    all_units = [u for n in ROLES for u in (*(u for u in units if u.id == n), *([] if n in named else [unit(n)]))]
    if not running:
        all_units = [replace(u, state=UnitState.EXITED, health=Health.NONE, pid=None) for u in all_units]
    supervisor = Unit("supervisor", "supervisor", UnitState.RUNNING if running else UnitState.EXITED, Health.HEALTHY)
    state = StackState.RUNNING if running else StackState.STOPPED
    return Snapshot("demo", "standalone", state, (*all_units, supervisor), None, SUBJECT.url, NOW, error=error)


def evidence(**more: object) -> Evidence:
    """A healthy stack, but for what is said."""
    private = {
        name: FileFact("file", 0o600) for name in (".env", "login.json", "supervisor.json", "airflow.cfg", "airflow.db")
    }
    tools = {"airflow": FileFact("file", 0o755), "stack": FileFact("file", 0o755)}
    folders = {name: FileFact("folder", 0o755) for name in ("supervisor", "plugins", "dags")}
    well = Evidence(
        subject=SUBJECT,
        now=NOW,
        snapshot=snapshot(),
        answer=Answer.OURS,
        port=PortFact(free=False, holder="python (pid 100)", pid=100, ours=True),
        machine=MachineFact(50 << 30, 100 << 30, 8 << 30, 16 << 30),
        files={**private, **tools, **folders},
        secrets=SecretFact(fernet_valid=True, login_matches=True, as_launched=True),
        database=DatabaseFact("ok"),
        venv="",
    )
    return replace(well, **more)  # type: ignore[arg-type]
