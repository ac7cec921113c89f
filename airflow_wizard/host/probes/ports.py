"""Ports: the ones asked for, who holds them, and free ones near by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_wizard.engines import ports
from airflow_wizard.host.probe import NEXT_PORTS, Ask, Probe, Seen

if TYPE_CHECKING:
    from airflow_wizard.host.facts import Json


def probe(ask: Ask) -> Seen:
    """``{"8080": {free, address, reason, pid, command, user, ours}, …}`` for each port asked for and the next ten.

    ``ours``: held by the very stack in the folder asked about, so a re-run has nothing to solve.
    """
    wanted = sorted({p for first in ask.ports for p in range(first, first + NEXT_PORTS + 1) if 0 < p < 65536})
    reasons = {port: ports.why_not_free(ask.bind, port) for port in wanted}
    taken = [port for port, reason in reasons.items() if reason == "in use"]
    # The table of connections costs a walk through every process, so it is read only when there is a question.
    holders = ports.holders(taken) if taken else {}
    result: dict[str, Json] = {}
    for port, reason in reasons.items():
        holder = holders.get(port)
        result[str(port)] = {
            "free": not reason,
            "address": ask.bind,
            "reason": reason,
            "pid": holder.pid if holder else None,
            "command": holder.command if holder else None,
            "user": holder.user if holder else None,
            "ours": bool(holder and holder.pid and ports.belongs_to(holder.pid, ask.folder.absolute())),
        }
    return {"ports": result}


PROBES = (Probe(("ports",), "bind and listen on each; psutil for who holds it", "the web address", 3.0, probe),)
