"""How tasks are run, and how much of the machine they may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.options import rules
from airflow_wizard.options.database import SQLITE, database_of
from airflow_wizard.options.machine import GIB, cpus, memory, release_of
from airflow_wizard.options.model import KUBERNETES_TARGETS, Choice, Kind, Option, Situation, Target
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.finding import Answer

GROUP = "Resources"
SEQUENTIAL, LOCAL = "SequentialExecutor", "LocalExecutor"
CELERY, KUBERNETES = "CeleryExecutor", "KubernetesExecutor"
# Several executors side by side exist from Airflow 2.10.0 on; the first one is the default of every task.
SIDE_BY_SIDE = (f"{CELERY},{KUBERNETES}", f"{LOCAL},{KUBERNETES}")
# What older ones have instead; Airflow 3 refuses them.
TWO_IN_ONE = ("CeleryKubernetesExecutor", "LocalKubernetesExecutor")

# Measured with Airflow 3.3: four heartbeats and one API worker need 0.9 GB; a task process 150 to 250 MB.
_BASE = 1.0 * GIB
_PER_TASK = 0.25 * GIB
_ELSEWHERE = 8
_LABELS = {
    SEQUENTIAL: ("Sequential", "one task at a time; all that SQLite allows on Airflow 2"),
    LOCAL: ("Local", "in the scheduler's own processes; nothing else to run"),
    CELERY: ("Celery", "workers you can add; needs Redis"),
    KUBERNETES: ("Kubernetes", "a pod for every task; nothing idles, every start takes seconds"),
    SIDE_BY_SIDE[0]: ("Celery, and Kubernetes by choice of a task", ""),
    SIDE_BY_SIDE[1]: ("Local, and Kubernetes by choice of a task", ""),
    TWO_IN_ONE[0]: ("Celery, and Kubernetes for tasks of its queue", ""),
    TWO_IN_ONE[1]: ("Local, and Kubernetes for tasks of its queue", ""),
}


def sqlite_is_sequential(situation: Situation) -> bool:
    """Airflow 2 refuses any executor but the sequential one on SQLite; 3.0 and newer use its WAL mode."""
    on_sqlite = situation.target is Target.STANDALONE and database_of(situation) == SQLITE
    return on_sqlite and release_of(situation).version.major < 3


def _executors(situation: Situation) -> tuple[str, ...]:
    known = release_of(situation).executors
    if situation.target is Target.STANDALONE:
        return (SEQUENTIAL,) if sqlite_is_sequential(situation) else (LOCAL,)
    if situation.target is Target.COMPOSE:
        return tuple(name for name in (LOCAL, CELERY) if name in known)
    version = release_of(situation).version
    several = SIDE_BY_SIDE if (version.major, version.minor) >= (2, 10) else TWO_IN_ONE
    return (*(name for name in (LOCAL, CELERY, KUBERNETES) if name in known), *several)


def _choices(situation: Situation) -> tuple[Choice, ...]:
    return tuple(Choice(name, *_LABELS[name]) for name in _executors(situation))


def _default_executor(situation: Situation) -> str:
    if situation.target in KUBERNETES_TARGETS - {Target.KIND}:
        return KUBERNETES
    return _executors(situation)[0]


def _because_executor(situation: Situation) -> str:
    if sqlite_is_sequential(situation):
        return "Airflow 2 runs nothing else on SQLite"
    if situation.target in KUBERNETES_TARGETS - {Target.KIND}:
        return "the cluster already schedules and limits pods"
    return "one machine, and nothing else to run"


def _refuse_executor(value: Answer, situation: Situation) -> str:
    name, version = str(value), release_of(situation).version
    if name in _executors(situation):
        return ""
    offered = " or ".join(_executors(situation))
    if situation.target is Target.STANDALONE and name == LOCAL:
        return f"cannot run on SQLite with Airflow {version}; take {offered}, Airflow 3, or database external"
    if version.major >= 3 and name in {SEQUENTIAL, *TWO_IN_ONE}:
        return f"does not exist in Airflow {version}; take {offered}"
    return f"is not offered by target {situation.target} with Airflow {version}; take {offered}"


def _local(situation: Situation) -> bool:
    """Tasks run beside the scheduler, so the size of its machine is what limits them."""
    return LOCAL.removesuffix("Executor") in executor_of(situation)


def _default_parallelism(situation: Situation) -> int:
    if sqlite_is_sequential(situation):
        return 1
    if not _local(situation):
        return 32
    if situation.target is Target.CONTEXT:
        return _ELSEWHERE
    count, size = cpus(situation), memory(situation)
    by_cpu = 4 if count is None else max(2, round(2 * count))
    by_memory = by_cpu if size is None else max(1, int((size - _BASE) / 2 / _PER_TASK))
    return min(by_cpu, by_memory, 16)


def _because_parallelism(situation: Situation) -> str:
    if sqlite_is_sequential(situation):
        return "the sequential executor runs one at a time"
    if not _local(situation):
        return "Airflow's own limit; the workers or the cluster set the real one"
    if situation.target is Target.CONTEXT:
        return "all of them run in one pod, on a node of a size that is not known"
    count, size = cpus(situation), memory(situation)
    if count is None and size is None:
        return "a start for a machine that was not measured"
    seen = [f"{count:g} CPUs"] * (count is not None) + [human_bytes(size or 0)] * (size is not None)
    return f"fits {' and '.join(seen)}: two tasks a CPU, a quarter GB each, half of the memory left alone"


def _default_api_workers(situation: Situation) -> int:
    return 1 if release_of(situation).version.major >= 3 else 2


def _because_api_workers(situation: Situation) -> str:
    if _default_api_workers(situation) == 1:
        return "one serves a few people; every further one takes 250 MB"
    return "one can be busy with a slow page while the other answers"


def executor_of(situation: Situation) -> str:
    """The executor asked for, or the default of the target."""
    return situation.text("executor") or _default_executor(situation)


def _celery(situation: Situation) -> bool:
    return "Celery" in executor_of(situation)


def _default_concurrency(situation: Situation) -> int:
    count = cpus(situation)
    if situation.target is not Target.COMPOSE:
        return 16
    return 4 if count is None else min(16, max(2, round(2 * count)))


OPTIONS = (
    Option(
        name="executor",
        title="Executor",
        group=GROUP,
        kind=Kind.CHOICE,
        help="How tasks are run.",
        why="Local needs nothing else; Celery adds workers that can be many; Kubernetes starts a pod for every task.",
        default=_default_executor,
        because=_because_executor,
        choices=_choices,
        refuse=_refuse_executor,
        example="LocalExecutor",
    ),
    Option(
        name="parallelism",
        title="Tasks at once",
        group=GROUP,
        kind=Kind.INTEGER,
        help="How many tasks may run at the same time.",
        why="More when tasks mostly wait, fewer when they compute or need much memory.",
        default=_default_parallelism,
        because=_because_parallelism,
        refuse=rules.between(1, 1024),
        example="4",
    ),
    Option(
        name="api_workers",
        title="Web workers",
        group=GROUP,
        kind=Kind.INTEGER,
        help="Processes that answer the web page and the API.",
        why="One for a few people; more when many tasks or scripts ask at once.",
        default=_default_api_workers,
        because=_because_api_workers,
        refuse=rules.between(1, 64),
        expert=True,
        example="1",
    ),
    Option(
        name="workers",
        title="Celery workers",
        group=GROUP,
        kind=Kind.INTEGER,
        help="How many workers the stack starts.",
        why="One is enough on one machine; more only help on several, or to keep queues apart.",
        default=lambda _: 1,
        because=lambda _: "one worker runs several tasks at once",
        targets=KUBERNETES_TARGETS | {Target.COMPOSE},
        applies=_celery,
        refuse=rules.between(1, 100),
        example="1",
    ),
    Option(
        name="worker_concurrency",
        title="Tasks per worker",
        group=GROUP,
        kind=Kind.INTEGER,
        help="How many tasks one Celery worker runs at the same time.",
        why="More when tasks mostly wait, fewer when they compute or need much memory.",
        default=_default_concurrency,
        because=lambda s: "two tasks a CPU" if s.target is Target.COMPOSE else "Airflow's own number",
        targets=KUBERNETES_TARGETS | {Target.COMPOSE},
        applies=_celery,
        refuse=rules.between(1, 256),
        expert=True,
        example="4",
    ),
)
