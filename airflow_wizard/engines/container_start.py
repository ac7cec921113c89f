"""Starting one container; each in a conversation of its own, so that several can be started side by side."""

from __future__ import annotations

from airflow_wizard.engines.containers import Engine

_SECONDS = 120.0


def start_container(container: str) -> str:
    """Start a container by its id. Returns why it could not be; empty when it was.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    from docker.errors import APIError

    with Engine(timeout=_SECONDS) as engine:
        try:
            engine.api.start(container)
        except APIError as error:
            return str(error.explanation or error)
    return ""
