"""The command palette: the same key table, found by words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Provider

from airflow_wizard.tui.keys import LOG, ROWS, table

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.command import Hits

_MOVES = {key.id for key in (*ROWS, *LOG)} | {"app.palette"}


class KeyCommands(Provider):
    """Everything the screen underneath can do now."""

    def _commands(self) -> list[tuple[str, partial[Coroutine[Any, Any, bool]]]]:
        found: dict[str, tuple[str, partial[Coroutine[Any, Any, bool]]]] = {}
        for active in self.screen.active_bindings.values():
            key = table().get(active.binding.id or "")
            if key is None or not active.enabled or key.id in _MOVES:
                continue
            run = partial(self.app.run_action, key.action, active.node)
            found.setdefault(key.action, (f"{key.label.capitalize()}: {key.tooltip}", run))
        order = {key.action: (key.id.startswith("app."), place) for place, key in enumerate(table().values())}
        return [found[action] for action in sorted(found, key=lambda action: order[action])]

    async def discover(self) -> Hits:
        """All of it, before anything is typed."""
        for name, run in self._commands():
            yield DiscoveryHit(name, run)

    async def search(self, query: str) -> Hits:
        """What has these letters."""
        matcher = self.matcher(query)
        for name, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run)
