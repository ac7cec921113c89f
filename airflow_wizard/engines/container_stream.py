"""One container's log as it is written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from airflow_wizard.engines.container_logs import Answer
from airflow_wizard.engines.containers import Engine
from airflow_wizard.engines.log_stream import LogStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_wizard.engines.container_frames import Mark


class ContainerStream(LogStream):
    """Lines of one container; see `LogStream`.

    Args:
        container: its id.
        mark: where to begin.
        came: called from the reading thread when something is there to take.
        version: of the engine's API, where it is known.
    """

    def __init__(self, container: str, mark: Mark, came: Callable[[], None], version: str | None = None) -> None:
        self.container = container
        self._version = version
        super().__init__(mark, came)

    @contextlib.contextmanager
    def _open(self, since: float | None, *, follow: bool) -> Iterator[Answer]:
        version, self._version = self._version, None
        with (
            Engine(timeout=10.0, version=version) as engine,
            contextlib.closing(Answer(engine, self.container, since=since, tail=None, follow=follow)) as answer,
        ):
            # It need not be asked for again as long as it answers.
            self._version = engine.version
            yield answer
