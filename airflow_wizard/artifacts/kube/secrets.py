"""The folder ``secrets/``: everything that must not be seen, and nothing else. Private files that Git does not take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.airflow_cfg import ADMIN
from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.names import labels, named, namespace
from airflow_wizard.artifacts.kube.settings import (
    API_KEY,
    FERNET,
    GIT_TOKEN,
    HOME,
    JWT,
    POSTGRES_PASSWORD,
    REDIS_PASSWORD,
    WEB_KEY,
)
from airflow_wizard.artifacts.model import Artifact
from airflow_wizard.artifacts.standalone import IDENTITY, PASSWORD, STACK_ID
from airflow_wizard.artifacts.yaml_text import manifests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

FOLDER = "secrets"
ENV = f"{FOLDER}/.env"
LOGIN_FILE = f"{HOME}/login.json"


def secret_value(request: StackRequest, variable: str, what: str, key: str) -> Node:
    """A variable of a container's environment whose value is in one of the stack's Secrets."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": named(request, what), "key": key}}}


def artifacts(request: StackRequest) -> tuple[Artifact, ...]:
    """One file for each Secret, and one that they are all made from."""
    lines = ["# Secrets of this stack: generated once, kept over every re-run. KEY=VALUE, no quotes."]
    lines += [f"{key}={value}" for key, value in request.secrets.items()]
    files = [_private(ENV, "\n".join(lines) + "\n", "what the other files here are made from")]
    for what, data, purpose in _secrets(request):
        text = manifests([_manifest(request, what, data)])
        files.append(_private(f"{FOLDER}/{what}.yaml", text, purpose))
    return tuple(files)


def _private(path: str, text: str, purpose: str) -> Artifact:
    return Artifact(path, text, purpose, mode=0o600, secret=True)


def _manifest(request: StackRequest, what: str, data: Mapping[str, str]) -> dict[str, Node]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": named(request, what), "namespace": namespace(request), "labels": labels(request, what)},
        "type": "Opaque",
        "stringData": dict(data),
    }


def _secrets(request: StackRequest) -> Iterator[tuple[str, dict[str, str], str]]:
    secrets = request.secrets
    keys = {"fernet-key": secrets[FERNET]}
    if settings.is_airflow3(request):
        keys |= {"api-secret-key": secrets[API_KEY], "jwt-secret": secrets[JWT]}
    else:
        keys["webserver-secret-key"] = secrets[WEB_KEY]
    yield "keys", keys, "keys that encrypt and sign"
    login = {"username": ADMIN, "password": secrets[PASSWORD]}
    if not settings.has_fab(request):
        login["login.json"] = json.dumps({ADMIN: secrets[PASSWORD]}) + "\n"
    yield "login", login, "the login"
    yield "identity", {name: secrets[name] for name in (IDENTITY, STACK_ID)}, "proves that this Airflow is ours"
    address = settings.database_address(request)
    yield "metadata", {"connection": address}, "address of the database"
    if not settings.is_external(request):
        yield "postgres", {"password": secrets[POSTGRES_PASSWORD]}, "password of the database"
    if settings.has_celery(request):
        yield "result-backend", {"connection": f"db+{address}"}, "where workers leave their results"
        password = secrets[REDIS_PASSWORD]
        yield "redis", {"password": password}, "password of the queue"
        broker = f"redis://:{password}@{named(request, 'redis')}:6379/0"
        yield "broker", {"connection": broker}, "address of the queue"
    if GIT_TOKEN in secrets:
        # The chart reads all four, and a pod does not start when one is missing.
        user, token = request.answers.text("git_user"), secrets[GIT_TOKEN]
        pairs = (("USERNAME", user), ("PASSWORD", token))
        both = {f"{prefix}_{key}": value for prefix in ("GIT_SYNC", "GITSYNC") for key, value in pairs}
        yield "git", both, "fetches the repository"
