"""Remove what a Compose project consists of: what this stack made of it, and nothing that another one made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines.containers import Engine
from airflow_wizard.errors import StepFailedError
from airflow_wizard.run.handlers.compose_cli import compose
from airflow_wizard.run.handlers.ownership import foreign, own, refuse_foreign, volumes
from airflow_wizard.run.handlers.services import by_name
from airflow_wizard.text import human_bytes, one_line

if TYPE_CHECKING:
    from airflow_wizard.run.actions import RemoveProject
    from airflow_wizard.run.context import RunContext


class RemoveProjectHandler:
    """Handler of `RemoveProject`."""

    def done(self, action: RemoveProject, context: RunContext) -> str:
        """Done when the engine has nothing of this stack (that is to be removed)."""
        del context
        with Engine() as engine:
            left = [c.name for c in own(engine, action.runtime)]
            mine, others = volumes(engine, action) if action.volumes else ((), ())
            left += [*mine, *(name for name in action.images if engine.image_size(name) is not None)]
            strangers = foreign(engine, action.runtime)
        if left:
            return ""
        if strangers:
            return f"nothing of this stack is there; left alone: {strangers}"
        return f"nothing is there{_kept(others)}"

    def do(self, action: RemoveProject, context: RunContext) -> str:
        """Remove containers and network, then what else was asked for, and see that they are gone."""
        project, before = action.runtime.project, 0
        mine: tuple[str, ...] = ()
        others: tuple[str, ...] = ()
        with Engine() as engine:
            containers = own(engine, action.runtime)
            if containers:
                refuse_foreign(engine, action.runtime)
            if action.volumes:
                mine, others = volumes(engine, action)
                sizes = engine.volume_sizes() if mine else {}
                before = sum(sizes.get(name, 0) for name in mine)
            strangers = foreign(engine, action.runtime)
        if not strangers:
            words = ["down", "--remove-orphans", *(["--volumes"] if action.volumes and not others else [])]
            # By the project's name alone, so that a damaged or missing compose file does not stand in the way.
            compose(context, action.runtime.folder, *by_name(project), *words)
        with Engine() as engine:
            for name in set(mine) & set(engine.volumes(project)):
                engine.remove_volume(name)
            left = [c.name for c in own(engine, action.runtime)]
            if left:
                raise StepFailedError(
                    f"{', '.join(left)} could not be removed",
                    why="the engine still has them",
                    next=f"docker rm --force {' '.join(left)}",
                )
            there = [name for name in action.images if engine.image_size(name) is not None]
            removed = [name for name in there if engine.remove_image(name)]
        told = [f"volume {name}" for name in mine] + [f"image {one_line(name)}" for name in removed]
        told += [f"kept image {one_line(name)}, which other containers use" for name in there if name not in removed]
        freed = f", {human_bytes(before)} of data" if before else ""
        what = f"left alone: {strangers}" if strangers else "containers and network"
        return what + "".join(f", {one}" for one in told) + freed + _kept(others)


def _kept(others: tuple[str, ...]) -> str:
    return "".join(f", kept volume {one_line(name)}, which another stack made" for name in others)
