"""What removing a Compose project takes away, in the engine's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.artifacts.compose_services import QUEUE
from airflow_wizard.engines.containers import Engine
from airflow_wizard.run.handlers.ownership import own, volumes

if TYPE_CHECKING:
    from airflow_wizard.run.actions import RemoveProject


def of_project(action: RemoveProject) -> list[tuple[str, int, str]]:
    """(name, bytes, what it is) of containers, volumes and images that are there now.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    project = action.runtime.project
    with Engine() as engine:
        containers = own(engine, action.runtime)
        written = engine.written(project)
        report = [(c.name, written.get(c.id, 0), f"container, {c.state}") for c in containers]
        mine = volumes(engine, action)[0] if action.volumes else ()
        sizes = engine.volume_sizes() if mine else {}
        report += [(n, sizes.get(n, 0), _what(n)) for n in mine]
        images = [(name, engine.image_size(name)) for name in action.images]
    return report + [(name, size, "image") for name, size in images if size is not None]


def _what(volume: str) -> str:
    return "volume: tasks that wait" if volume.endswith(QUEUE) else "volume: the database"
