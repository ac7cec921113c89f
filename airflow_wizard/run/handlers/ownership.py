"""What of a Compose project is this stack's: another folder can have a project of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.compose_services import OWNER_LABEL, QUEUE
from airflow_wizard.engines.container_owner import elsewhere, made_in
from airflow_wizard.errors import StepFailedError
from airflow_wizard.text import one_line

if TYPE_CHECKING:
    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.engines.containers import Engine
    from airflow_wizard.run.actions import Containers, RemoveProject


def own(engine: Engine, runtime: Containers) -> tuple[Container, ...]:
    """The project's containers that were made in the stack's folder.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    return made_in(engine.project(runtime.project), runtime.folder)


def foreign(engine: Engine, runtime: Containers) -> str:
    """Where else containers of the project were made, in words; empty when nowhere.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    folders = elsewhere(engine.project(runtime.project), runtime.folder)
    return f"project {runtime.project} is in use by {one_line(folders[0])}" if folders else ""


def refuse_foreign(engine: Engine, runtime: Containers) -> None:
    """Compose knows a project by its name alone, and would take the other folder's containers for this stack's.

    Raises:
        StepFailedError: there are such containers.
        EngineUnreachableError: the engine does not answer.
    """
    what = foreign(engine, runtime)
    if what:
        raise StepFailedError(
            what,
            evidence=tuple(f"{c.name}: {c.state}, made in {c.folder}" for c in engine.project(runtime.project)),
            why="two stacks of one name would replace each other's containers and share one database",
            next=f"choose another name: --name NAME; or remove that one: "
            f"docker compose --project-name {runtime.project} down",
        )


def volumes(engine: Engine, action: RemoveProject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The project's volumes: this stack's, and those of others.

    The label decides; where the .env with the stack's id is lost, that its containers are there does.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    names = engine.volumes(action.runtime.project)
    if not names or foreign(engine, action.runtime):
        return (), names
    if own(engine, action.runtime):
        return names, ()
    mine = {name for name in names if (engine.volume_labels(name) or {}).get(OWNER_LABEL) == action.owner}
    # A queue has no label of its own; it goes where its database goes.
    if all(name in mine or name.endswith(QUEUE) for name in names):
        return names, ()
    return tuple(n for n in names if n in mine), tuple(n for n in names if n not in mine)
