"""Containers of a test's own that the engine takes for a Compose project: they do what a script of one line says."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from airflow_wizard.status.place import Place
from tests.e2e.compose.engine import BROKER
from tests.e2e.wizard import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.compose.engine import Engine


class Project:
    """Containers that the engine takes for those of a Compose project."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = f"airflow-e2e-{secrets.token_hex(4)}"

    def start(self, service: str, script: str, *, number: int = 1, more: Sequence[str] = ()) -> str:
        """Start one, with ``more`` words for ``docker run``; returns its id."""
        labels = {"project": self.name, "service": service, "container-number": str(number), "oneoff": "False"}
        words = [word for key, value in labels.items() for word in ("--label", f"com.docker.compose.{key}={value}")]
        name = f"{self.name}-{service}-{number}"
        run = ("run", "--detach", "--name", name, "--restart", "unless-stopped", "--entrypoint", "bash")
        return self.engine.names(*run, *words, *more, BROKER, "-c", script)[-1]

    def end(self, container: str) -> None:
        """End the process in it, as an accident would: nobody told the engine."""
        # Whoever tells may be killed together with the container before it has said so.
        self.engine.docker("exec", container, "bash", "-c", "kill -TERM 1")

    def written(self, container: str) -> list[str]:
        """All that the engine has of a container's log."""
        return self.engine.names("logs", container)

    def place(self, *services: str) -> Place:
        """Where a feed looks. Nothing answers at the address."""
        url = f"http://127.0.0.1:{free_port()}"
        return Place("toy", "compose", "/nowhere", url, "v2", "/health", services, project=self.name, order=services)

    def remove(self) -> None:
        """All of it goes."""
        found = self.engine.names("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}")
        if found:
            self.engine.names("rm", "--force", "--volumes", *found)
