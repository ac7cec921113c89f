"""Docker Compose on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.checks.docker import COMPOSE_LEAST, numbers
from airflow_wizard.checks.engine import MEMORY_COMFORT, MEMORY_LEAST
from airflow_wizard.options.model import Target
from airflow_wizard.targets.later import LaterTarget, engine_verdict
from airflow_wizard.targets.model import Verdict
from airflow_wizard.text import human_bytes

if TYPE_CHECKING:
    from airflow_wizard.host.facts import HostFacts


class Compose(LaterTarget):
    """See `LaterTarget`."""

    name = Target.COMPOSE
    title = "Docker Compose"
    minutes = 1.0
    memory = 2_100_000_000
    about = (
        "Airflow's components as containers on this machine, in one folder you can commit. "
        "Best for learning and for writing DAGs."
    )

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


TARGET = Compose()
