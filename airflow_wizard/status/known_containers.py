"""The containers of a project, of which only those are asked for again that changed."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_wizard.engines.container_facts import Container, Happening
    from airflow_wizard.engines.containers import Engine


# In place of state and health at a glance, for one that was not asked in full.
_IN_PART = ("", "")
# An event can be lost: so often everything is looked at together, and one of them is asked in full again.
LIST_SECONDS = 3.5


class KnownContainers:
    """What the engine said, kept until an event or a glance tells otherwise.

    One change costs one question: a container that changed is asked for alone; after an end, when more may be going
    on than its event says, all are looked at in one glance, and that one is asked in full at the next look.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, str], Container]] = {}
        self._asked: dict[str, float] = {}
        self._seen: Mapping[str, float] = {}
        self._listed = float("-inf")

    def look(
        self, engine: Engine, project: str, happenings: tuple[Happening, ...], *, afresh: bool = False
    ) -> tuple[Container, ...]:
        """All of them as they are now.

        Args:
            engine: who is asked.
            project: whose containers.
            happenings: heard without a gap since the last look, oldest first.
            afresh: there may have been a gap: nothing that was known is believed.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        if afresh:
            self._known, self._listed = {}, float("-inf")
        latest = {h.container: h for h in happenings}
        news = {id_: h for id_, h in latest.items() if h.time > self._seen.get(id_, 0.0)}
        ended = any(h.action == "die" for h in news.values())
        if ended or time.monotonic() - self._listed >= LIST_SECONDS:
            self._list(engine, project, news, happenings)
        else:
            self._change(engine, news)
        # Only when the engine answered; else the same news come again.
        self._seen = {id_: happening.time for id_, happening in latest.items()}
        return tuple(container for _, container in self._known.values())

    def _change(self, engine: Engine, news: Mapping[str, Happening]) -> None:
        """Those that something was told of, and those of which only a part is known."""
        gone = {id_ for id_, happening in news.items() if happening.action == "destroy"}
        wanted = {id_ for id_, (glance, _) in self._known.items() if glance == _IN_PART} | set(news)
        found = self._ask(engine, wanted - gone)
        for id_ in wanted:
            if id_ in found:
                container = found[id_]
                health = container.health if container.running else ""
                self._known[id_] = ((container.state, health), container)
            else:
                self._known.pop(id_, None)

    def _list(
        self, engine: Engine, project: str, news: Mapping[str, Happening], happenings: tuple[Happening, ...]
    ) -> None:
        glance = engine.glance(project)
        self._listed = time.monotonic()
        ended = {id_ for id_, happening in news.items() if happening.action == "die" and id_ in glance}
        # While the engine starts a container again, it answers no question about it for a second and more.
        held = {id_ for id_ in ended if glance[id_][0] in ("restarting", "exited") and self._is_whole(id_)}
        wanted = {id_ for id_, now in glance.items() if id_ in news or self._differs(id_, now)} - held
        if not wanted and not held:
            wanted = self._oldest(glance)
        kept = {id_: known for id_, known in self._known.items() if id_ in glance}
        for id_ in held:
            known = self._known[id_][1]
            ooms = (h.time for h in happenings if h.container == id_ and h.action == "oom")
            oom = max(ooms, default=0.0) > (known.started or 0.0)
            kept[id_] = (_IN_PART, _ended(known, news[id_], glance[id_][0], oom=oom))
        found = self._ask(engine, wanted)
        for id_ in wanted:
            if id_ in found:
                kept[id_] = (glance[id_], found[id_])
            else:
                kept.pop(id_, None)
        self._known = kept
        self._asked = {id_: at for id_, at in self._asked.items() if id_ in kept}

    def _ask(self, engine: Engine, ids: Iterable[str]) -> dict[str, Container]:
        found = {container.id: container for container in engine.inspect(ids)}
        self._asked |= dict.fromkeys(found, time.monotonic())
        return found

    def _oldest(self, ids: Iterable[str]) -> set[str]:
        """The one that was asked the longest ago, so that what no glance shows does not stay unseen."""
        oldest = min(ids, key=lambda id_: self._asked.get(id_, 0.0), default="")
        return {oldest} if oldest else set()

    def _differs(self, id_: str, now: tuple[str, str]) -> bool:
        known = self._known.get(id_)
        return known is None or known[0] != now

    def _is_whole(self, id_: str) -> bool:
        """Whether all that is known of it came from the engine's full answer."""
        known = self._known.get(id_)
        return known is not None and known[0] != _IN_PART

    def all_of(self, engine: Engine, project: str) -> tuple[Container, ...]:
        """All of them, each asked for: nobody tells of changes.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        return self.look(engine, project, (), afresh=True)


def _ended(container: Container, last: Happening, state: str, *, oom: bool) -> Container:
    """By its last event and the state at a glance; the rest is as it was."""
    return replace(
        container,
        state=state,
        health="",
        pid=0,
        exit_code=last.exit_code,
        finished=last.time,
        oom=oom and last.exit_code == 137,
    )
