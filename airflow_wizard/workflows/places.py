"""Where a stack is, what must be seen there, and what must never be shown of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_wizard.artifacts import compose_services
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.cluster import Release
from airflow_wizard.errors import InvalidError
from airflow_wizard.run.actions import Containers
from airflow_wizard.run.masks import Masker
from airflow_wizard.status.place import Place
from airflow_wizard.targets.registry import target
from airflow_wizard.workflows.planning import request_of
from airflow_wizard.workflows.secrets import read_secrets

if TYPE_CHECKING:
    from airflow_wizard.run.registry import StackRecord


def place_of(stack: StackRecord) -> Place:
    """Where a stack is and what must be seen there.

    Raises:
        StackStateError: the stack's folder cannot tell what it is.
    """
    request = request_of(stack)
    module = target(request.answers.target)
    endpoint = module.endpoint(request)
    runtime = module.runtime(request)
    more: dict[str, Any] = {}
    if isinstance(runtime, Containers):
        more = {
            "project": runtime.project,
            "order": tuple(compose_services.services(request)),
            "once": compose_services.INIT,
            "replicas": compose_services.replicas(request),
        }
    if isinstance(runtime, Release):
        more = {"release": runtime, "once": "init"}
    return Place(
        stack=stack.name,
        target=stack.target,
        folder=stack.folder,
        url=endpoint.url,
        asked=endpoint.asked,
        api=endpoint.api,
        health_path=endpoint.health_path,
        expected=module.units(request),
        beats=endpoint.components,
        secrets_file=endpoint.secrets_file,
        **more,
    )


def masker(stack: StackRecord) -> Masker:
    """Hides the stack's own secrets, and what looks like one."""
    try:
        values = read_secrets(Path(stack.folder))
    except InvalidError:
        # Without the file its values are not known; shapes of secrets are still hidden.
        values = {}
    return Masker(value for key, value in values.items() if key != STACK_ID)
