"""Machines to compute defaults for, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.host.facts import Fact, HostFacts

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json

GIB = 1024**3


def machine(
    *,
    cpus: float = 4,
    memory: float = 16,
    quota: float | None = None,
    limit: float | None = None,
    pythons: tuple[str, ...] = ("3.11",),
    taken: tuple[int, ...] = (),
    engine: tuple[int, float] | None = None,
) -> HostFacts:
    """A machine; memory in GiB, ``taken`` ports between 8080 and 8090, ``engine`` as (cpus, GiB)."""
    ports: dict[str, Json] = {
        str(p): {"free": p not in taken, "address": "127.0.0.1", "pid": 4121, "command": "node", "ours": False}
        for p in range(8080, 8091)
    }
    values: dict[str, Json] = {
        "cpu": {"count": cpus, "quota": quota},
        "memory": {"total": memory * GIB, "available": memory * GIB / 2, "limit": limit and limit * GIB},
        "pythons": {"found": [{"version": v, "full": f"{v}.7", "path": f"/usr/bin/python{v}"} for v in pythons]},
        "ports": ports,
    }
    if engine is not None:
        values["docker"] = {"cpus": engine[0], "memory": engine[1] * GIB}
    return HostFacts({name: Fact(value, "test") for name, value in values.items()})


UNMEASURED = HostFacts()
_ODD: dict[str, Json] = {
    "cpu": {"count": "many", "quota": -1},
    "memory": None,
    "pythons": {"found": ["3.11", {"version": 3}, {"version": "3.12", "path": 5}, None]},
    "ports": {"8080": "free", "8081": {"free": "no"}},
}
BROKEN = HostFacts({name: Fact(value, "test") for name, value in _ODD.items()})
SMALL = machine(cpus=1, memory=2)
LAPTOP = machine(taken=(8080, 8081))
MANY_PYTHONS = machine(pythons=("3.9", "3.14", "3.13", "3.12"))
CONTAINER = machine(cpus=64, memory=256, quota=1.5, limit=3)
DOCKER_DESKTOP = machine(cpus=10, memory=32, engine=(2, 3.6))
ALL = {
    "unmeasured": UNMEASURED,
    "broken": BROKEN,
    "small": SMALL,
    "laptop": LAPTOP,
    "many-pythons": MANY_PYTHONS,
    "container": CONTAINER,
    "docker-desktop": DOCKER_DESKTOP,
}
