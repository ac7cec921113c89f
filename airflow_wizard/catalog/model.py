"""What exists in the world, as values: Airflow releases and what changed where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A release number; pre-releases are not supported by the catalogue."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class AirflowRelease:
    """One Airflow release and everything about it that another room needs to know.

    Attributes:
        version: the exact release.
        tested: this very patch was installed and proven by our tests.
        pythons: minor versions it supports, oldest first, for example ``("3.10", "3.11")``.
        postgres: major versions of PostgreSQL it supports.
        kubernetes: oldest and newest minor version of Kubernetes it was tested on by its makers.
        executors: names accepted by ``[core] executor``.
        components: long-running processes, in start order, by their ``airflow`` sub-command.
        api: ``v1`` or ``v2`` of the public REST API.
        health_path: path of the health endpoint.
        web_section: configuration section of host, port and base URL (``webserver`` or ``api``).
        auth: ``fab`` or ``simple``: the login a standalone stack uses.
        standalone: the wizard can run it without containers.
        compose: the wizard can run it by Docker Compose.
        pins: requirement specifiers that keep a newer dependency out when the constraints file is unreachable.
        note: what to tell about it (end of life), or empty.
    """

    version: Version
    tested: bool
    pythons: tuple[str, ...]
    postgres: tuple[int, ...]
    kubernetes: tuple[str, ...]
    executors: tuple[str, ...]
    components: tuple[str, ...]
    api: str
    health_path: str
    web_section: str
    auth: str
    standalone: bool
    compose: bool
    pins: tuple[str, ...]
    note: str

    @property
    def minor(self) -> str:
        """``3.3``."""
        return f"{self.version.major}.{self.version.minor}"


@dataclass(frozen=True, slots=True)
class ChartRelease:
    """One release of the official Helm chart.

    Attributes:
        version: the exact release.
        airflow: oldest and newest minor version of Airflow it runs, both included, for example ``((2, 11), (3, 3))``.
        helm: oldest Helm it can be installed with.
        compared: its values were held against the ones we write, key by key.
    """

    version: Version
    airflow: tuple[tuple[int, int], tuple[int, int]]
    helm: Version
    compared: bool


@dataclass(frozen=True, slots=True)
class NodeImage:
    """The image of a node of kind: which Kubernetes is in it, and its name with the digest."""

    kubernetes: Version
    image: str
