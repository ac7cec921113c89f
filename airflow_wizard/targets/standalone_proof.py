"""The steps that prove a stack without containers, and the smoke DAG they use. Pure."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import airflow_cfg, standalone
from airflow_wizard.artifacts.smoke_dag import SMOKE_PREFIX
from airflow_wizard.run import actions
from airflow_wizard.targets import proof

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest
    from airflow_wizard.run.step import Step


def endpoint(request: StackRequest) -> actions.Endpoint:
    """Where it answers, and what must beat there; a DAG processor inside the scheduler does not report."""
    beats = ("metadatabase", "scheduler", "triggerer")
    return actions.Endpoint(
        url=airflow_cfg.base_url(request),
        api=request.release.api,
        health_path=request.release.health_path,
        components=(*beats, "dag_processor") if standalone.has_dag_processor(request) else beats,
        secrets_file=str(PurePath(request.folder) / ".env"),
    )


def place_smoke_dag(request: StackRequest) -> Step:
    """Before the start, so that it is among the first files that are parsed."""
    return proof.place_smoke_dag(partial(_smoke, request), _remove(request))


def wait_steps(request: StackRequest) -> list[Step]:
    """Ours, beating, and open to the printed login."""
    return proof.wait_steps(endpoint(request), actions.Processes(request.folder), answers=12.0, beats=6.0)


def smoke_steps(request: StackRequest) -> list[Step]:
    """The DAGs folder is the one that is parsed, a task runs, its log is read back; then all of it goes."""
    return proof.smoke_steps(partial(_smoke, request), _remove(request), parse=3.0, run=6.0)


def _smoke(request: StackRequest, stage: str) -> actions.RunSmokeDag:
    return actions.RunSmokeDag(
        endpoint=endpoint(request),
        dags_folder=str(airflow_cfg.dags_folder(request)),
        dag_id=_smoke_id(request),
        airflow3=request.release.api == "v2",
        runtime=actions.Processes(request.folder),
        stage=stage,
    )


def _remove(request: StackRequest) -> actions.RemoveSmokeDag:
    dags = str(airflow_cfg.dags_folder(request))
    return actions.RemoveSmokeDag(endpoint(request), dags, _smoke_id(request), request.folder)


def _smoke_id(request: StackRequest) -> str:
    return SMOKE_PREFIX + request.secrets[standalone.STACK_ID].replace("-", "")[:8]
