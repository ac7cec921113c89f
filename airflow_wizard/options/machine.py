"""What defaults read from the machine and from the answers given so far. Unknown facts never raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.catalog.load import newest, release
from airflow_wizard.errors import InvalidError
from airflow_wizard.options.model import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_wizard.catalog.model import AirflowRelease
    from airflow_wizard.host.facts import Json
    from airflow_wizard.options.model import Situation

GIB = 1024**3
# Their containers get what the engine has, which on Docker Desktop is a virtual machine and not the laptop.
ENGINE_TARGETS = frozenset({Target.COMPOSE, Target.KIND})
FIRST_PORT, LAST_PORT = 8080, 8090


def release_of(situation: Situation) -> AirflowRelease:
    """The release asked for; the newest while there is no usable answer (the bad one is refused by its own option)."""
    try:
        return release(situation.text("airflow_version"))
    except InvalidError:
        return newest()


def pythons_found(situation: Situation) -> tuple[tuple[str, str], ...]:
    """Interpreters seen on this machine as (minor version, path), newest first."""
    found = situation.facts.value("pythons", "found")
    if not isinstance(found, list):
        return ()
    seen = [
        (version, path if isinstance(path, str) else "")
        for entry in found
        if isinstance(entry, dict)
        and _can_run_airflow(entry)
        and isinstance(version := entry.get("version"), str)
        and isinstance(path := entry.get("path", ""), str | None)
    ]
    return tuple(sorted(seen, key=lambda pair: minor_key(pair[0]), reverse=True))


def _can_run_airflow(interpreter: Mapping[str, Json]) -> bool:
    """Airflow runs on CPython alone, and needs two modules that a self-built one may lack."""
    whole = all(interpreter.get(module) is not False for module in ("sqlite", "ssl"))
    return whole and interpreter.get("implementation", "CPython") == "CPython"


def minor_key(version: str) -> tuple[int, ...]:
    """A key that sorts ``3.9`` before ``3.10``."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def cpus(situation: Situation) -> float | None:
    """Processors Airflow can use: those of the engine where it runs in one, else a cgroup quota when it is smaller."""
    engine = situation.facts.number("docker", "cpus") if situation.target in ENGINE_TARGETS else None
    if engine:
        return engine
    known = [n for key in ("quota", "count") if (n := situation.facts.number("cpu", key)) is not None and n > 0]
    return min(known) if known else None


def memory(situation: Situation) -> float | None:
    """Bytes Airflow can use: those of the engine where it runs in one, else a cgroup limit when it is smaller."""
    engine = situation.facts.number("docker", "memory") if situation.target in ENGINE_TARGETS else None
    if engine:
        return engine
    known = [n for key in ("limit", "total") if (n := situation.facts.number("memory", key)) is not None and n > 0]
    return min(known) if known else None


def port_free(situation: Situation, port: int) -> bool | None:
    """Whether nobody, or only a stack of ours, listens there; None when it was not measured."""
    fact = situation.facts.value("ports", str(port))
    if not isinstance(fact, dict):
        return None
    free = fact.get("free")
    return free if isinstance(free, bool) else None


def port_holder(situation: Situation, port: int) -> str:
    """Who holds a port, as ``node (pid 4121)``; empty when unknown."""
    fact = situation.facts.value("ports", str(port))
    if not isinstance(fact, dict) or fact.get("free") is not False:
        return ""
    command, pid = fact.get("command"), fact.get("pid")
    name = command if isinstance(command, str) and command else "another program"
    return f"{name} (pid {pid})" if isinstance(pid, int) else name
