"""``config`` of the chart: the sections of airflow.cfg, only what differs, each with its reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow_wizard.artifacts.compose_settings import SIMPLE
from airflow_wizard.artifacts.kube import settings
from airflow_wizard.artifacts.kube.secrets import LOGIN_FILE
from airflow_wizard.artifacts.yaml_text import Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.artifacts.yaml_text import Node

_BACKENDS = "airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.session"


def config(request: StackRequest) -> dict[str, Node]:
    """Sections in the order of their first setting; the chart renders each value as a template."""
    found: dict[str, dict[str, Node]] = {}
    for section, key, value, why in _settings(request):
        found.setdefault(section, {})[key] = Why(value, why) if why else value
    return dict(found)


def _settings(request: StackRequest) -> Iterator[tuple[str, str, str, str]]:
    answers = request.answers
    yield "core", "parallelism", answers.text("parallelism"), "tasks at once"
    yield "core", "dags_are_paused_at_creation", str(answers.flag("dags_paused")), ""
    if answers.text("timezone") != "UTC":
        yield "core", "default_timezone", answers.text("timezone"), ""
    if settings.has_celery(request):
        yield "celery", "worker_concurrency", answers.text("worker_concurrency"), "tasks per worker"
    if settings.loses_logs(request):
        why = "a task's log goes with its pod: ended ones stay, and kubectl logs reads them"
        yield "kubernetes_executor", "delete_worker_pods", "False", why
    yield "usage_data_collection", "enabled", "False", "nothing is reported to anybody"
    yield from _three(request) if settings.is_airflow3(request) else _two(request)


def _three(request: StackRequest) -> Iterator[tuple[str, str, str, str]]:
    if not settings.has_fab(request):
        yield "core", "auth_manager", SIMPLE, "this image has no FAB provider; the login is in a file"
        yield "core", "simple_auth_manager_users", "admin:admin", "user:role, not a password"
        yield "core", "simple_auth_manager_passwords_file", LOGIN_FILE, ""
    base = settings.base_url(request)
    yield "api", "base_url", base, "links in pages and mails; the path that tasks report to follows from it"
    yield "api", "workers", request.answers.text("api_workers"), "each takes about 250 MB"
    yield "api", "instance_name", request.name, "shown in the page's head"
    # Without an issuer Airflow 3.0 signs tokens that its own library refuses.
    yield "api_auth", "jwt_issuer", "airflow", "who signs the tokens"
    if settings.smoke_by_map(request) and not settings.chart_from(request, 19):
        yield "dag_processor", "dag_bundle_config_list", json.dumps(settings.BUNDLES), "the second one is for the proof"
    yield "dag_processor", "refresh_interval", "10", "a new file shows within seconds, not minutes"


def _two(request: StackRequest) -> Iterator[tuple[str, str, str, str]]:
    yield "api", "auth_backends", _BACKENDS, "the REST API takes the login"
    yield "webserver", "base_url", settings.base_url(request), "links in pages and mails"
    yield "webserver", "workers", request.answers.text("api_workers"), "each takes about 200 MB"
    yield "webserver", "instance_name", request.name, "shown in the page's head"
    yield "scheduler", "dag_dir_list_interval", "10", "a new file shows within seconds, not minutes"


def base_path(request: StackRequest) -> str:
    """The path all pages are below; empty for none."""
    return urlsplit(settings.base_url(request)).path.rstrip("/")
