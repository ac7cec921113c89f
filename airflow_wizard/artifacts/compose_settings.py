"""What every Airflow container of a Compose stack is told, each with its reason; secrets stand in .env alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from airflow_wizard.artifacts.airflow_cfg import base_url
from airflow_wizard.artifacts.standalone import AIRFLOW_2_PARSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest

CELERY = "CeleryExecutor"
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
DATABASE_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
DATABASE_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 - the key, not a password
LOGIN_FILE = "config/login.json"
# For bash -c.
DAG_PROCESSOR_2 = f'exec python -c "{AIRFLOW_2_PARSES}" dag-processor'
# Images of 3.1 for Python 3.13 come without the FAB provider (docker-stack-docs/changelog.rst, 3.1.0).
_WITHOUT_FAB = re.compile(r":3\.1\.\d+-python3\.13$")


class Variable(NamedTuple):
    """One environment variable; ``why`` is empty where its name says everything."""

    name: str
    value: str
    why: str = ""


def is_airflow3(request: StackRequest) -> bool:
    """Whether it has the API server and the task execution interface of Airflow 3."""
    return request.release.api == "v2"


def is_celery(request: StackRequest) -> bool:
    """Whether tasks are run by Celery workers."""
    return request.answers.text("executor") == CELERY


def is_external(request: StackRequest) -> bool:
    """Whether the database is the person's own."""
    return request.answers.text("database") == "external"


def has_fab(request: StackRequest) -> bool:
    """Whether logins are kept in the database (FAB); the simple manager keeps them in a file."""
    return not is_airflow3(request) or _WITHOUT_FAB.search(request.answers.text("image")) is None


def needed(key: str) -> str:
    """A value of .env; without it Compose stops and says so, instead of starting with an empty one."""
    return f"${{{key}:?is missing in .env}}"


def variables(request: StackRequest) -> Iterator[Variable]:
    """In the order of the file."""
    answers = request.answers
    yield Variable("AIRFLOW__CORE__EXECUTOR", answers.text("executor"))
    yield Variable("AIRFLOW__CORE__PARALLELISM", answers.text("parallelism"), "tasks at once")
    database = f"postgresql+psycopg2://airflow:{needed(DATABASE_PASSWORD)}@postgres/airflow"
    database = needed(DATABASE_URL) if is_external(request) else database
    yield Variable(DATABASE_URL, database)
    if is_celery(request):
        # Without a driver 3.2 and newer would look for another one than the image has.
        yield Variable("AIRFLOW__CELERY__RESULT_BACKEND", f"db+{database}")
        yield Variable("AIRFLOW__CELERY__BROKER_URL", "redis://:@redis:6379/0")
        yield Variable("AIRFLOW__CELERY__WORKER_CONCURRENCY", answers.text("worker_concurrency"), "tasks per worker")
    yield Variable("AIRFLOW__CORE__FERNET_KEY", needed("AIRFLOW__CORE__FERNET_KEY"), "encrypts connections")
    paused, examples = (str(answers.flag(name)).lower() for name in ("dags_paused", "examples"))
    yield Variable("AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION", paused)
    yield Variable("AIRFLOW__CORE__LOAD_EXAMPLES", examples)
    if answers.text("timezone"):
        yield Variable("AIRFLOW__CORE__DEFAULT_TIMEZONE", answers.text("timezone"))
    if answers.flag("load_default_connections"):
        yield Variable("AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS", "true")
    yield from _three(request) if is_airflow3(request) else _two(request)
    yield Variable("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "false", "nothing is reported to anybody")
    yield Variable("AIRFLOW_CONFIG", "/opt/airflow/config/airflow.cfg", "your own settings; those here win")
    yield Variable("CONNECTION_CHECK_MAX_COUNT", "0", "airflow-init waited for the database; each check takes seconds")


def _three(request: StackRequest) -> Iterator[Variable]:
    if has_fab(request):
        yield Variable("AIRFLOW__CORE__AUTH_MANAGER", FAB)
    else:
        yield Variable("AIRFLOW__CORE__AUTH_MANAGER", SIMPLE, "this image has no FAB provider; the login is in a file")
        yield Variable("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "admin:admin", "user:role, not a password")
        yield Variable("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", f"/opt/airflow/{LOGIN_FILE}")
    execution = "http://airflow-apiserver:8080/execution/"
    yield Variable("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", execution, "where tasks report to")
    for key in ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
        why = "the same in every container, or tasks and log pages are refused" if "JWT" in key else ""
        yield Variable(key, needed(key), why)
    yield Variable("AIRFLOW__API_AUTH__JWT_ISSUER", "airflow")
    yield Variable("AIRFLOW__API__BASE_URL", base_url(request), "links in pages and mails")
    yield Variable("AIRFLOW__API__WORKERS", request.answers.text("api_workers"), "each takes about 250 MB")
    yield Variable("AIRFLOW__API__INSTANCE_NAME", request.name, "shown in the page's head")
    yield Variable("AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL", "10", "a new file shows within seconds, not minutes")

    yield Variable("AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK", "true", "its health page, on port 8974 inside")


def _two(request: StackRequest) -> Iterator[Variable]:
    backends = "airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.session"
    yield Variable("AIRFLOW__API__AUTH_BACKENDS", backends, "the REST API takes the login")
    key = "AIRFLOW__WEBSERVER__SECRET_KEY"
    yield Variable(key, needed(key), "the same in every container, or log pages are refused")
    yield Variable("AIRFLOW__WEBSERVER__BASE_URL", base_url(request), "links in pages and mails")
    yield Variable("AIRFLOW__WEBSERVER__WORKERS", request.answers.text("api_workers"), "each takes about 200 MB")
    yield Variable("AIRFLOW__WEBSERVER__INSTANCE_NAME", request.name, "shown in the page's head")
    # Seen with 2.11.2: the forked server of the health page goes on with the scheduler's own connection (settings.py
    # disposes of it in a fork only from 3.0 on); one of the two then reads the other's answer, and dies or hangs.
    why = "its health page would share the scheduler's connection to the database"
    yield Variable("AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK", "false", why)
    yield Variable("AIRFLOW__SCHEDULER__STANDALONE_DAG_PROCESSOR", "true", "a bad DAG cannot hold the scheduler up")
    yield Variable("AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL", "10", "a new file shows within seconds, not minutes")
