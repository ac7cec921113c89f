"""From written files to a proven Airflow in containers: each step a command, or a call of the engine's API."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from airflow_wizard.artifacts import compose
from airflow_wizard.artifacts.airflow_cfg import base_url
from airflow_wizard.artifacts.compose_file import image, project, volume_name
from airflow_wizard.artifacts.compose_services import (
    INIT,
    INSIDE,
    OWNER_LABEL,
    dags_source,
    install_command,
    postgres_major,
    replicas,
    services,
)
from airflow_wizard.artifacts.compose_services import images as images_of
from airflow_wizard.artifacts.compose_settings import is_external
from airflow_wizard.artifacts.smoke_dag import SMOKE_PREFIX
from airflow_wizard.artifacts.standalone import STACK_ID
from airflow_wizard.run import actions
from airflow_wizard.run.step import Step
from airflow_wizard.targets import proof

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import StackRequest

_COMPOSE = ("docker", "compose")


def runtime(request: StackRequest) -> actions.Containers:
    """The Compose project that runs it."""
    several = tuple(replicas(request).items())
    return actions.Containers(request.folder, project(request), compose.units(request), several)


def endpoint(request: StackRequest) -> actions.Endpoint:
    """Where it answers, and what must beat there."""
    return actions.Endpoint(
        url=base_url(request),
        api=request.release.api,
        health_path=request.release.health_path,
        components=("metadatabase", "scheduler", "triggerer", "dag_processor"),
        secrets_file=str(PurePath(request.folder) / ".env"),
    )


def prepare_steps(request: StackRequest) -> list[Step]:
    """What is in the way is found before anything is started, and images are there before anything waits for them."""
    runs = runtime(request)
    names = tuple(f"{runs.project}-{service}-1" for service in runs.services)
    steps = [
        port_step(request),
        Step(
            "leftovers",
            "Look for what is in the way",
            actions.CheckLeftovers(runs, tuple(services(request)), names),
            usual=0.1,
        ),
    ]
    needed = images_of(request)
    pull = actions.PullImages(needed, request.folder)
    steps.append(Step("pull", "Bring the images", pull, (*_COMPOSE, "pull")))
    if install_command(request):
        build = actions.BuildImage(image(request), request.folder)
        steps.append(Step("build", "Build the image", build, (*_COMPOSE, "build"), usual=60.0))
    if not is_external(request):
        look = actions.CheckVolume(
            volume_name(request),
            postgres_major(request),
            f"postgres:{postgres_major(request)}",
            OWNER_LABEL,
            request.secrets[STACK_ID],
        )
        steps.append(Step("volume", "Look at the database's volume", look, usual=0.2))
    return steps


def port_step(request: StackRequest) -> Step:
    """The page's port is free, or this stack's."""
    bind, port = request.answers.text("bind"), request.answers.integer("port")
    return Step("port", "Look at the port", actions.CheckPublishedPort(project(request), bind, port))


def run_steps(request: StackRequest) -> list[Step]:
    """Database and login, then everything at once."""
    runs = runtime(request)
    return [
        Step(
            "init",
            "Create database and login",
            actions.RunInit(runs, INIT),
            (*_COMPOSE, "up", "--detach", INIT),
            usual=15.0,
            undo=actions.StopServices(runs),
        ),
        Step(
            "start",
            "Start Airflow",
            actions.StartServices(runs),
            (*_COMPOSE, "up", "--detach", "--remove-orphans"),
            usual=2.0,
            undo=actions.StopServices(runs),
        ),
    ]


def wait_steps(request: StackRequest) -> list[Step]:
    """Ours, beating, and open to the printed login."""
    return proof.wait_steps(endpoint(request), runtime(request), answers=15.0, beats=6.0)


def place_smoke_dag(request: StackRequest) -> Step:
    """Before the start, so that it is among the first files that are parsed."""
    return proof.place_smoke_dag(partial(_smoke, request), _remove(request))


def smoke_steps(request: StackRequest) -> list[Step]:
    """The DAGs folder is the one that is parsed, a task runs, its log is read back; then all of it goes."""
    return proof.smoke_steps(partial(_smoke, request), _remove(request), parse=5.0, run=8.0)


def host_dags_folder(request: StackRequest) -> str:
    """The folder on this machine that the DAGs are read from."""
    return str(PurePath(request.folder) / dags_source(request))


def _smoke(request: StackRequest, stage: str) -> actions.RunSmokeDag:
    return actions.RunSmokeDag(
        endpoint=endpoint(request),
        dags_folder=host_dags_folder(request),
        dag_id=_smoke_id(request),
        airflow3=request.release.api == "v2",
        runtime=runtime(request),
        stage=stage,
        seen_as=f"{INSIDE}/dags",
    )


def _remove(request: StackRequest) -> actions.RemoveSmokeDag:
    return actions.RemoveSmokeDag(endpoint(request), host_dags_folder(request), _smoke_id(request), request.folder)


def _smoke_id(request: StackRequest) -> str:
    return SMOKE_PREFIX + request.secrets[STACK_ID].replace("-", "")[:8]
