"""The containers of a project, of which only those are asked for again that changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.engines.container_facts import Container, Happening
    from airflow_wizard.engines.containers import Engine


# In place of state and health at a glance, for one that was not asked in full.
_IN_PART = ("", "")


class KnownContainers:
    """What the engine said, kept as long as it says the same at a glance and no event tells otherwise."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, str], Container]] = {}
        self._seen: Mapping[str, float] = {}

    def look(self, engine: Engine, project: str, happenings: tuple[Happening, ...]) -> tuple[Container, ...]:
        """All of them as they are now; ``happenings`` must have been heard without a gap since the last look.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        latest = {h.container: h for h in happenings}
        glance = engine.glance(project)
        stale = {id_ for id_, now in glance.items() if self._is_stale(id_, now, latest.get(id_))}
        # While the engine starts a container again, it answers no question about it for a second and more.
        held = {id_ for id_ in stale if glance[id_][0] == "restarting" and id_ in latest and self._is_whole(id_)}
        kept = {id_: known for id_, known in self._known.items() if id_ in glance and id_ not in stale}
        for id_ in held:
            kept[id_] = (_IN_PART, _ended(self._known[id_][1], latest[id_]))
        for container in engine.inspect(stale - held):
            kept[container.id] = (glance[container.id], container)
        self._known = kept
        self._seen = {id_: happening.time for id_, happening in latest.items()}
        return tuple(container for _, container in kept.values())

    def _is_stale(self, id_: str, now: tuple[str, str], last: Happening | None) -> bool:
        known = self._known.get(id_)
        return known is None or known[0] != now or (last is not None and last.time > self._seen.get(id_, 0.0))

    def _is_whole(self, id_: str) -> bool:
        """Whether all that is known of it came from the engine's full answer."""
        known = self._known.get(id_)
        return known is not None and known[0] != _IN_PART

    def all_of(self, engine: Engine, project: str) -> tuple[Container, ...]:
        """All of them, each asked for.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        self._known = {}
        return engine.project(project)


def _ended(container: Container, last: Happening) -> Container:
    """By its last event and the state at a glance; the rest is as it was."""
    died = last.action == "die"
    return replace(
        container,
        state="restarting",
        health="",
        pid=0,
        exit_code=last.exit_code if died else container.exit_code,
        finished=last.time if died else container.finished,
    )
