"""Which stack is looked at, where it answers, and what should run there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.cluster import Release


@dataclass(frozen=True, slots=True)
class Place:
    """Which stack is looked at, and where.

    Attributes:
        stack: its name.
        target: its target.
        folder: absolute folder.
        url: base URL, without a trailing slash.
        api: ``v1`` or ``v2``.
        health_path: path of the health endpoint.
        expected: what keeps running, in order.
        beats: names in the health body that must have a heartbeat.
        project: name of the Compose project; empty where there is none.
        order: all services in the order of their file.
        once: the service that runs to its end before the others start; empty when there is none.
        replicas: how many of a service run, where it is not one.
        asked: where the wizard asks, where that is not what people open.
        secrets_file: absolute path of the file with login and identity token; empty for ``.env`` in the folder.
        release: what of a cluster is the stack's; None where there is no cluster.
    """

    stack: str
    target: str
    folder: str
    url: str
    api: str
    health_path: str
    expected: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    project: str = ""
    order: tuple[str, ...] = ()
    once: str = ""
    replicas: Mapping[str, int] = field(default_factory=dict)
    asked: str = ""
    secrets_file: str = ""
    release: Release | None = None
