"""Files of a stack without containers. Everything runs from them alone: `./stack start`, `./airflow …`."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone_texts
from airflow_wizard.artifacts.model import Artifact

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

# Keys of .env that the wizard itself reads back.
STACK_ID = "AIRFLOW_WIZARD_STACK_ID"
IDENTITY = "AIRFLOW_WIZARD_IDENTITY"
PASSWORD = "AIRFLOW_WIZARD_PASSWORD"  # noqa: S105 - the key, not a password
DATABASE_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
# Airflow 2 uses multiprocessing.connection, which only its first child process imports: where there is no DAG file it
# has none, and its DAG processor ends. Seen with 2.11.2. For python -c.
AIRFLOW_2_PARSES = "import multiprocessing.connection; from airflow.__main__ import main; main()"

FOLDERS = ("dags", "plugins", "logs")
IDENTITY_PLUGIN = "plugins/airflow_wizard_identity.py"
_SUPERVISOR = ("__init__.py", "__main__.py", "component.py", "layout.py", "loop.py", "processes.py", "rest.py")


def secret_keys(*, airflow3: bool, external_database: bool) -> tuple[str, ...]:
    """Keys of .env whose values are generated once per stack and then kept."""
    keys = [STACK_ID, IDENTITY, PASSWORD, "AIRFLOW__CORE__FERNET_KEY"]
    keys += ["AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"] if airflow3 else []
    keys += [] if airflow3 else ["AIRFLOW__WEBSERVER__SECRET_KEY"]
    keys += [DATABASE_URL] if external_database else []
    return tuple(keys)


def components(request: StackRequest) -> dict[str, tuple[str, ...]]:
    """Arguments of ``airflow`` for each long-running process, in start order.

    The scheduler and the triggerer would serve logs on every address (``serve_logs`` binds "", Airflow 3.3);
    on one machine the web server reads them from disk, so that server stays off.
    """
    web = "api-server" if request.release.api == "v2" else "webserver"
    run = {web: (web,), "scheduler": ("scheduler", "--skip-serve-logs")}
    if has_dag_processor(request):
        run["dag-processor"] = ("dag-processor",)
    return {**run, "triggerer": ("triggerer", "--skip-serve-logs")}


def _program(request: StackRequest, name: str) -> tuple[str, ...]:
    if name == "dag-processor" and request.release.api == "v1":
        return ("-c", AIRFLOW_2_PARSES)
    return ("-m", "airflow")


def has_dag_processor(request: StackRequest) -> bool:
    """False where DAGs are parsed inside the scheduler: Airflow 2 refuses a process of its own on SQLite."""
    return request.release.api == "v2" or request.answers.text("database") == "external"


def artifacts(request: StackRequest) -> tuple[Artifact, ...]:
    """Every file, in the order a person would read them."""
    files = [
        Artifact("README.md", standalone_texts.readme(request), "how to run it without the wizard"),
        Artifact("airflow.cfg", airflow_cfg.render(request), "Airflow's settings", mode=0o600),
        Artifact(".env", _env(request), "keys and password", mode=0o600, secret=True),
        Artifact("supervisor.json", _supervisor_config(request), "what is kept running", mode=0o600),
        Artifact("airflow", standalone_texts.AIRFLOW_WRAPPER, "any airflow command", mode=0o755),
        Artifact("stack", standalone_texts.STACK_WRAPPER, "start, stop, status", mode=0o755),
        Artifact(".gitignore", standalone_texts.GITIGNORE, "keeps secrets out of Git"),
        Artifact(IDENTITY_PLUGIN, _shipped("identity_plugin.py"), "proves that this Airflow is ours"),
    ]
    if request.release.api == "v2":
        login = json.dumps({airflow_cfg.ADMIN: request.secrets[PASSWORD]}) + "\n"
        files.append(Artifact(airflow_cfg.LOGIN_FILE, login, "the login", mode=0o600, secret=True))
    files += [
        Artifact(f"supervisor/{name}", _shipped("supervisor", name), "keeps Airflow running") for name in _SUPERVISOR
    ]
    return tuple(files)


def fingerprint(request: StackRequest) -> str:
    """Changes when running processes would have to be restarted to follow the files."""
    parts = [airflow_cfg.render(request), str(request.release.version), request.answers.text("python")]
    parts += request.answers.items("packages")
    parts += [f"{key}={value}" for key, value in sorted(request.secrets.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _env(request: StackRequest) -> str:
    lines = ["# Secrets of this stack: generated once, kept over every re-run. KEY=VALUE, no quotes."]
    lines += [f"{key}={value}" for key, value in request.secrets.items()]
    return "\n".join(lines) + "\n"


def _supervisor_config(request: StackRequest) -> str:
    config = {
        "stack_id": request.secrets[STACK_ID],
        "fingerprint": fingerprint(request),
        "url": airflow_cfg.base_url(request),
        "components": [
            {"name": name, "argv": ["venv/bin/python", *_program(request, name), *arguments]}
            for name, arguments in components(request).items()
        ],
    }
    return json.dumps(config, indent=2) + "\n"


@cache
def _shipped(*path: str) -> str:
    return resources.files("airflow_wizard.artifacts").joinpath("files", *path).read_text(encoding="utf-8")
