"""Whose a release is: nothing of one is changed or removed that another one installed under the same name."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from airflow_wizard.artifacts.env_file import values_of
from airflow_wizard.artifacts.kube.secrets import ENV
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.engines.helm_record import is_ours
from airflow_wizard.engines.kube_api import ApiRefusedError
from airflow_wizard.errors import StepFailedError

if TYPE_CHECKING:
    from airflow_wizard.cluster import Release
    from airflow_wizard.engines.kube_api import KubeApi, Object


def somebody_elses(api: KubeApi, release: Release) -> str:
    """Why a release is not this stack's; empty where it is, where there is none, and where that may not be seen.

    A release is the stack's by the identity in its namespace; by Helm's own record where that was lost.
    """
    secrets = f"/api/v1/namespaces/{release.namespace}/secrets"
    try:
        records = api.items(secrets, labelSelector=f"owner=helm,name={release.name}")
        identity = api.find(f"{secrets}/{release.name}-identity") if records else None
    except ApiRefusedError:
        return ""
    what = f"release {release.name} in namespace {release.namespace}"
    if identity is not None:
        theirs, ours = _stack_id(identity), _own_id(release)
        if theirs and ours and theirs != ours:
            return f"{what} is of another stack of airflow-wizard, or of this one with the {ENV} it had before"
        return ""
    if not records or any(map(is_ours, records)):
        return ""
    return f"{what} was not installed by airflow-wizard"


def refuse_somebody_elses(api: KubeApi, release: Release) -> None:
    """Raises `StepFailedError` where `somebody_elses` has something to say."""
    if why := somebody_elses(api, release):
        raise StepFailedError(
            why,
            why="it would be changed, and later removed together with this stack",
            next=f"take another namespace or name: airflow-wizard destroy {release.name} leaves it alone; "
            f"then up with --name {release.name}-2. If it is this one's: put the {ENV} of then back",
        )


def _stack_id(identity: Object) -> str:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return base64.b64decode(identity["data"][STACK_ID]).decode()
    return ""


def _own_id(release: Release) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return values_of((Path(release.folder) / ENV).read_text(encoding="utf-8")).get(STACK_ID, "")
    return ""
