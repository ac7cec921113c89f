"""The machine's container engine, and what one test left on it."""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.wizard import Run, Wizard

AIRFLOWS = ("3.3.2", "3.0.6", "2.11.2")
DATABASES = ("postgres:16", "postgres:13")
BROKER = "redis:7.2-bookworm"
IMAGES = (*(f"apache/airflow:{version}" for version in AIRFLOWS), *DATABASES, BROKER)
_PROJECT = "com.docker.compose.project"


def _way_to_engine() -> dict[str, str]:
    """Which engine the person uses, and where the plugins of its client are: both would get lost with a new home."""
    found = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    return {"DOCKER_CONFIG": str(Path.home() / ".docker"), **found}


WAY = _way_to_engine()


@dataclass(frozen=True)
class Engine:
    """The engine that answers on this machine."""

    version: str

    @property
    def major(self) -> int:
        """26 of 26.1.5."""
        return int(self.version.split(".", 1)[0])

    def docker(self, *words: str, timeout: float = 120.0) -> Run:
        """A call of the command line to its end, whatever that is."""
        return docker(*words, timeout=timeout)

    def names(self, *words: str) -> list[str]:
        """The lines that a call answers with; raises when it fails."""
        done = self.docker(*words)
        assert done.code == 0, done.err
        return [line for line in done.out.splitlines() if line.strip()]


@dataclass
class ComposeWizard(Wizard):
    """A wizard whose stacks have names that nobody else uses: its own name, or names that begin with it."""

    name: str = field(default_factory=lambda: f"airflow-e2e-{secrets.token_hex(4)}")

    def up(self, *words: str, profile: str = "laptop-lite") -> tuple[str, ...]:
        """Words of a launch on this wizard's own port; `--name` of a second stack goes into the words."""
        named = () if "--name" in words else ("--name", self.name)
        return super().up(*named, *words, profile=profile)

    def owns(self, project: str) -> bool:
        """Whether a Compose project (or an image of one) is of this wizard's making."""
        return project == self.name or project.startswith((f"{self.name}-", f"{self.name}:"))


def docker(*words: str, timeout: float = 120.0) -> Run:
    """A call of the docker command line, with this machine's own engine."""
    env = {**os.environ, **WAY}
    done = subprocess.run(
        ["docker", *words],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def missing() -> tuple[Engine | None, str]:
    """The engine, or why the tests that need it cannot run, with the command that changes that."""
    bring = "a machine with Debian 12 gets it by: sudo bash .ci/engine.sh"
    try:
        version = docker("version", "--format", "{{.Server.Version}}", timeout=20)
    except FileNotFoundError:
        return None, f"no docker command here; {bring}"
    except subprocess.TimeoutExpired:
        return None, "the Docker engine did not answer within 20 s; see: docker version"
    if version.code != 0:
        return None, f"no Docker engine answers ({_last(version.err)}); start it, or {bring}"
    compose = docker("compose", "version", "--short", timeout=20)
    if compose.code != 0:
        return None, f"no Docker Compose here ({_last(compose.err)}); {bring}"
    absent = [image for image in IMAGES if docker("image", "inspect", image, timeout=20).code != 0]
    if absent:
        pull = " && ".join(f"docker pull {image}" for image in absent)
        return None, f"missing: {', '.join(absent)}; {pull}; or without a registry: bash .ci/images.sh"
    return Engine(version.out.strip()), ""


def remove_all(engine: Engine, wizard: ComposeWizard) -> None:
    """Everything on the engine that belongs to the wizard's projects; nothing else is touched."""
    label = f'{{{{.ID}}}}\t{{{{.Label "{_PROJECT}"}}}}'
    volume = f'{{{{.Name}}}}\t{{{{.Label "{_PROJECT}"}}}}'
    for kind, listing, removal in (
        ("container", ["ls", "-a", "--format", label], ["rm", "-f", "-v"]),
        ("volume", ["ls", "--format", volume], ["rm"]),
        ("network", ["ls", "--format", label], ["rm"]),
    ):
        rows = [row.split("\t") for row in engine.names(kind, *listing)]
        own = [row[0] for row in rows if len(row) == 2 and wizard.owns(row[1])]
        if own:
            engine.names(kind, *removal, *own)
    images = [name for name in engine.names("image", "ls", "--format", "{{.Repository}}:{{.Tag}}") if wizard.owns(name)]
    if images:
        engine.names("image", "rm", *images)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no word why"
