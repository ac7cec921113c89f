"""airflow.cfg of a stack without containers: only what differs from Airflow's own defaults, each with its reason."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest

ADMIN = "admin"
LOGIN_FILE = "login.json"


class Setting(NamedTuple):
    """One line of airflow.cfg and why it is there."""

    section: str
    key: str
    value: str
    why: str


def base_url(request: StackRequest) -> str:
    """Where the stack answers, from this machine; no trailing slash."""
    bind = request.answers.text("bind")
    host = "127.0.0.1" if bind in ("0.0.0.0", "") else "[::1]" if bind == "::" else bind  # noqa: S104 - compared
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{request.answers.text('port')}"


def dags_folder(request: StackRequest) -> PurePath:
    """Absolute folder of the DAGs; a relative answer is meant from the stack's folder."""
    return PurePath(request.folder) / (request.answers.text("dags") or "dags")


def settings(request: StackRequest) -> Iterator[Setting]:
    """Every setting, in file order."""
    answers = request.answers
    yield Setting("core", "dags_folder", str(dags_folder(request)), "your DAGs")
    yield Setting("core", "plugins_folder", str(PurePath(request.folder) / "plugins"), "your plugins")
    yield Setting("core", "executor", answers.text("executor"), "how tasks are run")
    yield Setting(
        "core",
        "parallelism",
        answers.text("parallelism"),
        "tasks at once; Airflow 3 starts a process for each",
    )
    yield Setting("core", "load_examples", str(answers.flag("examples")), "the example DAGs")
    yield Setting("core", "dags_are_paused_at_creation", str(answers.flag("dags_paused")), "whether new DAGs wait")
    if answers.text("timezone"):
        yield Setting("core", "default_timezone", answers.text("timezone"), "zone of schedules without one")
    if answers.text("database") != "external":
        path = PurePath(request.folder) / "airflow.db"
        # Four slashes: an absolute path. WAL is Airflow's own choice for SQLite since 2.10 (settings.py).
        yield Setting("database", "sql_alchemy_conn", f"sqlite:///{path}", "one file; its WAL lies beside it")
    connections = str(answers.flag("load_default_connections"))
    yield Setting(
        "database", "load_default_connections", connections, "sample connections to services you may not have"
    )
    yield Setting("logging", "base_log_folder", str(PurePath(request.folder) / "logs"), "task logs")
    yield from _three(request) if request.release.api == "v2" else _two(request)
    yield Setting("usage_data_collection", "enabled", "False", "nothing is reported to anybody")


def _three(request: StackRequest) -> Iterator[Setting]:
    url = base_url(request)
    manager = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    yield Setting("core", "auth_manager", manager, "logins from a file")
    yield Setting("core", "simple_auth_manager_users", f"{ADMIN}:admin", "user:role, not a password")
    login = str(PurePath(request.folder) / LOGIN_FILE)
    yield Setting("core", "simple_auth_manager_passwords_file", login, "its password")
    yield Setting("core", "execution_api_server_url", f"{url}/execution/", "where tasks report to")
    yield Setting("api", "host", request.answers.text("bind"), "Airflow's default is every address")
    yield Setting("api", "port", request.answers.text("port"), "where the browser goes")
    yield Setting("api", "base_url", url, "links in pages and tasks")
    yield Setting("api", "workers", request.answers.text("api_workers"), "each worker takes about 300 MB")
    yield Setting("api", "instance_name", request.name, "shown in the page's head")
    if request.release.version.minor == 0:
        # Airflow 3.0 signs tokens with no issuer, which PyJWT 2.10 and later refuse ("Issuer (iss) must be a string").
        yield Setting("api_auth", "jwt_issuer", "airflow", "who signs the tokens; without it no login works")
    yield Setting("dag_processor", "refresh_interval", "10", "a new file is seen within seconds, not minutes")


def _two(request: StackRequest) -> Iterator[Setting]:
    yield Setting("webserver", "web_server_host", request.answers.text("bind"), "Airflow's default is every address")
    yield Setting("webserver", "web_server_port", request.answers.text("port"), "where the browser goes")
    yield Setting("webserver", "base_url", base_url(request), "links in pages")
    # The dashboard asks for the health each second; Airflow 3 leaves such requests out of its log by itself.
    yield Setting("webserver", "access_logfile", "/dev/null", "one line per request otherwise; - brings them back")
    yield Setting("webserver", "workers", request.answers.text("api_workers"), "each worker takes about 200 MB")
    yield Setting("webserver", "instance_name", request.name, "shown in the page's head")
    backends = "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth,airflow.api.auth.backend.session"
    yield Setting("api", "auth_backends", backends, "the REST API takes the login")
    if request.answers.text("database") == "external":
        yield Setting("scheduler", "standalone_dag_processor", "True", "its heartbeat shows in the health page")
    yield Setting("scheduler", "dag_dir_list_interval", "10", "a new file is seen within seconds, not minutes")


def render(request: StackRequest) -> str:
    """The file's text. Percent signs are doubled, since Airflow interpolates values (configparser)."""
    lines = ["# Settings of this stack; secrets are in .env. Variables AIRFLOW__SECTION__KEY win over this file."]
    section = ""
    for setting in sorted(settings(request), key=lambda s: _ORDER.index(s.section)):
        if setting.section != section:
            section = setting.section
            lines += ["", f"[{section}]"]
        lines += [f"# {setting.why}", f"{setting.key} = {setting.value.replace('%', '%%')}"]
    return "\n".join(lines) + "\n"


_ORDER = (
    "core",
    "database",
    "logging",
    "api",
    "api_auth",
    "webserver",
    "scheduler",
    "dag_processor",
    "usage_data_collection",
)
