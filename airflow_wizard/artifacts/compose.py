"""Files of a stack on Docker Compose. Everything runs from them alone: `docker compose up -d`, `./airflow …`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import compose_file, compose_texts
from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.compose_services import components, install_command
from airflow_wizard.artifacts.compose_settings import (
    DATABASE_PASSWORD,
    DATABASE_URL,
    LOGIN_FILE,
    has_fab,
    is_celery,
    is_external,
)
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.standalone import IDENTITY, IDENTITY_PLUGIN, PASSWORD, STACK_ID

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

UID = "AIRFLOW_UID"
IMAGE_USER = 50000  # the official image's own user, for systems that map file owners themselves
_SCRIPTS = {
    "init.py": "folders, database and login, once",
    "heartbeat.py": "health checks",
    "database.py": "what both of them ask the database",
    "rest.py": "./airflow rest",
}


def secret_keys(*, airflow3: bool, external_database: bool) -> tuple[str, ...]:
    """Keys of .env whose values are generated once per stack and then kept."""
    keys = [STACK_ID, IDENTITY, PASSWORD, "AIRFLOW__CORE__FERNET_KEY"]
    keys += ["AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"] if airflow3 else []
    keys += [] if airflow3 else ["AIRFLOW__WEBSERVER__SECRET_KEY"]
    keys.append(DATABASE_URL if external_database else DATABASE_PASSWORD)
    return tuple(keys)


def units(request: StackRequest) -> tuple[str, ...]:
    """Names of the services that keep running, in start order."""
    stores = () if is_external(request) else ("postgres",)
    flower = ("flower",) if request.answers.flag("flower") else ()
    return (*stores, *(("redis",) if is_celery(request) else ()), *components(request), *flower)


def artifacts(request: StackRequest) -> tuple[Artifact, ...]:
    """Every file, in the order a person would read them."""
    files = [
        Artifact("README.md", compose_texts.readme(request), "how to run it without the wizard"),
        Artifact("docker-compose.yaml", compose_file.docker_compose(request), "the services"),
        Artifact(".env", _env(request), "keys and passwords", mode=0o600, secret=True),
        Artifact("airflow", compose_texts.wrapper(request), "any airflow command", mode=0o755),
        Artifact(".gitignore", compose_texts.GITIGNORE, "keeps secrets out of Git"),
        Artifact("config/airflow.cfg", compose_texts.AIRFLOW_CFG, "your own settings"),
    ]
    if not has_fab(request):
        login = json.dumps({ADMIN: request.secrets[PASSWORD]}) + "\n"
        files.append(Artifact(LOGIN_FILE, login, "the login", mode=0o600, secret=True))
    if install_command(request):
        files.append(Artifact("Dockerfile", compose_file.dockerfile(request), "the image with your packages"))
        files.append(Artifact(".dockerignore", compose_texts.dockerignore(request), "keeps secrets out of the image"))
    dags = PurePosixPath(request.answers.text("dags") or "dags")
    if not dags.is_absolute() and ".." not in dags.parts:
        text = compose_texts.AIRFLOWIGNORE
        files.append(Artifact(str(dags / ".airflowignore"), text, "keeps the DAGs folder", required=False))
    files.append(Artifact("logs/.gitignore", compose_texts.LOGS_GITIGNORE, "keeps the folder of task logs"))
    files.append(Artifact(IDENTITY_PLUGIN, _shipped("identity_plugin.py"), "proves that this Airflow is ours"))
    files += [Artifact(f"scripts/{name}", _shipped("containers", name), what) for name, what in _SCRIPTS.items()]
    return tuple(files)


def container_user(request: StackRequest) -> int:
    """User id that Airflow's processes have in their containers, so that what they write belongs to the person.

    Rootless engines map root to the person. Root itself runs Airflow as the image's user: Airflow needs no rights.
    """
    if request.facts.value("docker", "rootless") is True:
        return 0
    return request.uid or IMAGE_USER


def _env(request: StackRequest) -> str:
    lines = [
        "# Secrets of this stack: generated once, kept over every re-run. KEY=VALUE, no quotes.",
        "# Another image than the one in docker-compose.yaml, for a try: AIRFLOW_IMAGE_NAME=my-airflow:1",
        f"{UID}={container_user(request)}",
    ]
    lines += [f"{key}={value}" for key, value in request.secrets.items()]
    return "\n".join(lines) + "\n"


@cache
def _shipped(*path: str) -> str:
    return resources.files("airflow_wizard.artifacts").joinpath("files", *path).read_text(encoding="utf-8")
