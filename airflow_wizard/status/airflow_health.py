"""Airflow's health body as values. Names and nulls as Airflow 2.7 to 3.3 give them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from airflow_wizard.status.snapshot import AirflowHealth, ComponentHealth


def health_of(body: object, *, now: float | None = None) -> AirflowHealth | None:
    """The health body as values; None when it is not Airflow's. Ages are seconds at ``now`` (unix)."""
    if not isinstance(body, dict) or "metadatabase" not in body:
        return None
    moment = time.time() if now is None else now
    parts: dict[str, ComponentHealth | None] = {}
    for name in ("metadatabase", "scheduler", "triggerer", "dag_processor"):
        entry = body.get(name)
        if not isinstance(entry, dict):
            parts[name] = None
            continue
        stamp = entry.get(f"latest_{name}_heartbeat")
        parts[name] = ComponentHealth(str(entry.get("status") or "never ran"), _age(stamp, moment))
    return AirflowHealth(**parts)


def _age(stamp: object, now: float) -> float | None:
    if not isinstance(stamp, str):
        return None
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, now - moment.timestamp())
