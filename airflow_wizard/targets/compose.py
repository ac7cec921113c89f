"""Docker Compose on this machine."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow_wizard.artifacts import compose
from airflow_wizard.artifacts.airflow_cfg import base_url
from airflow_wizard.checks.docker import COMPOSE_LEAST, numbers
from airflow_wizard.checks.engine import MEMORY_COMFORT, MEMORY_LEAST
from airflow_wizard.errors import InvalidError, NotYetError
from airflow_wizard.options.model import Target
from airflow_wizard.run import actions
from airflow_wizard.targets.later import LaterTarget, engine_verdict
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.artifacts.model import Artifact, StackRequest
    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import HostFacts
    from airflow_wizard.profile.model import Answers
    from airflow_wizard.targets.model import Fit

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
# .env is read by Compose: these would be taken for a variable, a quotation or the end of the value.
_UNUSABLE_IN_ENV = "$\"'`\\# \t"
_UNUSABLE_IN_MOUNT = ":\n\r"


class Compose(LaterTarget):
    """See `LaterTarget`: its files can be written, the launch comes in a later version."""

    name = Target.COMPOSE
    title = "Docker Compose"
    minutes = 1.0
    memory = 2_100_000_000
    about = (
        "Airflow's components as containers on this machine, in one folder you can commit. "
        "Best for learning and for writing DAGs."
    )

    def fit(self, facts: HostFacts) -> Fit:
        """How well it fits this machine."""
        note = "This version checks the machine and writes the files; launching comes in a later one."
        return replace(super().fit(facts), about=f"{self.about} {note}")

    def judge(self, facts: HostFacts) -> tuple[Verdict, str]:
        """Needs an engine with 2 GB and Compose 2.14."""
        if blocked := engine_verdict(facts):
            return blocked
        version = numbers(facts.text("compose", "version"))
        if facts.text("compose", "kind") in ("none", "v1") or (version is not None and version < COMPOSE_LEAST):
            return Verdict.NEEDS, "Docker Compose 2.14 or newer"
        if version is None:
            return Verdict.UNKNOWN, "the version of Docker Compose could not be read"
        memory = facts.number("docker", "memory")
        if memory is not None and memory < MEMORY_LEAST:
            return Verdict.NEEDS, f"4 GB for the engine, which has {human_bytes(memory)}"
        if memory is not None and memory < MEMORY_COMFORT:
            return Verdict.FITS, f"tight: the engine has {human_bytes(memory)}, 4 GB are better"
        return Verdict.FITS, "about 1 minute, 2.1 to 4.2 GB"

    def secret_keys(self, answers: Answers, release: AirflowRelease) -> tuple[str, ...]:
        """Keys of .env."""
        external = answers.text("database") == "external"
        return compose.secret_keys(airflow3=release.api == "v2", external_database=external)

    def artifacts(self, request: StackRequest) -> tuple[Artifact, ...]:
        """Files of the stack.

        Raises:
            InvalidError: a folder or the database's address cannot be used from inside containers.
        """
        _refuse_folders(request)
        if request.answers.text("database") == "external":
            _refuse_address(request.answers.text("database_url"))
        return compose.artifacts(request)

    def endpoint(self, request: StackRequest) -> actions.Endpoint:
        """Where it answers, and what must beat there."""
        return actions.Endpoint(
            url=base_url(request),
            api=request.release.api,
            health_path=request.release.health_path,
            components=("metadatabase", "scheduler", "triggerer", "dag_processor"),
            secrets_file=str(PurePath(request.folder) / ".env"),
        )

    def units(self, request: StackRequest) -> tuple[str, ...]:
        """The services, by their names in docker-compose.yaml."""
        return compose.units(request)

    def _not_yet(self) -> NotYetError:
        return NotYetError(
            "target compose cannot be planned or launched yet, but its files can be written",
            why="they run without the wizard: docker compose up -d starts them, docker compose stop stops them, "
            "docker compose down --volumes removes them; this version itself launches only target standalone",
            next="airflow-wizard write --profile laptop-lite --out DIR, then: cd DIR && docker compose up -d",
        )


def _refuse_folders(request: StackRequest) -> None:
    for key in ("dags", "requirements"):
        path = request.answers.text(key)
        if any(character in path for character in _UNUSABLE_IN_MOUNT):
            raise InvalidError(
                f"{key}: the path {path!r} has a colon or a line break in it",
                why="a colon ends the path of a mount",
                next=f"choose another: --set {key}={shlex.quote(path.replace(':', '-'))}",
                key=key,
            )
    requirements = PurePosixPath(request.answers.text("requirements"))
    if ".." in requirements.parts:
        raise InvalidError(
            f"requirements: {requirements} leads out of the stack's folder",
            why="an image is built from one folder and what is below it",
            next="name the file by its absolute path: --set requirements=/path/requirements.txt",
            key="requirements",
        )


def _refuse_address(address: str) -> None:
    bad = next((character for character in _UNUSABLE_IN_ENV if character in address), "")
    if bad:
        raise InvalidError(
            f"database_url: has {bad!r} in it",
            why="Compose would not read it from .env as it stands",
            next=f"write it as %{ord(bad):02X}",
            key="database_url",
        )
    if urlsplit(address).hostname in _HERE:
        raise InvalidError(
            "database_url: names this machine as localhost",
            why="inside a container that is the container itself",
            next="name it host.docker.internal, and let PostgreSQL listen on Docker's network",
            key="database_url",
        )


TARGET = Compose()
