"""Ports: the ones asked for, who holds them, and free ones near by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines import kind, ports
from airflow_wizard.host.probe import NEXT_PORTS, Ask, Probe, Seen

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_wizard.engines.container_facts import Container
    from airflow_wizard.host.facts import Json

_PATIENCE = 2.0


def probe(ask: Ask) -> Seen:
    """``{"8080": {free, address, reason, pid, command, user, container, project, ours}, …}``: the ports, the next ten.

    ``ours``: held by the very stack in the folder asked about, so a re-run has nothing to solve. ``container`` and
    ``project``: who publishes it, where the process that holds it (docker-proxy) says nothing.
    """
    wanted = sorted({p for first in ask.ports for p in range(first, first + NEXT_PORTS + 1) if 0 < p < 65536})
    reasons = {port: ports.why_not_free(ask.bind, port) for port in wanted}
    taken = [port for port, reason in reasons.items() if reason == "in use"]
    # The table of connections costs a walk through every process, so it is read only when there is a question.
    holders = ports.holders(taken) if taken else {}
    # One of the ten that are only offered need not be explained.
    published = _published([port for port in taken if port in ask.ports])
    folder = ask.folder.absolute()
    result: dict[str, Json] = {}
    for port, reason in reasons.items():
        holder, container = holders.get(port), published.get(port)
        ours = bool(holder and holder.pid and ports.belongs_to(holder.pid, folder))
        result[str(port)] = {
            "free": not reason,
            "address": ask.bind,
            "reason": reason,
            "pid": holder.pid if holder else None,
            "command": holder.command if holder else None,
            "user": holder.user if holder else None,
            "container": container.name if container else None,
            "project": container.project if container else None,
            "ours": ours or (container is not None and _made_by(folder, container)),
        }
    return {"ports": result}


def _made_by(folder: Path, container: Container) -> bool:
    """Whether the stack in a folder made a container: by Compose, or as a node of its kind cluster."""
    return container.folder == str(folder) or bool(container.kind and container.kind == kind.noted_in(folder))


def _published(taken: list[int]) -> dict[int, Container]:
    """The container behind each port, where there is one and the engine can be asked."""
    if not taken:
        return {}
    from airflow_wizard.engines.containers import Engine
    from airflow_wizard.errors import EngineUnreachableError

    try:
        with Engine(timeout=_PATIENCE) as engine:
            found = {port: engine.publishing(port) for port in taken}
    except EngineUnreachableError:
        return {}
    return {port: containers[0] for port, containers in found.items() if containers}


PROBES = (
    Probe(("ports",), "bind and listen on each; psutil and the engine for who holds it", "the web address", 3.0, probe),
)
